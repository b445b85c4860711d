"""Who is who: one person under several addresses, stored links, merges, inactive rows, companies by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
import polars as pl

from reconcile_tui.readiness import names
from reconcile_tui.readiness.check import Found, Row
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.rows import rows_from, total

MERGE_LIMIT = 250
"""HubSpot refuses the merge after this many (HTTP 414, "Cannot have more than 250 identities on a profile")."""
NEAR_LIMIT = 200


def one_person_several_addresses(context: Context) -> Found:
    """I9: groups that matching takes for one person and that have several addresses."""
    groups = context.needs_groups().filter(pl.col("class").is_in(["identical", "differs", "lead_contact", "chain"]))
    return total(_several_addresses(groups, known) for _, _, known in context.each_type())


def _several_addresses(groups: pl.DataFrame, known: Counterparts) -> Found:
    members = known.data.members(groups)
    met = members.hstack(known.frame[members["pos"].to_numpy()].select("address", "eligible")).filter(pl.col("address").is_not_null())
    met = met.with_columns(email=known.texts(met["address"]))
    found = met.group_by("group", maintain_order=True).agg(
        "key", emails=pl.col("email").unique(maintain_order=True), sends=pl.col("eligible").any()
    )
    found = found.filter((pl.col("emails").list.len() > 1) & pl.col("sends")).sort("group")
    return rows_from(found.with_columns(emails=pl.col("emails").list.join(", ")), "key", "group", "emails")


def broken_links(context: Context) -> Found:
    """I12: stored counterparts that are gone, merged away or not mutual, and counterparts two records claim."""
    return Found.of(row for name, links in context.links.items() for row in _broken(links))


def _broken(links: object) -> Iterator[Row]:
    claims: dict[int, set[int]] = defaultdict(set)
    for link in links:  # type: ignore[attr-defined]
        if link.state in ("gone", "unknown", "merged"):
            words = {"gone": "its counterpart is deleted", "unknown": "no record has this id", "merged": "its counterpart was merged away"}
            keys = (link.source, link.target) if link.target >= 0 else (link.source,)
            yield keys, {"stored": link.stored, "problem": words[link.state]}
        else:
            claims[link.source].add(link.target)
    for source, targets in claims.items():
        for target in sorted(targets):
            back = claims.get(target, set())
            if back and source not in back:
                yield (source, target), {"stored": "", "problem": "its counterpart names another record"}
    claimed: dict[tuple[int, int], list[int]] = defaultdict(list)
    for source, targets in claims.items():
        for target in targets:
            claimed[target, source >> 40].append(source)
    for (target, _), sources in claimed.items():
        if len(sources) > 1:
            yield (target, *sorted(sources)), {"stored": "", "problem": f"{len(sources)} records claim one counterpart"}


def merged_in_one_system_only(context: Context) -> Found:
    """I13: a planned merge leaves a counterpart of the merged-away record alive, which the sync uses to create it again."""
    return Found.of(row for _, _, known in context.each_type() for row in _one_sided(context, known))


def _one_sided(context: Context, known: Counterparts) -> Iterator[Row]:
    lost = {lose: (keep, person) for person in context.people for keep, lose in person.merges}
    if not lost:
        return
    frame = known.frame.select("pos", "key", "side", "address", "eligible", "live")
    losing = frame.filter(pl.col("key").is_in(list(lost)) & pl.col("address").is_not_null())
    owners = frame.filter(pl.col("live") & pl.col("eligible")).select(other="key", other_side="side", address="address")
    email = known.email.name if known.email else ""
    met = losing.join(owners, on="address").filter(pl.col("side") != pl.col("other_side"))
    for loser, address, other in met.select("key", known.texts(met["address"]).alias("email"), "other").iter_rows():
        keep, person = lost[loser]
        golden = (person.golden.get(email) or "").strip().lower()
        if other not in lost and (other not in person.members or (golden and golden != address and not person.writes)):
            detail = {"group": person.group, "email": address, "problem": "its counterpart stays and would create it again"}
            yield (loser, keep, other), detail


def inactive_but_eligible(context: Context) -> Found:
    """I14: inactive or merged rows that the predicate alone lets leave."""
    found = []
    for _, table in context.tables():
        keys = context.beyond_filter.get(f"{table.system}/{table.name}", frozenset())
        if keys:
            frame = pl.DataFrame({"key": table.keys, "merged": table.merged}).filter(pl.col("key").is_in(list(keys)))
            state = pl.when("merged").then(pl.lit("merged")).otherwise(pl.lit("inactive"))
            found.append(rows_from(frame.with_columns(state=state), "key", "state"))
    return total(found)


def company_names(context: Context) -> Found:
    """I15: record types without an address are matched by name: names that stand twice in one table."""
    found = []
    for record_type, data, known in context.each_type():
        name = next(iter(record_type.fields_of_kind("company", "full_name")), None)
        if known.email is None and name is not None:
            column = data.coded(name)
            folded = pl.Series([names.folded(text) for text in column.texts.to_pylist()], dtype=pl.String)
            spoken = np.flatnonzero(data.eligible & column.filled)
            frame = pl.DataFrame({"key": data.keys[spoken], "table": data.table_no[spoken], "name": folded.gather(column.ids[spoken])})
            groups = frame.filter(pl.col("name") != "").group_by("table", "name").agg("key")
            found.append(rows_from(groups.filter(pl.col("key").list.len() > 1).sort("name"), "key", "name"))
    return total(found)


def many_merges(context: Context) -> Found:
    """I16: contacts near HubSpot's limit of merges, those planned included."""
    return Found.of(row for _, data, _ in context.each_type() for row in _merges(context, data))


def _merges(context: Context, data: object) -> Iterator[Row]:
    planned = Counter(keep for person in context.people for keep, _ in person.merges)
    for table in data.tables:  # type: ignore[attr-defined]
        merged = table.column("hs_merged_object_ids")
        if merged is None:
            continue
        counts = np.array([text.count(";") + 1 for text in merged.texts] + [0])[merged.codes]
        several = np.flatnonzero((counts > 1) | np.isin(table.keys, list(planned)))
        for position in several.tolist():
            key, count = int(table.keys[position]), int(counts[position])
            if count + planned.get(key, 0) >= NEAR_LIMIT:
                yield (key,), {"merges": str(count), "planned": str(planned.get(key, 0)), "limit": str(MERGE_LIMIT)}
