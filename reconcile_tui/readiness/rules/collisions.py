"""Several records behind one address: duplicates by the uniqueness rule of the other system, shared mailboxes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from reconcile_tui.readiness import names
from reconcile_tui.readiness.check import Found, Row
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.rows import rows_from, total

_NAMES_COMPARED = 8
"""Different names compared with each other per address; an address with more has unlike ones among the first."""


def same_address_in_one_table(context: Context) -> Found:
    """I1: groups of eligible records of one table with one canonical address."""
    return total(_shared(known) for _, _, known in context.each_type())


def _shared(known: Counterparts) -> Found:
    senders = known.sharing(known.data.eligible, known.data.table_no)
    groups = senders.group_by("apart", "address", maintain_order=True).agg("key", records=pl.len())
    tables = [f"{t.system}/{t.name}" for t in known.data.tables]
    named = groups.with_columns(
        email=known.texts(groups["address"]),
        table=pl.col("apart").replace_strict(list(range(len(tables))), tables, return_dtype=pl.String),
    )
    return rows_from(named, "key", "email", "table", "records")


def same_address_across_tables(context: Context) -> Found:
    """I2: one canonical address in several tables of one system (a lead and a contact)."""
    return total(_across(known) for _, _, known in context.each_type())


def _across(known: Counterparts) -> Found:
    senders = known.sharing(known.data.eligible, known.data.side)
    senders = senders.with_columns(table=known.data.table_no[senders["pos"].to_numpy()])
    names_ = dict(enumerate(t.name for t in known.data.tables))
    groups = (
        senders.group_by("apart", "address", maintain_order=True)
        .agg("key", tables=pl.col("table").unique().sort(), records=pl.len())
        .filter(pl.col("tables").list.len() > 1)
        .with_columns(tables=pl.col("tables").list.eval(pl.element().replace_strict(names_, return_dtype=pl.String)).list.join(" + "))
    )
    return rows_from(groups.with_columns(email=known.texts(groups["address"])), "key", "email", "tables", "records")


def secondary_is_anothers(context: Context) -> Found:
    """I3: a further address of one record is the own address of another one."""
    return total(_secondary(known) for _, _, known in context.each_type())


def _secondary(known: Counterparts) -> Found:
    base = known.frame.filter("live").select("pos", "key", "address", "eligible")
    holders = known.secondary.join(base.select("pos", holder="key", holder_eligible="eligible"), on="pos")
    wanted = base.filter(pl.col("address").is_in(holders["address"].implode()))
    owners = wanted.select("address", other="pos", owner="key", owner_eligible="eligible")
    met = holders.join(owners, on="address", how="inner").filter(pl.col("pos") != pl.col("other"))
    met = met.filter(pl.col("holder_eligible") | pl.col("owner_eligible")).sort("holder", "owner")
    return rows_from(met.with_columns(records=pl.concat_list("holder", "owner"), email=known.texts(met["address"])), "records", "email")


def different_people_behind_one_address(context: Context) -> Found:
    """I8: records with one address whose names are plainly different people's."""
    return Found.of(row for _, _, known in context.each_type() for row in _mailboxes(known))


def _mailboxes(known: Counterparts) -> Iterator[Row]:
    named = _with_names(known)
    if named is None:
        return
    groups = (
        named.group_by("address", maintain_order=True)
        .agg("key", "name", "eligible", distinct=pl.col("name").n_unique())
        .filter((pl.col("distinct") > 1) & pl.col("eligible").list.any())
    )
    for address, keys, pairs, _, _ in groups.with_columns(address=known.texts(groups["address"])).iter_rows():
        seen = list(dict.fromkeys(tuple(pair.split("\x1f")) for pair in pairs))[:_NAMES_COMPARED]
        unlike = next(
            (f"{' '.join(a).strip()} / {' '.join(b).strip()}" for i, a in enumerate(seen) for b in seen[i + 1 :] if names.unlike(a, b)), ""
        )
        if unlike:
            yield tuple(keys), {"email": address, "names": unlike, "records": str(len(keys))}


def _with_names(known: Counterparts) -> pl.DataFrame | None:
    """Active records with an address and a folded name, as `first\\x1flast`."""
    record_type = known.data.record_type
    first = next(iter(record_type.fields_of_kind("first_name")), None)
    last = next(iter(record_type.fields_of_kind("last_name")), None)
    if first is None or last is None:
        return None
    frame = known.sharing(known.data.active, np.zeros(len(known.data.keys), np.uint8))
    frame = frame.with_columns(eligible=pl.Series(known.data.eligible[frame["pos"].to_numpy()], dtype=pl.Boolean))
    one, other = (known.data.at(field, frame["pos"].to_numpy()) for field in (first, last))
    frame = frame.with_columns(name=(_folded(one) + "\x1f" + _folded(other)))
    return frame.filter(pl.col("name") != "\x1f")


def _folded(texts: pl.Series) -> pl.Series:
    plain = texts.fill_null("").str.strip_chars()
    distinct = plain.unique()
    return plain.replace_strict(distinct, pl.Series([names.folded(t) for t in distinct.to_list()], dtype=pl.String), return_dtype=pl.String)
