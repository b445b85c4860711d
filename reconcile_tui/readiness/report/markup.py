"""Pieces of the page: every value is escaped and inert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from reconcile_tui.display import safe_text


def text(value: object, *, longest: int = 300) -> str:
    """A value made inert for a terminal and for HTML."""
    return escape(safe_text(value, longest=longest))


def value(content: object) -> str:
    """A CRM value, marked as one."""
    return f'<span class="value">{text(content) or "∅"}</span>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of ready-made HTML cells; a head that starts with `#` is a column of numbers, one with `!` does not wrap."""
    classes = ["n" if h[:1] == "#" else "k" if h[:1] == "!" else "" for h in heads]
    mark = [f' class="{c}"' if c else "" for c in classes]
    head = "".join(f'<th scope="col"{m}>{text(h.lstrip("#!"))}</th>' for h, m in zip(heads, mark, strict=True))
    body = "".join("<tr>" + "".join(f"<td{m}>{cell}</td>" for cell, m in zip(row, mark, strict=True)) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def tile(number: str, words: str) -> str:
    """A number that stands out, with what it counts."""
    return f'<div class="tile"><b>{text(number)}</b><span>{text(words)}</span></div>'


def day(moment: str) -> str:
    """A moment to the minute."""
    return moment[:16].replace("T", " ") + " UTC" if moment else "never"
