"""Charts as inline SVG: horizontal bars that carry their numbers as text, with a title and a description for screen readers.

Colour never carries meaning alone: every part is labelled, and the second part of a stacked bar is hatched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from reconcile_tui.display import safe_text

_LABEL = 220
_WIDTH = 720
_ROW = 26
_BAR = 15


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: a label and one or two parts (the second one hatched)."""

    label: str
    first: float
    second: float = 0.0
    note: str = ""


def bars(identifier: str, title: str, description: str, lines: Sequence[Bar], *, most: float | None = None) -> str:
    """Horizontal bars, longest = `most` (default: the largest). Numbers stand at the end of each bar."""
    if not lines:
        return ""
    limit = most or max((line.first + line.second for line in lines), default=1) or 1
    height = _ROW * len(lines) + 6
    room = _WIDTH - _LABEL - 150
    rows = "".join(_bar(line, number, limit, room, identifier) for number, line in enumerate(lines))
    return (
        f'<svg class="chart" role="img" aria-labelledby="{identifier}-t {identifier}-d" viewBox="0 0 {_WIDTH} {height}"'
        f' preserveAspectRatio="xMinYMin meet"><title id="{identifier}-t">{_text(title)}</title>'
        f'<desc id="{identifier}-d">{_text(description)}</desc>{_hatch(identifier)}{rows}</svg>'
    )


def _bar(line: Bar, number: int, limit: float, room: int, identifier: str) -> str:
    top = 4 + number * _ROW
    first = max(1.5, room * line.first / limit) if line.first else 0
    second = max(1.5, room * line.second / limit) if line.second else 0
    note = line.note or f"{line.first + line.second:,.0f}"
    parts = [f'<text class="label" x="{_LABEL - 10}" y="{top + 12}" text-anchor="end">{_text(_cut(line.label))}</text>']
    parts.append(f'<rect class="ground" x="{_LABEL}" y="{top}" width="{room}" height="{_BAR}" rx="2"/>')
    if first:
        parts.append(f'<rect class="first" x="{_LABEL}" y="{top}" width="{first:.1f}" height="{_BAR}" rx="2"/>')
    if second:
        shape = f'x="{_LABEL + first:.1f}" y="{top}" width="{second:.1f}" height="{_BAR}" rx="2"'
        parts.append(f'<rect class="second" {shape}/><rect fill="url(#{identifier}-h)" {shape}/>')
    parts.append(f'<text class="number" x="{_LABEL + room + 8}" y="{top + 12}">{_text(note)}</text>')
    return "".join(parts)


def _hatch(identifier: str) -> str:
    return (
        f'<defs><pattern id="{identifier}-h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
    )


def _cut(label: str) -> str:
    return label if len(label) <= 32 else f"{label[:31]}…"


def _text(value: str) -> str:
    return escape(safe_text(value))
