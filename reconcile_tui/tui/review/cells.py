"""How one cell of the group shows its value: the sign it begins with, and what differs from RESULT in brackets."""

from __future__ import annotations

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.difference import pieces
from reconcile_tui.tui.line import Line, Roles, flat

MARKS = {
    "taken": (glyphs.TAKEN, "taken"),
    "same": (glyphs.SAME, "same"),
    "alike": (glyphs.ALIKE, "alike"),
    "differs": (glyphs.DIFFERS, "differs"),
    "empty": (glyphs.EMPTY, "empty"),
    "unmapped": (glyphs.UNMAPPED, "empty"),
}
ALIKE = 0.4
"""Share of a value that has to be the same for its differences to be pointed out; below, all of it differs."""


def differing(line: Line, value: str, result: str, room: int, role: str, over: Roles) -> None:
    """The value with what differs in brackets; a difference beyond the edge is brought into sight."""
    found = pieces(flat(value, longest=300), flat(result, longest=300))
    same = sum(len(text.strip()) for text, differs in found if not differs)
    if same < ALIKE * len(value.strip()):
        line.cell(value, room, role, *over)
        return
    texts = [(f"{glyphs.OPEN}{text}{glyphs.CLOSE}" if differs else text, differs) for text, differs in found]
    cut = _window(texts, room)
    used = Line()
    for text, differs in cut:
        left = room - used.width
        if left <= 0:
            break
        used.cell(text, min(left, max(1, Line().value(text).width)), *(("mark",) if differs else ()), role, *over)
    line.join(used).add(" " * max(0, room - used.width), *over)


def _window(texts: list[tuple[str, bool]], room: int) -> list[tuple[str, bool]]:
    """Pieces from where the first difference comes into sight."""
    if sum(len(text) for text, _ in texts) <= room:
        return texts
    before = 0
    for number, (text, differs) in enumerate(texts):
        if differs:
            if before + min(len(text), room) <= room:
                return texts
            head = "".join(t for t, _ in texts[:number])
            kept = head[-max(0, room // 3) :]
            return [(glyphs.MORE + kept, False), *texts[number:]]
        before += len(text)
    return texts
