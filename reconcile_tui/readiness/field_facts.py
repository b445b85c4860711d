"""What the data say about each mapped field: how full it is on both sides, in how many notations, how often pairs agree."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from reconcile_tui.project import MappedField
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.snapshot import TypeData

Verdict = Literal["ready", "clean_first", "map_values", "no_mapping", "free_text", "not_synced"]

NOTATED = ("phone", "email", "date", "datetime", "postcode", "country", "region", "number", "boolean", "consent", "choice", "identifier")
"""Kinds whose notation matters; other fields are free text."""

_PART = r"[^\s@;,|/<>()\u200b\ufeff]"
"""Of an address: what stands on one side of the @."""

_SHOWN = 12
"""Notations listed per side."""


@dataclass(frozen=True, slots=True)
class Notation:
    """One way in which values of a field are written: digits as 9, letters as a, runs as one."""

    pattern: str
    records: int
    sample: str  # raw CRM text


@dataclass(frozen=True, slots=True)
class SideFacts:
    """A field in one system."""

    system: str
    columns: tuple[str, ...]  # table.column
    records: int
    filled: int
    distinct: int
    notations: tuple[Notation, ...]  # most frequent first; empty for free text
    notation_count: int

    @property
    def fill_rate(self) -> float:
        """Share of records with a value, 0..1."""
        return self.filled / self.records if self.records else 0.0

    def as_json(self) -> dict[str, Any]:
        """For `mapping --json` and the report."""
        return {
            "system": self.system, "columns": list(self.columns), "records": self.records, "filled": self.filled,
            "fill_rate": round(self.fill_rate, 4), "distinct": self.distinct, "notations": self.notation_count,
            "written": [asdict(notation) for notation in self.notations],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field of the map with what the data say about it."""

    record_type: str
    field: MappedField
    sides: tuple[SideFacts, ...]  # first system, second system
    pairs: int  # counterparts in which both sides have the field mapped
    agree: int  # of those that are filled on both sides, how many hold the same
    both_filled: int
    findings: tuple[tuple[str, int], ...]  # checks that name this field, with how many of the kept rows do
    verdict: Verdict

    @property
    def agreement(self) -> float | None:
        """Share of pairs filled on both sides that hold the same, 0..1; None where there are none."""
        return self.agree / self.both_filled if self.both_filled else None

    def as_json(self) -> dict[str, Any]:
        """For `mapping --json` and the report."""
        field = self.field
        return {
            "record_type": self.record_type, "field": field.name, "label": field.label, "kind": field.kind,
            "direction": field.direction, "transform": field.transform.name, "blank": field.blank,
            "survivorship": field.survivorship, "block": field.block, "create_only": field.create_only,
            "sides": [side.as_json() for side in self.sides], "pairs": self.pairs, "both_filled": self.both_filled,
            "agree": self.agree, "agreement": self.agreement, "findings": dict(self.findings), "verdict": self.verdict,
        }  # fmt: skip


def field_facts(context: Context, named: dict[str, dict[str, int]] | None = None) -> list[FieldFacts]:
    """Facts of every field. `named`: {field: {check: rows}} from the newest run of the checks."""
    return [
        _facts(context, data, known, mapped, (named or {}).get(mapped.name, {}))
        for record_type, data, known in context.each_type()
        for mapped in record_type.fields
    ]


def _facts(context: Context, data: TypeData, known: Counterparts, mapped: MappedField, named: dict[str, int]) -> FieldFacts:
    systems = list(context.project.systems)
    sides = tuple(_side(data, mapped, number, system) for number, system in enumerate(systems))
    pairs, filled, agree = _agreement(data, known, mapped) if all(s.columns for s in sides) and len(sides) > 1 else (0, 0, 0)
    findings = tuple(sorted(named.items()))
    return FieldFacts(data.record_type.name, mapped, sides, pairs, agree, filled, findings, _verdict(mapped, sides, named))


def _side(data: TypeData, mapped: MappedField, side: int, system: str) -> SideFacts:
    tables = [t for t in data.tables if t.side == side]
    held = [(t, v) for t in tables if (v := t.values(mapped)) is not None]
    records = sum(int(np.count_nonzero(~t.merged)) for t, _ in held)
    filled = sum(int(np.count_nonzero(~v.blank & ~t.merged)) for t, v in held)
    texts = (
        pl.concat([pl.DataFrame({"v": pl.Series(values=pl.from_arrow(v.distinct), dtype=pl.String), "n": v.counts}) for _, v in held])
        if held
        else None
    )
    columns = tuple(f"{t.name}.{mapped.column(t.system, t.name)}" for t, _ in held)
    if texts is None:
        return SideFacts(system, columns, records, filled, 0, (), 0)
    texts = texts.filter(pl.col("n") > 0)
    notations = _notations(texts, mapped) if mapped.kind in NOTATED else []
    return SideFacts(system, columns, records, filled, texts["v"].n_unique(), tuple(notations[:_SHOWN]), len(notations))


def _notations(texts: pl.DataFrame, mapped: MappedField) -> list[Notation]:
    """Closed sets by value, addresses by case, blanks and separators, everything else by shape."""
    shape = pl.col("v")
    if mapped.kind == "email":
        shape = shape.str.replace_all(rf"{_PART}*\p{{Lu}}{_PART}*", "A").str.replace_all(rf"{_PART}+", "a").str.replace_all("A", "Aa")
    elif mapped.kind not in ("country", "boolean", "consent", "choice"):
        shape = shape.str.replace_all(r"\p{Nd}+", "9").str.replace_all(r"\p{L}+", "a").str.slice(0, 40)
    found = texts.group_by(shape.alias("shape"), maintain_order=True).agg(pl.col("n").sum(), pl.col("v").first())
    found = found.sort("n", "shape", descending=[True, False])
    return [Notation(pattern, int(count), sample) for pattern, count, sample in found.iter_rows()]


def _agreement(data: TypeData, known: Counterparts, mapped: MappedField) -> tuple[int, int, int]:
    ids = data.coded(mapped).ids
    one, other = ids[known.pairs["first"].to_numpy()], ids[known.pairs["second"].to_numpy()]
    both = (one >= 0) & (other >= 0)
    return len(one), int(np.count_nonzero(both)), int(np.count_nonzero((one == other) & both))


_MAP_FIRST = {"F2", "F9", "F10"}
_CLEAN_FIRST = {"F1", "F3", "F4", "F5", "F6", "F7", "F8", "F11", "F12", "F16", "F17", "L2", "L4", "T1", "T2"}


def _verdict(mapped: MappedField, sides: tuple[SideFacts, ...], named: dict[str, int]) -> Verdict:
    if mapped.direction == "none":
        return "not_synced"
    if len(sides) < 2 or not all(side.columns for side in sides):
        return "no_mapping"
    if _MAP_FIRST & set(named):
        return "map_values"
    if _CLEAN_FIRST & set(named):
        return "clean_first"
    return "ready" if mapped.kind in NOTATED or mapped.kind in ("first_name", "last_name", "full_name", "street", "city") else "free_text"
