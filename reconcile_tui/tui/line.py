"""A line of a screen as text with roles, and the one place where it becomes something a terminal gets.

Everything shown passes `Line`: `add` for the product's own words, `value` for what came from a CRM. Both make the text inert with
`safe_text`; nothing is ever parsed as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Self

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from reconcile_tui.display import LONGEST as SHOWN
from reconcile_tui.display import safe_text
from reconcile_tui.tui.glyphs import ASCII, MORE

Roles = tuple[str, ...]
STACKED = 8
"""Characters a line considers for each of its cells: combining marks take none, a megabyte must not be measured."""
LONGEST = 1000
"""Characters of one value a line considers; the details panel shows more."""


@lru_cache(maxsize=1 << 14)
def fit(text: str, cells: int) -> str:
    """The text padded or cut (with an ellipsis) to exactly so many terminal cells."""
    if cells <= 0:
        return ""
    width = cell_len(text)
    if width <= cells:
        return text + " " * (cells - width)
    return set_cell_size(text, cells - 1) + MORE


def flat(value: object, *, longest: int = LONGEST) -> str:
    """A CRM value as inert text on one line."""
    return safe_text(value, longest=longest)


class Line:
    """Pieces of text with roles, from left to right."""

    __slots__ = ("parts", "width")

    def __init__(self, text: str = "", *roles: str) -> None:
        """Start empty, or with a first piece."""
        self.parts: list[tuple[str, Roles, bool]] = []
        self.width = 0
        if text:
            self.add(text, *roles)

    def add(self, text: str, *roles: str) -> Self:
        """Append the product's own words."""
        return self._append(safe_text(text), roles, True)

    def value(self, value: object, *roles: str, longest: int = LONGEST) -> Self:
        """Append what came from a CRM."""
        return self._append(flat(value, longest=longest), roles, False)

    def cell(self, value: object, cells: int, *roles: str, right: bool = False, own: bool = False) -> Self:
        """Append text in a column of so many cells."""
        text = flat(value)
        width = cell_len(text)
        fitted = " " * (cells - width) + text if right and width < cells else fit(text, cells)
        return self._append(fitted, roles, own)

    def label(self, text: str, cells: int, *roles: str, right: bool = False) -> Self:
        """Append the product's own words in a column of so many cells."""
        return self.cell(text, cells, *roles, right=right, own=True)

    def to(self, column: int, *roles: str) -> Self:
        """Fill with blanks up to a column."""
        if column > self.width:
            self._append(" " * (column - self.width), roles, True)
        return self

    def right(self, other: Line, column: int) -> Self:
        """Let another line end at a column, where there is room for it."""
        if self.width + other.width < column:
            self.to(column - other.width).join(other)
        return self

    def cut(self, cells: int) -> Line:
        """The line itself where it fits, else as much of it as does, with an ellipsis at its end."""
        if self.width <= cells or cell_len(self.plain.rstrip()) <= cells:
            return self
        line = Line()
        for text, roles, own in self.parts:
            room = cells - line.width
            if cell_len(text) >= room:  # something follows, or this piece is too long: either way the ellipsis stands here
                return line._append(set_cell_size(text, room - 1) + MORE if room > 0 else "", roles, own)
            line._append(text, roles, own)
        return line

    def join(self, other: Line) -> Self:
        """Append another line's pieces."""
        self.parts.extend(other.parts)
        self.width += other.width
        return self

    def _append(self, text: str, roles: Roles, own: bool) -> Self:
        if text:
            self.parts.append((text, tuple(role for role in roles if role), own))
            self.width += cell_len(text)
        return self

    @property
    def plain(self) -> str:
        """The text without roles."""
        return "".join(text for text, _, _ in self.parts)

    def strip(self, width: int, base: Style, ink: Callable[[Roles], Style], *, ascii: bool = False) -> Strip:
        """The line as a strip of exactly so many cells."""
        segments = [
            Segment(text.translate(ASCII) if ascii and (own or not text.isascii()) else text, base + ink(roles) if roles else base)
            for text, roles, own in self.parts
        ]
        return Strip(segments, self.width).adjust_cell_length(width, base)


def wrapped(value: object, cells: int, *roles: str, indent: int = 0, limit: int = 1000) -> list[Line]:
    """A long CRM value on as many lines as it needs, at most `limit`."""
    room = max(8, cells - indent)
    text = safe_text(value, longest=min(SHOWN, (limit + 1) * room * STACKED))
    lines: list[Line] = []
    for piece in _pieces(text, room):
        if len(lines) == limit:
            lines[-1].add(" " + MORE, "dim")
            break
        lines.append(Line().to(indent).value(piece, *roles, longest=4 * LONGEST))
    return lines or [Line()]


def _pieces(text: str, room: int) -> Iterable[str]:
    while cell_len(near := text[: room * STACKED]) > room or len(near) < len(text):
        head = set_cell_size(near, room).rstrip() if cell_len(near) > room else near
        cut = head.rfind(" ")
        head = head[:cut] if cut > room // 2 else head
        head = head or text[:1]
        yield head
        text = text[len(head) :].lstrip(" ")
    yield text


def paragraphs(text: str, cells: int, *roles: str, indent: int = 0) -> list[Line]:
    """The product's own words, wrapped; blank lines and line breaks are kept."""
    room = max(8, cells - indent)
    return [Line().to(indent).add(piece, *roles) for paragraph in text.split("\n") for piece in _pieces(paragraph, room)]
