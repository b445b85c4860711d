"""Copying: to the terminal (OSC 52, also through ssh) and to the local clipboard where there is one."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

_COMMANDS = (("wl-copy",), ("xclip", "-selection", "clipboard"), ("xsel", "-ib"), ("pbcopy",), ("clip.exe",))
LARGEST = 74_000
"""Characters that terminals accept through OSC 52 (xterm: 100 kB of base64)."""


def copy(app: App[Any], text: str) -> str:
    """Copy raw text and say which way it went."""
    ways = []
    if len(text) <= LARGEST:
        app.copy_to_clipboard(text)
        ways.append("terminal clipboard (OSC 52)")
    if _locally(text):
        ways.append("local clipboard")
    return f"Copied {len(text):,} characters: {' and '.join(ways)}" if ways else "Too long for the terminal's clipboard."


def _locally(text: str) -> bool:
    for command in _COMMANDS:
        if shutil.which(command[0]):
            try:
                subprocess.run(command, input=text.encode(), check=True, timeout=1, capture_output=True)  # noqa: S603 (a fixed list)
            except (OSError, subprocess.SubprocessError, UnicodeEncodeError):
                continue
            return True
    return False
