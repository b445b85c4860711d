"""Clocks, plans that grew old, records that are gone, people who must not be copied, the size of the launch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from reconcile_tui.readiness.check import Found, NotComputable, Row
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.rows import rows_from, total
from reconcile_tui.readiness.rules.scope import created
from reconcile_tui.readiness.values import Bools, sliced

_SKEW = timedelta(minutes=5)
DAILY_REQUESTS = {"hubspot": 250_000}
"""Requests an account has a day at least (HubSpot, usage guidelines: free and starter). Dataverse has none that is fixed."""
SECONDS_PER_REQUEST = {"hubspot": 0.1, "dynamics": 0.05}
"""100 requests in 10 s (HubSpot, the lowest tier); 6,000 in 300 s (Dataverse service protection)."""
ADULT = 18


def changed_after_decision(context: Context) -> Found:
    """T6: values that are no longer what their group was decided on."""
    return Found.of(
        ((c.key,), {"group": c.group, "field": c.field, "decided_on": c.decided_on or "", "now": c.now or "", "decided": c.decided_at})
        for c in context.changed_since_decided
    )


def clocks(context: Context) -> Found:
    """T7: records changed later than the pull that brought them, and change times without a zone."""
    return Found.of(row for pull in context.pulls for row in _clocks(context, pull.system, pull.table, pull.finished))


def _clocks(context: Context, system: str, name: str, finished: str) -> Iterator[Row]:
    table = next((t for _, t in context.tables() if (t.system, t.name) == (system, name)), None)
    column = table.column("_modified") if table else None
    if table is None or column is None or not finished:
        return
    limit = (datetime.fromisoformat(finished) + _SKEW).isoformat()[:19]
    texts = column.texts
    bad = {code: "has no zone" for code, text in enumerate(texts) if len(text) > 10 and not _zoned(text)}
    bad |= {code: "later than the pull" for code, text in enumerate(texts) if code not in bad and text[:19] > limit}
    marks = np.zeros(len(texts), dtype=np.bool_)
    marks[list(bad)] = True
    for position in np.flatnonzero(column.where(marks)):
        code = int(column.codes[position])
        yield (int(table.keys[position]),), {"modified": texts[code], "pulled": finished, "problem": bad[code]}


def _zoned(text: str) -> bool:
    return text.endswith("Z") or text[-6:-5] in ("+", "-") or text[-5:-4] in ("+", "-")


def gone_counterparts(context: Context) -> Found:
    """L5: live, eligible records whose counterpart was deleted: the sync creates it again or deletes this one too."""
    rows: list[Row] = []
    for name, pairs in context.gone.items():
        data = context.types[name]
        places = data.positions(np.array([live for _, live in pairs], dtype=np.int64))
        sends = (places >= 0) & data.eligible[places]
        rows += [((live, gone), {"problem": "its counterpart was deleted"}) for (gone, live), ok in zip(pairs, sends, strict=True) if ok]
    return Found.of(rows)


def suppressed(context: Context) -> Found:
    """L6: eligible records whose address is on the list of people who must not be stored or written to."""
    listed = context.suppressed
    if listed is None and context.answers.get("L6"):
        return Found()  # answered by a person, whose words stand in the report
    if listed is None:
        raise NotComputable(
            "No list of erased or suppressed people was given: put one address, or its SHA-256, per line into suppressed.txt beside the "
            "project file (an empty file says that there is nobody), or answer the question L6."
        )
    return total(_suppressed(known, listed) for _, _, known in context.each_type()) if listed else Found()


def digest(address: str) -> str:
    """How an address stands in the list without being readable there."""
    return hashlib.sha256(address.encode()).hexdigest()


def _suppressed(known: Counterparts, listed: frozenset[str]) -> Found:
    senders = known.frame.filter(pl.col("eligible"))
    further = known.secondary.join(senders.select("pos", "key"), on="pos").select("key", "address")
    held = pl.concat([senders.filter(pl.col("address").is_not_null()).select("key", "address"), further])
    numbers = [number for number, address in sliced(known.addresses.to_arrow()) if address and digest(address) in listed]
    found = held.filter(pl.col("address").is_in(numbers))
    return rows_from(found.with_columns(email=known.texts(found["address"])), "key", "email")


def minors(context: Context) -> Found:
    """L8: eligible records of people under eighteen, where a birth date is mapped."""
    pulled = max((pull.finished[:10] for pull in context.pulls if pull.finished), default="")
    if not pulled:
        return Found()
    limit = f"{int(pulled[:4]) - ADULT}{pulled[4:]}"
    found = []
    for record_type, data, _ in context.each_type():
        for field in record_type.fields_of_kind("date"):
            if "birth" in field.name:
                who = np.flatnonzero(data.marks(field, lambda texts: _born_after(texts, limit)) & data.eligible)
                young = pl.DataFrame({"key": data.keys[who], "born": data.at(field, who).str.slice(0, 10)})
                found.append(rows_from(young.with_columns(problem=pl.lit(f"under {ADULT}")), "key", "born", "problem"))
    return total(found)


def _born_after(texts: pl.Series, limit: str) -> Bools:
    born = texts.str.slice(0, 10)
    return (born.str.contains(r"^\d{4}-\d\d-\d\d$") & (born > limit)).fill_null(value=False).to_numpy()


def requests_a_day(context: Context) -> Found:
    """O1: a launch that needs more requests than the account has in a day."""
    rows: list[Row] = []
    for side in (0, 1):
        system = context.system(1 - side) if context.project.second else ""
        kind = context.project.systems[system].kind if system else ""
        records = sum(writes(context, known, side) for _, _, known in context.each_type())
        limit = DAILY_REQUESTS.get(kind)
        if limit and records > limit:
            hours = records * SECONDS_PER_REQUEST[kind] / 3600
            rows.append(((), {"system": system, "requests": f"{records}", "daily": f"{limit}", "hours": f"{hours:.1f}"}))
    return Found.of(rows)


def writes(context: Context, known: Counterparts, side: int) -> int:
    """Records of the other system that the launch writes to: one request each, as connectors without batches do."""
    source = known.pairs["first" if side == 0 else "second"].to_numpy()
    return int(np.count_nonzero(known.data.eligible[source])) + int(np.count_nonzero(created(context, known, side)))
