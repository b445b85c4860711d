"""What surrounds every screen: the tabs on top, a status line, the message line and the keys at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.strip import Strip

from reconcile_tui.tui.actions import REGISTRY, SCREENS, shown_key
from reconcile_tui.tui.board import Painted, Stripe
from reconcile_tui.tui.glyphs import DOT
from reconcile_tui.tui.keymap import live_keys
from reconcile_tui.tui.line import Line

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp

WIDE = 116
FOOTER_KEYS = 8


class Nav(Stripe):
    """The screens with their function keys, and what is worked on."""

    app: ReconcileApp

    def draw(self, width: int) -> Line:
        """Names and keys; on a narrow terminal the digits alone stand for F1..F9."""
        current = self.app.current_mode
        self._ends: list[tuple[int, str]] = []
        wide = width >= WIDE
        line = Line(" reconcile ", "strong") if wide else Line()
        for number, (name, title) in enumerate(SCREENS, 1):
            here = name == current or (current == "opening" and name == "home")
            key = f" F{number} " if wide else f" {number}"
            if here:
                line.add(f"{key}{title}{' ' if wide else ''}", "tab")
            else:
                line.add(key, "dim").add(f"{title}{' ' if wide else ''}")
            self._ends.append((line.width, name))
        return line.right(self.app.badge(wide), width)

    def on_click(self, event: events.Click) -> None:
        """A click on a name opens that screen."""
        name = next((name for end, name in self._ends if event.x < end), "")
        if name:
            self.app.action_act(f"app.{name}")


class Status(Stripe):
    """What this screen is about, in one line."""


class Told(Stripe):
    """The last message on the left, work that runs on the right."""

    app: ReconcileApp

    def draw(self, width: int) -> Line:
        """Message and progress; progress wins where both don't fit."""
        work = self.app.work_line(width)
        line = Line(" ").join(self.app.message)
        if work.width and line.width + work.width + 2 > width:
            return Line(" ").join(work)
        return line.right(work, width - 1)


class Footer(Stripe):
    """At most eight keys for where the focus is, and `?`."""

    app: ReconcileApp

    def on_mount(self) -> None:
        """Follow the focus and remapped keys."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def draw(self, width: int) -> Line:
        """As many keys as fit, `?` always."""
        line = Line(" ")
        self._ends: list[tuple[int, str]] = []
        last = self._key("app.help")
        for action_id in self._ordered():
            piece = self._key(action_id)
            if line.width + piece.width + last.width > width or len(self._ends) == FOOTER_KEYS - 1:
                break
            line.join(piece)
            self._ends.append((line.width, action_id))
        line.join(last)
        self._ends.append((line.width, "app.help"))
        return line

    def _ordered(self) -> list[str]:
        self._keys = live_keys(self.screen)
        wanted = [action for action in REGISTRY.values() if action.footer and action.id in self._keys and action.id != "app.help"]
        return [action.id for action in sorted(wanted, key=lambda action: action.footer)]

    def _key(self, action_id: str) -> Line:
        action = REGISTRY[action_id]
        keys = getattr(self, "_keys", {})
        return Line(shown_key(keys.get(action_id, action.keys.split(",")[0])), "key").add(f" {action.short}   ", "dim")

    def on_click(self, event: events.Click) -> None:
        """A click on a key does what the key does."""
        action_id = next((action for end, action in self._ends if event.x < end), "")
        if action_id:
            self.screen.act(action_id)  # type: ignore[attr-defined]


class TooSmall(Painted):
    """Shown instead of anything else when the terminal is too small to work in."""

    def render_line(self, y: int) -> Strip:
        """Two sentences in the middle."""
        width, height = self.size
        texts = {
            height // 2 - 1: "The screens need 60 x 16.",
            height // 2: f"This terminal has {self.app.size.width} x {self.app.size.height}.",
        }
        text = texts.get(y, "")
        return self.paint(Line().to(max(0, (width - len(text)) // 2)).add(text), width)


def separator(width: int, title: str = "", right: str = "") -> Line:
    """A thin rule with a title."""
    line = Line()
    if title:
        line.add(title, "head").add(" ")
    end = Line(f" {right}", "dim") if right else Line()
    return line.add("─" * max(0, width - line.width - end.width), "rule").join(end)


def facts(*parts: str) -> str:
    """Short facts in a row."""
    return f" {DOT} ".join(part for part in parts if part)
