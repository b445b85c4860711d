"""Line API widgets: a board draws its lines one by one when they are seen, however many there are.

`Board` is a list with a cursor and fixed head lines; `Page` shows ready lines. Both take all colours from the stylesheet (`.ink--…`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from reconcile_tui.tui.acting import Scrolls, Walks
from reconcile_tui.tui.actions import bindings
from reconcile_tui.tui.line import Line, Roles, paragraphs

ROLES = (
    "dim", "strong", "title", "head", "rule", "taken", "same", "differs", "alike", "typed", "empty", "result", "undecided", "good", "bad",
    "warn", "accent", "key", "mark", "cursor", "row", "cell", "bar", "track", "sandbox", "live", "tab", "here", "quiet",
)  # fmt: skip
"""What a piece of a line can mean; app.tcss says how each looks."""

INKS = {f"ink--{role}" for role in ROLES}
"""The component classes of every screen, for all that is painted on it: a set for each widget would take most of a screen's opening."""
MARGIN = 2
"""Blanks on both sides of what an empty list says."""
FAINT = frozenset({"dim", "same", "empty"})
LIT = frozenset({"cursor", "row"})
"""Grounds on which what is faint is made plainer."""


class Painted(Widget):
    """A widget that turns lines into strips with the inks of its screen."""

    def ink(self, roles: Roles) -> Style:
        """The style of some roles together, without the widget's own background."""
        return self.screen.get_component_rich_style(*(f"ink--{role}" for role in roles), partial=True)

    def paint(self, line: Line, width: int, *, over: Roles = ()) -> Strip:
        """A line as a strip, with an ellipsis where it is too long; `over` are roles that lie under all of it (the cursor)."""
        base = self.rich_style + self.ink(over) if over else self.rich_style
        ink = self._form if base.reverse else self._lit if not LIT.isdisjoint(over) else self.ink
        return line.cut(width).strip(width, base, ink, ascii=getattr(self.app, "ascii", False))

    def _lit(self, roles: Roles) -> Style:
        """The roles with what is faint made plainer: it has to be read on the cursor's ground too."""
        return self.ink(tuple("quiet" if role in FAINT else role for role in roles))

    def _form(self, roles: Roles) -> Style:
        """The roles without their colours: reversed, each colour would be a ground of its own and the line a patchwork."""
        style = self.ink(roles)
        return Style(bold=style.bold, underline=style.underline)


class Board(Walks, ScrollView, Painted, can_focus=True):
    """A virtual list. Subclasses give `count`, `draw` and, when they have head lines, `head_lines` and `draw_head`."""

    BINDINGS = bindings("list")
    under: ClassVar[str] = "cursor"  # the role that lies under the cursor's line
    head_lines = 0
    has_cursor = True

    @dataclass
    class Moved(Message):
        """The cursor stands on another line."""

        board: Board
        index: int

        @property
        def control(self) -> Board:
            """The board, for `@on(Board.Moved, "#id")`."""
            return self.board

    @dataclass
    class Chosen(Message):
        """A line was chosen with enter or a second click."""

        board: Board
        index: int

        @property
        def control(self) -> Board:
            """The board, for `@on(Board.Chosen, "#id")`."""
            return self.board

    @dataclass
    class Resized(Message):
        """The board has another size: who fills it may lay out anew."""

        board: Board

        @property
        def control(self) -> Board:
            """The board, for `@on(Board.Resized, "#id")`."""
            return self.board

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Begin with an empty list."""
        super().__init__(id=id, classes=classes)
        self.count = 0
        self.cursor = 0
        self.empty = ""  # what an empty list says: why it is empty, and what to do
        self._strips: dict[tuple[int, int], Strip] = {}

    # -- what subclasses draw

    def draw(self, index: int, width: int) -> Line:
        """One line of the list."""
        raise NotImplementedError

    def draw_head(self, y: int, width: int) -> Line:
        """One of the fixed lines on top."""
        return Line()

    def over(self, index: int) -> Roles:
        """Roles under a whole line: the cursor's by default."""
        if not self.has_cursor or index != self.cursor:
            return ()
        return (self.under,) if self.has_focus else ("here",)

    # -- the list

    @property
    def body_height(self) -> int:
        """Lines of the list that are seen at once."""
        return max(1, self.scrollable_content_region.height - self.head_lines)

    def set_count(self, count: int, *, cursor: int | None = None) -> None:
        """Show another number of lines; everything is drawn anew."""
        self.count = count
        self.cursor = max(0, min(count - 1, self.cursor if cursor is None else cursor))
        self.virtual_size = Size(0, count + self.head_lines)
        self.redraw()
        self.call_after_refresh(self.show_cursor)

    def redraw(self) -> None:
        """Draw everything anew."""
        self._strips.clear()
        self.refresh()

    def redraw_line(self, index: int) -> None:
        """Draw one line anew, where it is seen."""
        width = self.scrollable_content_region.width
        self._strips.pop((index, width), None)
        y = index - round(self.scroll_y)
        if 0 <= y < self.body_height:
            self.refresh(Region(0, y + self.head_lines, self.size.width, 1))

    def move(self, index: int) -> None:
        """Put the cursor on a line and bring it into sight."""
        index = max(0, min(self.count - 1, index))
        if index == self.cursor or not self.count:
            return
        before, self.cursor = self.cursor, index
        self.redraw_line(before)
        self.redraw_line(index)
        self.show_cursor()
        self.post_message(self.Moved(self, index))

    def show_cursor(self) -> None:
        """Scroll just so far that the cursor is seen."""
        top = round(self.scroll_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + self.body_height:
            self.scroll_to(y=self.cursor - self.body_height + 1, animate=False, force=True)

    def choose(self) -> None:
        """Say that the line under the cursor was chosen."""
        if self.count:
            self.post_message(self.Chosen(self, self.cursor))

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """A line of the screen: head lines stay, the rest scrolls."""
        width = self.scrollable_content_region.width
        if y < self.head_lines:
            return self.paint(self.draw_head(y, width), width, over=("head",))
        index = y - self.head_lines + round(self.scroll_y)
        if not 0 <= index < self.count:
            said = paragraphs(self.empty, width - 2 * MARGIN, indent=MARGIN) if self.empty and not self.count else []
            return self.paint(said[index], width) if index < len(said) else Strip.blank(width, self.rich_style)
        strip = self._strips.get((index, width))
        if strip is None:
            if len(self._strips) > 4096:
                self._strips.clear()
            strip = self._strips[index, width] = self.paint(self.draw(index, width), width, over=self.over(index))
        return strip

    def notify_style_update(self) -> None:
        """Forget lines drawn in the old colours."""
        super().notify_style_update()
        self._strips.clear()

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self.redraw()

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self.redraw()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._strips.clear()
        self.show_cursor()
        self.post_message(self.Resized(self))

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor there; a click on the cursor chooses."""
        index = event.y - self.head_lines + round(self.scroll_y)
        if event.y < self.head_lines or not 0 <= index < self.count:
            return
        if index == self.cursor and event.chain > 1:
            self.choose()
        self.move(index)


class Page(Scrolls, Board):
    """Ready lines to read; scrolls when they don't fit."""

    BINDINGS = bindings("page")
    has_cursor = False

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None, classes: str | None = None) -> None:
        """Begin with some lines."""
        super().__init__(id=id, classes=classes)
        self.lines: list[Line] = list(lines)
        self.count = len(self.lines)
        self.virtual_size = Size(0, self.count)

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines, from the top if there are fewer than before."""
        if [line.parts for line in lines] == [line.parts for line in self.lines]:
            return
        self.lines = list(lines)
        if self.styles.height is not None and self.styles.height.is_auto and len(lines) != self.count:
            self.refresh(layout=True)
        self.count = len(self.lines)
        self.virtual_size = Size(0, self.count)
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are, where the stylesheet says `height: auto`."""
        return max(1, len(self.lines))

    def draw(self, index: int, width: int) -> Line:
        """One of the ready lines."""
        return self.lines[index]

    def move(self, index: int) -> None:
        """There is no cursor to move."""

    def show_cursor(self) -> None:
        """There is no cursor to bring into sight."""


class Stripe(Painted):
    """One fixed line of a screen: a heading, a footer."""

    def __init__(self, line: Line | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        """Begin with a line."""
        super().__init__(id=id, classes=classes)
        self.line = line or Line()

    def show(self, line: Line) -> None:
        """Show another line."""
        if line.parts != self.line.parts:
            self.line = line
            self.refresh()

    def draw(self, width: int) -> Line:
        """The line for this width."""
        return self.line

    def render_line(self, y: int) -> Strip:
        """The line, or blanks below it."""
        width = self.size.width
        return self.paint(self.draw(width), width) if y == 0 else Strip.blank(width, self.rich_style)
