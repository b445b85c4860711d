"""All keys of a screen, as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile_tui.tui.actions import ACTIONS, PLACES, shown_key
from reconcile_tui.tui.dialogs.notice import Reader
from reconcile_tui.tui.keymap import all_live_keys
from reconcile_tui.tui.line import Line, paragraphs

if TYPE_CHECKING:
    from reconcile_tui.tui.screens.base import WorkScreen

SIGNS = (
    ("●", "taken", "the value RESULT takes"),
    ("=", "same", "same as RESULT"),
    ("≠", "differs", "differs; ‹ › enclose what differs"),
    ("≈", "alike", "differs only in case or spacing"),
    ("∅", "empty", "empty"),
    ("✎", "typed", "typed by a person"),
    ("⌀", "empty", "this field is not mapped there"),
    ("★", "strong", "survivor: the record that stays in its system"),
    ("▲", "warn", "the sync would overwrite this field"),
)


class Help(Reader):
    """Keys by place, then the signs."""

    def __init__(self, screen: WorkScreen) -> None:
        """Read the live bindings of the screen under the dialog."""
        self.under = screen
        self.live = all_live_keys(screen)
        super().__init__("Keys of this screen", self._lines)

    def _lines(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for place, title in PLACES.items():
            actions = [a for a in ACTIONS if a.place == place and a.id in self.live and not a.id.startswith("group.take_")]
            actions += [a for a in ACTIONS if a.id == "group.take_1" and a.id in self.live and place == "group"]
            if not actions or place == "app":
                continue
            lines += [Line(title, "title"), *(line for a in actions for line in self._line(a.id, a.long, width)), Line()]
        lines += [Line("Everywhere", "title")]
        lines += [line for a in ACTIONS if a.place == "app" for line in self._line(a.id, a.long, width)]
        lines += [Line(), Line("Signs", "title")]
        lines += [Line("  ").add(sign, role).to(22).add(text) for sign, role, text in SIGNS]
        lines += [Line(), *paragraphs('Keys can be changed: keys.toml in the workspace folder, e.g.  "group.accept" = "a"', width, "dim")]
        return lines

    def _line(self, action_id: str, text: str, width: int) -> list[Line]:
        keys = " ".join(shown_key(key) for key in self.live.get(action_id, []))
        if action_id == "group.take_1":
            keys, text = "1 … 9", "Take this field from that record"
        head, *rest = paragraphs(text, width - 22)
        named = Line("  ").add(keys, "key")
        first = [named.to(22).join(head)] if named.width < 22 else [named, Line().to(22).join(head)]
        return [*first, *(Line().to(22).join(line) for line in rest)]
