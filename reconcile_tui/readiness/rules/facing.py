"""Cell against cell: what a record and its counterpart hold today, and what a copy would do to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reconcile_tui.project import MappedField
from reconcile_tui.readiness import consent
from reconcile_tui.readiness.check import ROWS_KEPT, Found
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.copying import sides
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.names import folded
from reconcile_tui.readiness.rows import rows_from, total
from reconcile_tui.readiness.snapshot import TypeData
from reconcile_tui.readiness.values import Bools

LIFECYCLE = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other")
"""HubSpot's default lifecycle stages in order (knowledge base, "Use contact and company lifecycle stages")."""


@dataclass(frozen=True)
class Facing:
    """One field of all pairs whose source may leave: positions of source and target."""

    field: MappedField
    side: int  # the source's
    data: TypeData
    source: NDArray[np.uint32]
    target: NDArray[np.uint32]

    def both(self, judge: Callable[[pl.Series], NDArray[Any]], blank: Any = False) -> tuple[NDArray[Any], NDArray[Any]]:
        """What a function says of each source's and each target's text."""
        said = self.data.marks(self.field, judge, blank)
        return said[self.source], said[self.target]

    def filled(self) -> tuple[Bools, Bools]:
        """Which sources and which targets hold something."""
        return self.both(lambda texts: np.ones(len(texts), dtype=np.bool_))

    def found(self, where: Bools, context: Context, problem: str) -> Found:
        """One finding per marked pair."""
        source, target = self.source[where], self.target[where]
        kept = slice(0, ROWS_KEPT.get())
        shown = pl.DataFrame(
            {
                "a": self.data.keys[source[kept]],
                "b": self.data.keys[target[kept]],
                "source": self.data.at(self.field, source[kept]),
                "target": self.data.at(self.field, target[kept]),
            }
        ).with_columns(
            records=pl.concat_list("a", "b"),
            field=pl.lit(self.field.name),
            into=pl.lit(context.system(1 - self.side)),
            problem=pl.lit(problem),
        )
        rows = rows_from(shown, "records", "field", "into", "source", "target", "problem").rows
        return Found(int(np.count_nonzero(where)), rows)


def facing(context: Context, *kinds: str) -> Iterator[Facing]:
    """Every mapped field (of some kinds), in each direction it travels, over all pairs whose source is eligible."""
    for record_type, _, known in context.each_type():
        for mapped in record_type.fields:
            if not kinds or mapped.kind in kinds:
                yield from _facing(known, mapped)


def _facing(known: Counterparts, mapped: MappedField) -> Iterator[Facing]:
    data = known.data
    here = np.array([table.values(mapped) is not None for table in data.tables], dtype=np.bool_)
    if {table.side for table, bound in zip(data.tables, here, strict=True) if bound} != {0, 1} or not known.pairs.height:
        return
    first, second = known.pairs["first"].to_numpy(), known.pairs["second"].to_numpy()
    bound = here[data.table_no[first]] & here[data.table_no[second]]
    for side in sides(mapped):
        source, target = (first, second) if side == 0 else (second, first)
        may = bound & data.eligible[source] & data.live[target]
        yield Facing(mapped, side, data, source[may], target[may])


def blanks(context: Context) -> Found:
    """F11: filled cells that face a blank which the sync would copy over them."""
    found = []
    for pairs in facing(context):
        if context.blank_propagates(pairs.field) and not pairs.field.create_only:
            source, target = pairs.filled()
            if pairs.field.kind in ("consent", "boolean"):
                target = pairs.both(partial(_opted_out, pairs.field))[1]
            found.append(pairs.found(~source & target, context, "a blank would empty it"))
    return total(found)


def consent_across(context: Context) -> Found:
    """L2: pairs in which a copy would lose an opt-out."""
    found = []
    for pairs in facing(context, "consent"):
        source, target = pairs.both(partial(_opted_out, pairs.field))
        lost = target & ~source
        if not context.blank_propagates(pairs.field):
            lost &= pairs.filled()[0]
        found.append(pairs.found(lost, context, "the copy would lose an opt-out"))
    return total(found)


def _opted_out(mapped: MappedField, texts: pl.Series) -> Bools:
    """`MappedField.restricts` of a column of texts."""
    return texts.str.strip_chars().str.to_lowercase().is_in(list(mapped.opted_out)).fill_null(value=False).to_numpy()


def older_consent(context: Context) -> Found:
    """L4: consent dates and legal bases where an older date would replace a newer one."""
    found = []
    for pairs in facing(context, "date", "datetime", "text"):
        if is_consent_date(pairs.field):
            source, target = (pairs.data.at(pairs.field, side).str.slice(0, 10) for side in (pairs.source, pairs.target))
            older = (source < target).fill_null(value=False).to_numpy()
            found.append(pairs.found(older, context, "an older date would replace a newer one"))
    return total(found)


def is_consent_date(field: MappedField) -> bool:
    """Whether a field holds when (or by which right) somebody consented, as far as its names tell."""
    names_ = [field.name, *(column for bound in field.columns.values() for column in bound.values())]
    told = any(word in name.lower() for name in names_ for word in ("consent", "legal_basis", "legalbasis", "optin", "opt_in", "gdpr"))
    return (told and field.kind in ("date", "datetime")) or (told and any("date" in name.lower() for name in names_))


def lifecycle_back(context: Context) -> Found:
    """F12: pairs in which a copy would move the lifecycle stage back, which HubSpot refuses or which undoes progress."""
    found = []
    for pairs in facing(context, "lifecycle"):
        source, target = pairs.both(_rank, blank=-1)
        found.append(pairs.found((source >= 0) & (source < target), context, "the stage would move back"))
    return total(found)


def _rank(texts: pl.Series) -> NDArray[Any]:
    places = [LIFECYCLE.index(text.lower()) if text and text.lower() in LIFECYCLE else -1 for text in texts.to_list()]
    return np.array(places, dtype=np.int8)


def reactivation(context: Context) -> Found:
    """E5: cells that a re-activation, which compares every pair anew, would overwrite."""
    if context.profile.initial == "none":
        return Found()
    found = []
    for pairs in facing(context):
        if _initial_winner(context, pairs.side):
            ids = pairs.data.coded(pairs.field).ids
            source, target = ids[pairs.source], ids[pairs.target]
            differing = (source >= 0) & (target >= 0) & (source != target)
            found.append(pairs.found(differing, context, "the comparison at activation would overwrite it"))
    return total(found)


def _initial_winner(context: Context, side: int) -> bool:
    if context.profile.initial in ("dynamics", "hubspot"):
        return side == (0 if context.profile.initial == "dynamics" else 1)
    return True


def consent_in_groups(context: Context) -> Found:
    """L1: records of one system that a merge would join and that disagree about an opt-out; decisions that lose one."""
    return total([_disagreeing(context), _weakened(context)])


def _disagreeing(context: Context) -> Found:
    decided = {person.group for person in context.people}
    found = []
    for record_type, data, _ in context.each_type():
        members = data.members(_of_one_person(context.groups).filter(~pl.col("group").is_in(list(decided))))
        for mapped in record_type.fields_of_kind("consent"):
            if not members.height:
                continue
            places = members["pos"].to_numpy()
            held = members.with_columns(value=data.at(mapped, places), table=data.table_no[places])
            held = held.with_columns(out=_opted_out(mapped, held["value"]))
            by = held.group_by("group", "table", maintain_order=True).agg("key", "value", out=pl.col("out").n_unique())
            disagree = by.filter(pl.col("out") > 1).with_columns(
                field=pl.lit(mapped.name), problem=pl.lit("a merge keeps one record's answer only")
            )
            found.append(rows_from(disagree.rename({"value": "values"}), "key", "field", "values", "problem"))
    return total(found)


def _of_one_person(groups: pl.DataFrame) -> pl.DataFrame:
    """Groups that matching takes for one person."""
    return groups.filter(pl.col("class").is_in(["identical", "differs", "chain", "lead_contact"]))


def _weakened(context: Context) -> Found:
    rows = []
    for record_type, data, _ in context.each_type():
        for person in context.people:
            places = data.positions(np.array(person.members, dtype=np.int64))
            places = places[places >= 0]
            if not len(places) or not (person.writes or person.merges):
                continue
            for mapped in record_type.fields_of_kind("consent"):
                after, before = person.golden.get(mapped.name), data.at(mapped, places).to_list()
                if consent.weakens(mapped, before, after, said_so=mapped.name in person.weaker_allowed):
                    values = ", ".join(v or "∅" for v in before)
                    rows.append(
                        (person.members, {"field": mapped.name, "values": values, "problem": f"the decision leaves {after or '∅'}"})
                    )
    return Found.of(rows)


def torn_addresses(context: Context) -> Found:
    """F15: one person's records with different addresses, which a copy field by field can mix."""
    groups = _of_one_person(context.needs_groups())
    found = []
    for record_type, data, _ in context.each_type():
        for block in dict.fromkeys(f.block for f in record_type.fields if f.block):
            parts = [f for f in record_type.fields if f.block == block]
            if len(parts) > 1 and groups.height:
                found.append(_torn(groups, data, block, parts))
    return total(found)


def _comparable(texts: pl.Series, mapped: MappedField) -> pl.Series:
    from reconcile_tui.transforms import REGISTRY

    distinct = texts.drop_nulls().unique()
    code = REGISTRY["country_code"]
    folded_ = [(code.forward(t).value or "") if mapped.kind == "country" else folded(t) for t in distinct.to_list()]
    return texts.replace_strict(distinct, pl.Series(folded_, dtype=pl.String), default=None, return_dtype=pl.String)


def _torn(groups: pl.DataFrame, data: TypeData, block: str, fields: Sequence[MappedField]) -> Found:
    held = data.members(groups)
    parts = [f.name for f in fields]
    held = held.with_columns(_comparable(data.at(f, held["pos"].to_numpy()), f).alias(f.name) for f in fields)
    held = held.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in parts))
    counted = held.group_by("group", maintain_order=True).agg("key", *(pl.col(n).drop_nulls().n_unique().alias(n) for n in parts))
    differing = counted.with_columns(
        parts=pl.concat_list(pl.when(pl.col(n) > 1).then(pl.lit(n)) for n in parts).list.drop_nulls(), block=pl.lit(block)
    ).filter(pl.col("parts").list.len() > 0)
    return rows_from(differing, "key", "group", "block", "parts")
