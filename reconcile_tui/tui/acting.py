"""Carrying out actions: one way from a key, the palette or a click to the method, with the reason when it can't be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconcile_tui.tui.actions import REGISTRY

if TYPE_CHECKING:
    from textual.app import App

NEEDS: dict[str, str] = {
    "writable": "This workspace is open for reading only; another reconcile-tui works on it.",
    "idle": "Work is running. Wait for it, or stop it with ctrl+c.",
    "pulled": "Nothing is pulled yet. Pull both systems first (ctrl+l).",
    "queued": "The queue is empty. Match first (ctrl+n), or drop the filter (backspace).",
    "group": "No group is open.",
    "cell": "The cursor is on RESULT. ← → move to a record, then space takes it.",
    "record": "The cursor is on RESULT. ← → move to a record first.",
    "planned": "There is no plan yet. Make one (m).",
    "ran": "Nothing was applied yet. Make a plan (F7) and apply it there.",
}
"""What an action can need, and what is said when it is not so. `holds_<need>` of a node or the app answers."""


class Acting:
    """A node that carries out actions: a widget, a screen, the app."""

    app: App[Any]
    acts: frozenset[str] = frozenset()  # the places whose actions this node carries out

    def action_act(self, action_id: str) -> None:
        """Do it, or say why not."""
        if reason := self.why_not(action_id):
            self.app.tell(reason, kind="why")  # type: ignore[attr-defined]
            return
        self.carry_out(REGISTRY[action_id].name)

    def carry_out(self, name: str) -> None:
        """Call the method of an action; a number at its end is the argument (`take_3`)."""
        stem, _, number = name.rpartition("_")
        if number.isdigit():
            getattr(self, f"do_{stem}")(int(number))
        else:
            getattr(self, f"do_{name}")()

    def why_not(self, action_id: str) -> str:
        """Why an action can't be done now; empty when it can."""
        for need in REGISTRY[action_id].needs:
            answer = getattr(self, f"holds_{need}", None) or getattr(self.app, f"holds_{need}", None)
            if answer is not None and not answer():
                return NEEDS[need]
        return ""


class Walks(Acting):
    """The cursor keys of a list."""

    acts = frozenset({"list"})

    def do_down(self) -> None:
        """Next line."""
        self.move(self.cursor + 1)  # type: ignore[attr-defined]

    def do_up(self) -> None:
        """Line before."""
        self.move(self.cursor - 1)  # type: ignore[attr-defined]

    def do_page_down(self) -> None:
        """A page down."""
        self.move(self.cursor + self.body_height)  # type: ignore[attr-defined]

    def do_page_up(self) -> None:
        """A page up."""
        self.move(self.cursor - self.body_height)  # type: ignore[attr-defined]

    def do_top(self) -> None:
        """First line."""
        self.move(0)  # type: ignore[attr-defined]

    def do_bottom(self) -> None:
        """Last line."""
        self.move(self.count - 1)  # type: ignore[attr-defined]


class Scrolls(Acting):
    """The cursor keys of a page of text."""

    acts = frozenset({"page"})

    def do_down(self) -> None:
        """Scroll down."""
        self.scroll_relative(y=1, animate=False)  # type: ignore[attr-defined]

    def do_up(self) -> None:
        """Scroll up."""
        self.scroll_relative(y=-1, animate=False)  # type: ignore[attr-defined]

    def do_page_down(self) -> None:
        """A page down."""
        self.scroll_page_down(animate=False)  # type: ignore[attr-defined]

    def do_page_up(self) -> None:
        """A page up."""
        self.scroll_page_up(animate=False)  # type: ignore[attr-defined]

    def do_top(self) -> None:
        """To the top."""
        self.scroll_home(animate=False)  # type: ignore[attr-defined]

    def do_bottom(self) -> None:
        """To the end."""
        self.scroll_end(animate=False)  # type: ignore[attr-defined]
