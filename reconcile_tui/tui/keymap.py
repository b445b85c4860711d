"""Remapped keys: `keys.toml` in the workspace folder, or in the user's configuration folder, by action id."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.tui.actions import ACTIONS, REGISTRY

if TYPE_CHECKING:
    from textual.screen import Screen

FILE = "keys.toml"


def load(folder: Path) -> tuple[dict[str, str], str]:
    """Remapped keys, and a sentence when the file can't be used. Unknown ids are named, with the nearest one."""
    import platformdirs

    for path in (folder / FILE, platformdirs.user_config_path("reconcile-tui") / FILE):
        if path.exists():
            return _read(path)
    return {}, ""


def _read(path: Path) -> tuple[dict[str, str], str]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, f"{path.name} can't be used: {error}. The usual keys hold."
    entries = data.get("keys", data)
    keymap = {name: keys for name, keys in entries.items() if name in REGISTRY and isinstance(keys, str)}
    unknown = [name for name in entries if name not in REGISTRY]
    return keymap, _nearest(path.name, unknown[0]) if unknown else ""


def _nearest(file: str, name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, REGISTRY, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{file}: there is no action {name}.{hint}"


def all_live_keys(screen: Screen[Any]) -> dict[str, list[str]]:
    """Every key of each action that can be pressed on a screen now."""
    live: dict[str, list[str]] = {}
    for key, entry in screen.active_bindings.items():
        if entry.binding.id in REGISTRY:
            live.setdefault(str(entry.binding.id), []).append(key)
    for action in (action for action in ACTIONS if action.place == "app" and action.id not in live):
        if any(key in screen.active_bindings and screen.active_bindings[key].binding.id is None for key in action.keys.split(",")):
            live[action.id] = action.keys.split(",")  # a key of Textual's own stands before it, and gives way when it has nothing to do
    return live


def live_keys(screen: Screen[Any]) -> dict[str, str]:
    """The key of each action that can be pressed on a screen now: the first of its usual ones that is live, else what it was moved to."""
    return {
        id_: next((key for key in REGISTRY[id_].keys.split(",") if key in keys), keys[0]) for id_, keys in all_live_keys(screen).items()
    }
