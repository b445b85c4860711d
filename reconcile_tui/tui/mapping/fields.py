"""The field map as a list: where a field stands in both systems, how full, in how many formats, which way it travels and how."""

from __future__ import annotations

from typing import Any

from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.chrome import facts, separator
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.words import RULES, plural, system_name

ARROWS = {"both": "↔", "forward": "→", "backward": "←", "none": "·"}
BLANKS = {"propagate": "copies", "ignore": "ignored", "profile": ""}
VERDICTS = {
    "ready": (glyphs.DONE, "good", "ready"),
    "clean_first": ("▲", "warn", "clean first"),
    "map_values": ("▲", "warn", "map values"),
    "no_mapping": (glyphs.FAILED, "bad", "not mapped on both sides"),
    "free_text": ("○", "dim", "free text"),
    "not_synced": (glyphs.DOT, "dim", "does not travel"),
}
"""Sign, role and words of a verdict."""

WIDE = 108
"""Cells from which the blank policy and the rule stand in the list; below, they stand under it."""
_FIXED = 3 + 15 + 4 + 2 * (5 + 5) + 13
_FIXED_WIDE = _FIXED + 9 + 15


class Fields(Board):
    """The field map, record type by record type."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="fields")
        self.fields: list[tuple[RecordType, MappedField]] = []
        self.systems: tuple[str, str] = ("", "")
        self.facts: dict[tuple[str, str], dict[str, Any]] = {}

    @property
    def field(self) -> tuple[RecordType, MappedField] | None:
        """The field under the cursor."""
        return self.fields[self.cursor] if self.cursor < len(self.fields) else None

    def facts_of(self, record_type: str, field: str) -> dict[str, Any] | None:
        """What the data say about a field; None before they were asked."""
        return self.facts.get((record_type, field))

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        side = _side(width)
        line = Line("   ").label("field", 15, "head")
        for number, system in enumerate(self.systems):
            line.label(system_name(system), side, "head").label("full", 5, "head", right=True).label("forms", 6, "head", right=True)
            line.add("   " if number == 0 else " ")
        line.label("transform", 13, "head")
        return line.label("blank", 9, "head").label("wins", 15, "head") if width >= WIDE else line

    def draw(self, index: int, width: int) -> Line:
        """One field."""
        record_type, field = self.fields[index]
        found, side = self.facts_of(record_type.name, field.name), _side(width)
        sign, role, _ = VERDICTS[found["verdict"]] if found else (" ", "", "")
        line = Line(f" {sign} ", role).cell(field.label, 14, "strong").add(" ")
        for number, system in enumerate(self.systems):
            line.cell(_columns(field, system), side - 1, own=True).add(" ").join(_share(found, number))
            line.add(f" {ARROWS[field.direction]} " if number == 0 else " ", "taken" if field.direction != "none" else "dim")
        line.label("" if field.transform.name == "none" else field.transform.name, 12, "dim").add(" ")
        if width < WIDE:
            return line
        line.label(BLANKS[field.blank], 9, "dim")
        return line.label(rule_words(field, self.systems[0]), max(0, width - line.width), "dim")

    def copy_value(self) -> str:
        """The field's name."""
        return self.field[1].name if self.field else ""

    copy_record = copy_value


def _side(width: int) -> int:
    """Cells of a column's name."""
    return max(9, min(28, (width - (_FIXED_WIDE if width >= WIDE else _FIXED)) // 2))


def _share(found: dict[str, Any] | None, number: int) -> Line:
    if found is None or number >= len(found["sides"]) or not found["sides"][number]["columns"]:
        return Line().label("", 11)
    side = found["sides"][number]
    forms = side["notations"]
    return (
        Line()
        .label(f"{side['fill_rate']:.0%}", 5, right=True)
        .label(f"{forms:,}" if forms else "", 6, "warn" if forms > 3 else "dim", right=True)
    )


def _columns(field: MappedField, system: str) -> str:
    return ", ".join(dict.fromkeys(field.columns.get(system, {}).values())) or glyphs.UNMAPPED


def rule_words(field: MappedField, first: str) -> str:
    """Which value wins, in words; the rule of its kind where the map names none."""
    from reconcile_tui.errors import ProjectError
    from reconcile_tui.stewardship.survivorship import rule_for

    try:
        name = rule_for(field, first)[0].name
    except ProjectError:
        name = field.survivorship
    rule = RULES.get(name, name)
    return f"{rule} (as one: {field.block})" if field.block else rule


def details(record_type: RecordType, field: MappedField, found: dict[str, Any] | None, systems: tuple[str, str], width: int) -> list[Line]:
    """A field in full: how it travels, how far the systems agree, how it is written on each side."""
    _, role, verdict = VERDICTS[found["verdict"]] if found else ("", "", "")
    lines = [separator(width, field.label, facts(record_type.name, field.kind, verdict))]
    ways = {
        "both": "both ways",
        "none": "does not travel",
        "forward": f"{system_name(systems[0])} to {system_name(systems[1])}",
        "backward": f"{system_name(systems[1])} to {system_name(systems[0])}",
    }
    blank = {
        "propagate": "a blank empties the other side",
        "ignore": "a blank changes nothing",
        "profile": "blanks as the sync profile says",
    }
    transform = f"transform {field.transform.name}: {field.transform.summary}" if field.transform.name != "none" else ""
    wins = rule_words(field, systems[0])
    only = "set on creation only" if field.create_only else ""
    only = f"opted out: {', '.join(field.opted_out)}" if field.kind == "consent" else only
    lines += wrapped(facts(ways[field.direction], blank[field.blank], f"wins: {wins}" if wins else "", only, transform), width)
    if found is None:
        return [*lines, Line("r", "key").add(" reads how full and how alike both sides are", "dim")]
    if found["agreement"] is not None:
        told = f"{found['agreement']:.0%} of {plural(found['both_filled'], 'pair')} filled on both sides hold the same"
        lines.append(Line(told, role))
    lines += [_written(side, width) for side in found["sides"] if side["columns"]]
    if found["findings"]:
        named = [f"{check} {count}" for check, count in found["findings"].items()]
        lines.append(Line("named by ", "dim").add(facts(*named), "warn"))
    return lines


def _written(side: dict[str, Any], width: int) -> Line:
    line = Line(f"{system_name(side['system'])} ", "strong").add(f"{plural(side['distinct'], 'value')}", "dim")
    for notation in side["written"]:
        piece = Line(f" {glyphs.DOT} ", "dim").value(notation["sample"], longest=24).add(f" {notation['records']:,}", "dim")
        if line.width + piece.width > width:
            break
        line.join(piece)
    return line
