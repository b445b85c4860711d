"""Cell against cell: what a record and its counterpart hold today, and what a copy would do to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from reconcile_tui.project import MappedField
from reconcile_tui.readiness import consent
from reconcile_tui.readiness.check import Found
from reconcile_tui.readiness.context import Context, rows_from, sides, total, travels
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.names import folded

_TRUE = ("true", "1", "yes")
LIFECYCLE = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other")
"""HubSpot's default lifecycle stages in order (knowledge base, "Use contact and company lifecycle stages")."""


@dataclass(frozen=True, slots=True)
class Facing:
    """One field of all pairs: `records` (keys, source first), `source`, `target` (common values), and whether the source may leave."""

    field: MappedField
    side: int  # the source's
    cells: pl.DataFrame


def facing(context: Context, *kinds: str) -> Iterator[Facing]:
    """Every mapped field (of some kinds), in each direction it travels, over all pairs whose source is eligible."""
    for record_type, _, known in context.each_type():
        for mapped in record_type.fields:
            if not kinds or mapped.kind in kinds:
                for side in sides(mapped):
                    if (cells := _cells(known, mapped, side)) is not None:
                        yield Facing(mapped, side, cells)


def _cells(known: Counterparts, mapped: MappedField, side: int) -> pl.DataFrame | None:
    data = known.data
    bound = {table.side for table in data.tables if table.values(mapped) is not None}
    if bound != {0, 1} or not known.pairs.height:
        return None
    source, target = ("first", "second") if side == 0 else ("second", "first")
    mapped_here = {n for n, table in enumerate(data.tables) if table.values(mapped) is not None}
    pairs = known.pairs.select(s=source, t=target)
    may = pl.Series(data.eligible).gather(pairs["s"]) & pl.Series(data.live).gather(pairs["t"])
    both = pl.Series(data.table_no).gather(pairs["s"]).is_in(list(mapped_here)) & pl.Series(data.table_no).gather(pairs["t"]).is_in(
        list(mapped_here)
    )
    pairs = pairs.filter(may & both)
    column = data.series(mapped)
    keys = pl.Series(data.keys)
    return pl.DataFrame(
        {
            "a": keys.gather(pairs["s"]),
            "b": keys.gather(pairs["t"]),
            "source": column.gather(pairs["s"]),
            "target": column.gather(pairs["t"]),
        }
    )


def _rows(facing_: Facing, cells: pl.DataFrame, context: Context, problem: str) -> Found:
    shown = cells.with_columns(
        records=pl.concat_list("a", "b"),
        field=pl.lit(facing_.field.name),
        into=pl.lit(context.system(1 - facing_.side)),
        problem=pl.lit(problem),
    )
    return rows_from(shown, "records", "field", "into", "source", "target", "problem")


def blanks(context: Context) -> Found:
    """F11: filled cells that face a blank which the sync would copy over them."""
    found = []
    for pairs in facing(context):
        if context.blank_propagates(pairs.field) and not pairs.field.create_only:
            wiped = pairs.cells.filter(pl.col("source").is_null() & pl.col("target").is_not_null())
            if pairs.field.kind in ("consent", "boolean"):
                wiped = wiped.filter(pl.col("target").str.to_lowercase().is_in(list(_TRUE)))
            found.append(_rows(pairs, wiped, context, "a blank would empty it"))
    return total(found)


def consent_across(context: Context) -> Found:
    """L2: pairs in which a copy would lose an opt-out."""
    found = []
    for pairs in facing(context, "consent"):
        lost = pairs.cells.filter(_opted_out("target") & ~_opted_out("source"))
        if not context.blank_propagates(pairs.field):
            lost = lost.filter(pl.col("source").is_not_null())
        found.append(_rows(pairs, lost, context, "the copy would lose an opt-out"))
    return total(found)


def _opted_out(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase().is_in(list(_TRUE)).fill_null(value=False)


def older_consent(context: Context) -> Found:
    """L4: consent dates and legal bases where an older date would replace a newer one."""
    found = []
    for pairs in facing(context, "date", "datetime", "text"):
        if is_consent_date(pairs.field):
            older = pairs.cells.filter(pl.col("source").str.slice(0, 10) < pl.col("target").str.slice(0, 10))
            found.append(_rows(pairs, older, context, "an older date would replace a newer one"))
    return total(found)


def is_consent_date(field: MappedField) -> bool:
    """Whether a field holds when (or by which right) somebody consented, as far as its names tell."""
    names_ = [field.name, *(column for bound in field.columns.values() for column in bound.values())]
    told = any(word in name.lower() for name in names_ for word in ("consent", "legal_basis", "legalbasis", "optin", "opt_in", "gdpr"))
    return (told and field.kind in ("date", "datetime")) or (told and any("date" in name.lower() for name in names_))


def lifecycle_back(context: Context) -> Found:
    """F12: pairs in which a copy would move the lifecycle stage back, which HubSpot refuses or which undoes progress."""
    found = []
    order = {stage: place for place, stage in enumerate(LIFECYCLE)}
    for pairs in facing(context, "lifecycle"):
        ranked = pairs.cells.with_columns(
            s=pl.col("source").str.to_lowercase().replace_strict(order, default=None, return_dtype=pl.Int8),
            t=pl.col("target").str.to_lowercase().replace_strict(order, default=None, return_dtype=pl.Int8),
        )
        found.append(_rows(pairs, ranked.filter(pl.col("s") < pl.col("t")), context, "the stage would move back"))
    return total(found)


def reactivation(context: Context) -> Found:
    """E5: cells that a re-activation, which compares every pair anew, would overwrite."""
    if context.profile.initial == "none":
        return Found()
    found = []
    for pairs in facing(context):
        differing = pairs.cells.filter(
            pl.col("source").is_not_null() & pl.col("target").is_not_null() & (pl.col("source") != pl.col("target"))
        )
        if _initial_winner(context, pairs.side):
            found.append(_rows(pairs, differing, context, "the comparison at activation would overwrite it"))
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
    for record_type, data, known in context.each_type():
        groups = _mergeable(context, known).filter(~pl.col("group").is_in(list(decided)))
        for mapped in record_type.fields_of_kind("consent"):
            if not groups.height:
                continue
            values = pl.DataFrame({"key": data.keys, "value": data.series(mapped), "table": data.table_no})
            held = groups.join(values, on="key").with_columns(out=_opted_out("value"))
            by = held.group_by("group", "table", maintain_order=True).agg("key", "value", out=pl.col("out").n_unique())
            disagree = by.filter(pl.col("out") > 1).with_columns(
                field=pl.lit(mapped.name), problem=pl.lit("a merge keeps one record's answer only")
            )
            found.append(rows_from(disagree.rename({"value": "values"}), "key", "field", "values", "problem"))
    return total(found)


def _mergeable(context: Context, known: Counterparts) -> pl.DataFrame:
    """Members of groups that matching takes for one person, and of addresses shared inside one table."""
    groups = context.groups.filter(pl.col("class").is_in(["identical", "differs", "chain", "lead_contact"])).select("group", "key")
    live = known.frame.filter("live").select("key")
    return groups.join(live, on="key", how="semi")


def _weakened(context: Context) -> Found:
    rows = []
    for record_type, data, _ in context.each_type():
        position = {int(k): p for p, k in enumerate(data.keys)} if context.people else {}
        for mapped in record_type.fields_of_kind("consent"):
            column = data.series(mapped) if context.people else None
            for person in context.people:
                members = [position[key] for key in person.members if key in position]
                if column is None or not members or not (person.writes or person.merges):
                    continue
                after = person.golden.get(mapped.name)
                before = [column[p] for p in members]
                if consent.weakens(before, after, said_so=mapped.name in person.weaker_allowed):
                    detail = {
                        "field": mapped.name,
                        "values": ", ".join(v or "∅" for v in before),
                        "problem": f"the decision leaves {after or '∅'}",
                    }
                    rows.append((person.members, detail))
    return Found.of(rows)


def torn_addresses(context: Context) -> Found:
    """F15: one person's records with different addresses, which a copy field by field can mix."""
    groups = context.needs_groups().filter(pl.col("class").is_in(["identical", "differs", "chain", "lead_contact"]))
    found = []
    for record_type, data, known in context.each_type():
        for block in dict.fromkeys(f.block for f in record_type.fields if f.block):
            parts = [f for f in record_type.fields if f.block == block]
            if len(parts) > 1 and groups.height:
                found.append(_torn(groups, known, block, {f.name: _comparable(data.series(f), f) for f in parts}))
    return total(found)


def _comparable(texts: pl.Series, mapped: MappedField) -> pl.Series:
    from reconcile_tui.transforms import REGISTRY

    distinct = texts.drop_nulls().unique()
    code = REGISTRY["country_code"]
    folded_ = [(code.forward(t).value or "") if mapped.kind == "country" else folded(t) for t in distinct.to_list()]
    return texts.replace_strict(distinct, pl.Series(folded_, dtype=pl.String), default=None, return_dtype=pl.String)


def _torn(groups: pl.DataFrame, known: Counterparts, block: str, parts: dict[str, pl.Series]) -> Found:
    frame = pl.DataFrame({"key": known.data.keys, **parts}).filter(pl.Series(known.data.live))
    held = groups.select("group", "key").join(frame, on="key")
    held = held.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in parts))
    counted = held.group_by("group", maintain_order=True).agg("key", *(pl.col(n).drop_nulls().n_unique().alias(n) for n in parts))
    differing = counted.with_columns(
        parts=pl.concat_list(pl.when(pl.col(n) > 1).then(pl.lit(n)) for n in parts).list.drop_nulls(), block=pl.lit(block)
    ).filter(pl.col("parts").list.len() > 0)
    return rows_from(differing, "key", "group", "block", "parts")


def unguarded(field: MappedField) -> bool:
    """Whether a consent is copied both ways, so that the weaker answer can win."""
    return travels(field.direction, 0) and travels(field.direction, 1)
