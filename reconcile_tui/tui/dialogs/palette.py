"""The command palette: every action by name, and groups, records, fields and findings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from reconcile_tui.tui.actions import ACTIONS, SCREENS, shown_key
from reconcile_tui.tui.dialogs.finder import Finder, Hit
from reconcile_tui.tui.keymap import live_keys
from reconcile_tui.tui.things import Thing, things

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp
    from reconcile_tui.tui.screens.base import WorkScreen


class Palette(Finder):
    """What can be done on the screen under the dialog, and everything one can go to."""

    def __init__(self, screen: WorkScreen, *, things_only: bool = False) -> None:
        """With `things_only` no actions are offered."""
        title, hint = ("Go to", "a name, an e-mail, an id") if things_only else ("Palette", "a name, an e-mail, an id, or what to do")
        super().__init__(title, hint, things, partial(open_thing, screen.app))
        self.under = screen
        self.things_only = things_only

    def at_once(self, text: str) -> list[Hit]:
        """Actions whose words fit."""
        if self.things_only:
            return []
        active = live_keys(self.under)
        words = text.lower().split()
        return [
            Hit("screen" if a.name in dict(SCREENS) else "action", a.long, shown_key(active[a.id]), partial(self.under.act, a.id))
            for a in ACTIONS
            if a.palette and a.id in active and all(word in f"{a.long} {a.id}".lower() for word in words)
        ]


def open_thing(app: ReconcileApp, thing: Thing) -> None:
    """Go where a thing is shown."""
    match thing.kind:
        case "group":
            app.open_group(thing.id)
        case "record" if thing.group:
            app.open_group(thing.group)
        case "record":
            app.open_on("records", "show_record", thing.id)
        case "finding":
            app.open_on("findings", "show_check", thing.id)
        case _:
            app.open_on("review", "filter_by", f"field:{thing.id}")
