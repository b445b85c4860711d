"""One address for itself: blank, badly written, invalid, misspelt, with tags, unfit as a key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA

from reconcile_tui.readiness import addresses
from reconcile_tui.readiness.check import Found, Row
from reconcile_tui.readiness.context import Context
from reconcile_tui.readiness.keys import Counterparts
from reconcile_tui.readiness.rows import rows_from, total

PLACEHOLDER_FROM = 5
"""Records with one address, and as many names, from which it is taken for a filler."""


def blank(context: Context) -> Found:
    """I4: eligible records without an address, and such records whose counterpart is eligible: nobody will find them."""
    return total(_blank(context, known) for _, _, known in context.each_type() if known.email and "email" in context.profile.match)


def _blank(context: Context, known: Counterparts) -> Found:
    empty = known.frame.filter(pl.col("live") & pl.col("active") & pl.col("address").is_null())
    linked = pl.Series(known.linked.astype("uint32"))
    empty = empty.filter(~pl.col("pos").is_in(linked.implode()))
    own = empty.filter("eligible").select("key", why=pl.lit("eligible"))
    waiting = empty.filter(~pl.col("eligible")).select("key", "side")
    likely = context.groups.filter(pl.col("probability") >= 0.5)
    if waiting.height and likely.height:
        members = known.data.members(likely)
        places = members["pos"].to_numpy()
        sends = pl.Series(known.data.eligible[places], dtype=pl.Boolean)
        others = members.with_columns(side=known.data.side[places]).filter(sends)
        met = waiting.join(members, on="key").join(others, on="group", suffix="_other").filter(pl.col("side") != pl.col("side_other"))
        found = met.unique("key", maintain_order=True).select("key", why=pl.lit("its counterpart is eligible and can't find it"))
        own = pl.concat([own, found])
    return rows_from(own.sort("key"), "key", "why")


def not_canonical(context: Context) -> Found:
    """I5: addresses written differently from their canonical form that collide with another record once canonical."""
    return total(_not_canonical(known) for _, _, known in context.each_type())


def _not_canonical(known: Counterparts) -> Found:
    frame = known.frame.with_columns(odd=known.oddly_written).filter(pl.col("active") & pl.col("address").is_not_null())
    odd = frame.filter("odd").select("pos", "key", "address")
    others = frame.join(odd.select("address").unique(), on="address", how="semi")
    others = others.with_columns(spelling=known.written(others["pos"]))
    groups = others.group_by("address").agg(keys=pl.col("key"), forms=pl.col("spelling").n_unique(), sends=pl.col("eligible").any())
    met = odd.join(groups.filter((pl.col("keys").list.len() > 1) & pl.col("sends") & (pl.col("forms") > 1)), on="address").sort("pos")
    repaired = (known.searched.gather(met["pos"]) == met["address"]).fill_null(value=False)
    shown = met.with_columns(
        keys=pl.concat_list("key", pl.col("keys").list.set_difference(pl.concat_list("key"))),
        written=known.written(met["pos"]),
        canonical=known.texts(met["address"]),
        transform_repairs=repaired.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String),
    )
    return rows_from(shown, "keys", "written", "canonical", "transform_repairs")


def unusable(context: Context) -> Found:
    """I6: invalid addresses, role and no-reply mailboxes, placeholders."""
    return Found.of(row for _, _, known in context.each_type() for row in _unusable(known))


def _unusable(known: Counterparts) -> Iterator[Row]:
    odd = addresses.suspicious(known.addresses).arg_true()
    judged = {int(n): kind for n, text in zip(odd, known.addresses.gather(odd), strict=True) if (kind := addresses.kind(text))}
    one_address = known.data.eligible & ~known.spelt(addresses.SEVERAL.pattern)
    bad = known.frame.filter(pl.col("address").is_in(list(judged)) & pl.Series(one_address)).select("key", "address")
    for one, number, address in bad.with_columns(email=known.texts(bad["address"])).iter_rows():
        yield (one,), {"email": address, "kind": judged[number]}
    often = known.sharing(one_address, known.data.table_no).filter(~pl.col("address").is_in(list(judged)))
    repeated = often.group_by("apart", "address").agg("key").filter(pl.col("key").list.len() >= PLACEHOLDER_FROM)
    for keys, address in repeated.select("key", email=known.texts(repeated["address"])).sort("email").iter_rows():
        yield tuple(keys), {"email": address, "kind": f"shared by {len(keys)} records"}


def several_in_one(context: Context) -> Found:
    """I7: several addresses in one field."""
    return total(_marked(known, "active", addresses.SEVERAL.pattern, "written") for _, _, known in context.each_type())


def _marked(known: Counterparts, who: str, pattern: str, name: str) -> Found:
    found = known.frame[np.flatnonzero(known.spelt(pattern))].filter(who)
    return rows_from(found.with_columns(known.written(found["pos"]).alias(name)), "key", name)


def misspelt_domain(context: Context) -> Found:
    """I10: a domain close to a frequent one, or the same mailbox name at a domain that differs by a letter or its ending."""
    return Found.of(row for _, _, known in context.each_type() for row in _misspelt(known))


def _misspelt(known: Counterparts) -> Iterator[Row]:
    frame = known.frame.filter(pl.col("active") & pl.col("address").is_not_null()).select("key", "address", "eligible")
    used = frame["address"].unique()
    texts = known.texts(used)
    parts = pl.DataFrame({"address": used, "local": texts.str.extract(r"^([^@]+)@", 1), "domain": texts.str.extract(r"@([^@]+)$", 1)})
    parts = parts.filter(texts.str.count_matches("@", literal=True).eq(1) & pl.col("local").is_not_null() & pl.col("domain").is_not_null())
    counts = dict(frame.join(parts.select("address", "domain"), on="address").group_by("domain").len().iter_rows())
    for keys, address, domain, meant in _by_neighbour(known, frame, parts, counts):
        yield keys, {"email": address, "domain": domain, "perhaps": meant}


def _by_neighbour(
    known: Counterparts, frame: pl.DataFrame, parts: pl.DataFrame, counts: dict[str, int]
) -> Iterator[tuple[tuple[int, ...], str, str, str]]:
    """The same local part at two close domains speaks for itself; alone, a rare domain beside a frequent one does."""
    several = parts.filter(pl.col("local").is_duplicated())
    grouped = frame.join(several, on="address").group_by("local", maintain_order=True)
    twins = grouped.agg("key", "address", "domain", "eligible", domains=pl.col("domain").n_unique())
    twins = twins.filter((pl.col("domains") > 1) & (pl.col("key").list.len() <= _TWINS) & pl.col("eligible").list.any())
    told: set[int] = set()
    for _, keys, numbers, domains, sends, _ in twins.iter_rows():
        for i, j in _close_pairs(domains, sends):
            rare, usual = (i, j) if (counts[domains[i]], domains[i]) <= (counts[domains[j]], domains[j]) else (j, i)
            if keys[rare] not in told:
                told.add(keys[rare])
                yield (keys[rare], keys[usual]), known.addresses[numbers[rare]], domains[rare], domains[usual]
    wrong = rare_neighbours(counts)
    lone = frame.join(parts.filter(pl.col("domain").is_in(list(wrong))), on="address").filter("eligible")
    lone = lone.filter(~pl.col("key").is_in(list(told)))
    for key, address, domain in lone.select("key", known.texts(lone["address"]).alias("email"), "domain").iter_rows():
        yield (key,), address, domain, wrong[domain]


def _close_pairs(domains: list[str], sends: list[bool]) -> Iterator[tuple[int, int]]:
    for i, one in enumerate(domains):
        for j in range(i):
            if (sends[i] or sends[j]) and close(one, domains[j]):
                yield i, j


def close(one: str, other: str) -> bool:
    """Whether two domains differ by one letter (two in long ones, a swap counts one) or only in their ending."""
    head, head_other = one.partition(".")[0], other.partition(".")[0]
    if one == other or min(len(head), len(head_other)) < 4:
        return False
    return head == head_other or OSA.distance(one, other, score_cutoff=2) <= (1 if min(len(one), len(other)) < 12 else 2)


def rare_neighbours(counts: dict[str, int], *, times: int = 20) -> dict[str, str]:
    """{domain: the one at least `times` as frequent that it differs from by one letter}, for the most frequent and well-known domains."""
    usual = sorted(counts, key=lambda d: -counts[d])[:_FREQUENT] if max(counts.values(), default=0) >= times else []
    found: dict[str, str] = {}
    for domain in usual:
        weight = counts[domain]
        for edit in _edits(domain) if weight >= times else ():
            own = counts.get(edit)
            if own and edit not in addresses.FAMILIAR and weight >= times * own:
                found.setdefault(edit, domain)
    familiar = _near_familiar()
    return {**{domain: familiar[domain] for domain in counts if domain in familiar}, **found}


@lru_cache(maxsize=1)
def _near_familiar() -> dict[str, str]:
    """Every misspelling by one letter of a well-known provider."""
    return {edit: domain for domain in addresses.FAMILIAR for edit in _edits(domain) if edit not in addresses.FAMILIAR}


_FREQUENT = 2_000
"""Domains whose misspellings are looked for; about a thousand look-ups each."""
_TWINS = 50
"""Records with one local part that are compared; `info@` has thousands."""


def _edits(domain: str) -> Iterator[str]:
    """Every domain one edit away whose first label has four letters or more."""
    if len(domain.partition(".")[0]) < 4:
        return
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-."
    for i in range(len(domain) + 1):
        yield from (domain[:i] + c + domain[i:] for c in letters)
        if i < len(domain):
            yield domain[:i] + domain[i + 1 :]
            yield from (domain[:i] + c + domain[i + 1 :] for c in letters)
        if i < len(domain) - 1:
            yield domain[:i] + domain[i + 1] + domain[i] + domain[i + 2 :]


def tagged(context: Context) -> Found:
    """I11: addresses that reach one mailbox (plus tags, Gmail dots) and are different ones for the sync."""
    return total(_tagged(known) for _, _, known in context.each_type())


def _tagged(known: Counterparts) -> Found:
    texts = known.addresses
    odd = pl.DataFrame({"address": texts.str.contains(_TAGGED).fill_null(value=False).arg_true().cast(pl.UInt32)})
    odd = odd.with_columns(mailbox=addresses.mailbox(texts.gather(odd["address"])))
    bare = pl.DataFrame({"address": texts.is_in(odd["mailbox"].drop_nulls().implode()).fill_null(value=False).arg_true().cast(pl.UInt32)})
    plain = bare.filter(~pl.col("address").is_in(odd["address"].implode())).with_columns(mailbox=pl.lit(""))
    boxes = pl.concat([odd, plain.with_columns(mailbox=texts.gather(plain["address"]))]).drop_nulls()
    held = known.frame.filter(pl.col("active")).select("key", "address", "eligible").join(boxes, on="address")
    held = held.with_columns(email=known.texts(held["address"]))
    met = held.group_by("mailbox").agg("key", emails=pl.col("email").unique().sort(), sends=pl.col("eligible").any())
    found = met.filter((pl.col("emails").list.len() > 1) & pl.col("sends")).sort("mailbox")
    return rows_from(found.with_columns(pl.col("emails").list.join(", ")), "key", "mailbox", "emails")


_TAGGED = r"\+|@(?:" + "|".join(host.replace(".", r"\.") for host in addresses.DOTLESS) + ")$"


def unfit_as_key(context: Context) -> Found:
    """I17: addresses of the first system with characters that break requests by alternate key."""
    return total(_unfit(known) for _, _, known in context.each_type())


def _unfit(known: Counterparts) -> Found:
    marked = known.frame[np.flatnonzero(known.spelt(addresses.RESERVED.pattern))]
    found = marked.filter(pl.col("eligible") & (pl.col("side") == 0))
    return rows_from(found.with_columns(email=known.written(found["pos"])), "key", "email")
