"""One address for itself: blank, badly written, invalid, misspelt, with tags, unfit as a key."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from rapidfuzz.distance import OSA

from reconcile_tui.readiness import addresses
from reconcile_tui.readiness.check import Found, Row
from reconcile_tui.readiness.context import Context, rows_from, total
from reconcile_tui.readiness.keys import Counterparts

PLACEHOLDER_FROM = 5
"""Records with one address, and as many names, from which it is taken for a filler."""


def _senders(known: Counterparts) -> pl.DataFrame:
    return known.frame.filter(pl.col("eligible") & pl.col("canonical").is_not_null())


def blank(context: Context) -> Found:
    """I4: eligible records without an address, and such records whose counterpart is eligible: nobody will find them."""
    return total(_blank(context, known) for _, _, known in context.each_type() if known.email and "email" in context.profile.match)


def _blank(context: Context, known: Counterparts) -> Found:
    empty = known.frame.filter(pl.col("live") & pl.col("active") & pl.col("canonical").is_null())
    linked = pl.Series(known.linked.astype("uint32"))
    empty = empty.filter(~pl.col("pos").is_in(linked.implode()))
    own = empty.filter("eligible").select("key", why=pl.lit("eligible"))
    waiting = empty.filter(~pl.col("eligible")).select("key", "side")
    members = context.groups.filter(pl.col("probability") >= 0.5).select("group", "key") if context.groups.height else context.groups
    if waiting.height and members.height:
        others = members.join(known.frame.filter("eligible").select("key", "side"), on="key")
        met = waiting.join(members, on="key").join(others, on="group", suffix="_other").filter(pl.col("side") != pl.col("side_other"))
        found = met.unique("key", maintain_order=True).select("key", why=pl.lit("its counterpart is eligible and can't find it"))
        own = pl.concat([own, found])
    return rows_from(own.sort("key"), "key", "why")


def not_canonical(context: Context) -> Found:
    """I5: addresses written differently from their canonical form that collide with another record once canonical."""
    return total(_not_canonical(known) for _, _, known in context.each_type())


def _not_canonical(known: Counterparts) -> Found:
    frame = known.frame.filter(pl.col("active") & pl.col("canonical").is_not_null() & (pl.col("canonical") != ""))
    odd = frame.filter(pl.col("raw") != pl.col("canonical"))
    others = frame.join(odd.select("canonical").unique(), on="canonical", how="semi")
    groups = others.group_by("canonical").agg(keys=pl.col("key"), forms=pl.col("raw").n_unique(), sends=pl.col("eligible").any())
    met = odd.join(groups.filter((pl.col("keys").list.len() > 1) & pl.col("sends") & (pl.col("forms") > 1)), on="canonical").sort("pos")
    shown = met.with_columns(keys=pl.concat_list("key", pl.col("keys").list.set_difference(pl.concat_list("key"))))
    searched = known.searched.gather(shown["pos"])
    repaired = (searched == shown["canonical"]).replace_strict({True: "yes", False: "no"}, return_dtype=pl.String)
    return rows_from(
        shown.with_columns(transform_repairs=repaired).rename({"raw": "written"}), "keys", "written", "canonical", "transform_repairs"
    )


def unusable(context: Context) -> Found:
    """I6: invalid addresses, role and no-reply mailboxes, placeholders."""
    return Found.of(row for _, _, known in context.each_type() for row in _unusable(known))


def _unusable(known: Counterparts) -> Iterator[Row]:
    senders = _senders(known).filter(~pl.col("raw").str.contains(addresses.SEVERAL.pattern))
    odd = senders.filter(addresses.suspicious(senders["canonical"]))
    for one, address in odd.select("key", "canonical").iter_rows():
        if found := addresses.kind(address):
            yield (one,), {"email": address, "kind": found}
    repeated = senders.filter(~pl.col("key").is_in(odd["key"].implode())).group_by("side", "table", "canonical").agg("key")
    for _, _, address, keys in repeated.filter(pl.col("key").list.len() >= PLACEHOLDER_FROM).sort("canonical").iter_rows():
        yield tuple(keys), {"email": address, "kind": f"shared by {len(keys)} records"}


def several_in_one(context: Context) -> Found:
    """I7: several addresses in one field."""
    return total(_several(known) for _, _, known in context.each_type())


def _several(known: Counterparts) -> Found:
    found = known.frame.filter(pl.col("active") & pl.col("raw").str.contains(addresses.SEVERAL.pattern))
    return rows_from(found.rename({"raw": "written"}), "key", "written")


def misspelt_domain(context: Context) -> Found:
    """I10: a domain close to a frequent one, or the same mailbox name at a domain that differs by a letter or its ending."""
    return Found.of(row for _, _, known in context.each_type() for row in _misspelt(known))


def _misspelt(known: Counterparts) -> Iterator[Row]:
    frame = known.frame.filter(pl.col("active") & pl.col("canonical").str.count_matches("@", literal=True).eq(1))
    frame = frame.with_columns(
        local=pl.col("canonical").str.extract(r"^([^@]+)@", 1), domain=pl.col("canonical").str.extract(r"@([^@]+)$", 1)
    ).filter(pl.col("local").is_not_null() & pl.col("domain").is_not_null())
    counts = dict(frame.group_by("domain").len().iter_rows())
    for keys, address, domain, meant in _by_neighbour(frame, counts):
        yield keys, {"email": address, "domain": domain, "perhaps": meant}


def _by_neighbour(frame: pl.DataFrame, counts: dict[str, int]) -> Iterator[tuple[tuple[int, ...], str, str, str]]:
    """The same local part at two close domains speaks for itself; alone, a rare domain beside a frequent one does."""
    grouped = frame.filter(pl.col("local").is_duplicated()).group_by("local", maintain_order=True)
    twins = grouped.agg("key", "canonical", "domain", "eligible", domains=pl.col("domain").n_unique())
    twins = twins.filter((pl.col("domains") > 1) & (pl.col("key").list.len() <= _TWINS) & pl.col("eligible").list.any())
    told: set[int] = set()
    for _, keys, found, domains, sends, _ in twins.iter_rows():
        for i, j in _close_pairs(domains, sends):
            rare, usual = (i, j) if (counts[domains[i]], domains[i]) <= (counts[domains[j]], domains[j]) else (j, i)
            if keys[rare] not in told:
                told.add(keys[rare])
                yield (keys[rare], keys[usual]), found[rare], domains[rare], domains[usual]
    wrong = rare_neighbours(counts)
    lone = frame.filter(pl.col("eligible") & pl.col("domain").is_in(list(wrong)) & ~pl.col("key").is_in(list(told)))
    for key, address, domain in lone.select("key", "canonical", "domain").iter_rows():
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
    usual = sorted(counts, key=lambda d: -counts[d])[:_FREQUENT]
    found: dict[str, str] = {}
    for domain in [*usual, *addresses.FAMILIAR]:
        weight = counts.get(domain, 0)
        for edit in _edits(domain):
            own = counts.get(edit)
            if own and edit not in addresses.FAMILIAR and (weight >= times * own or domain in addresses.FAMILIAR):
                found.setdefault(edit, domain)
    return found


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
    frame = known.frame.filter(pl.col("active") & pl.col("canonical").is_not_null())
    boxes = addresses.mailbox(frame["canonical"])
    frame = frame.with_columns(mailbox=boxes)
    odd = frame.filter(pl.col("mailbox") != pl.col("canonical")).select("mailbox").unique()
    met = frame.join(odd, on="mailbox", how="semi").group_by("mailbox").agg("key", "canonical", sends=pl.col("eligible").any())
    met = met.with_columns(addresses=pl.col("canonical").list.unique().list.sort())
    found = met.filter((pl.col("addresses").list.len() > 1) & pl.col("sends")).sort("mailbox")
    return rows_from(found.with_columns(emails=pl.col("addresses").list.join(", ")), "key", "mailbox", "emails")


def unfit_as_key(context: Context) -> Found:
    """I17: addresses with characters that break requests by alternate key."""
    return total(_unfit(known) for _, _, known in context.each_type())


def _unfit(known: Counterparts) -> Found:
    first = known.frame.filter(pl.col("eligible") & (pl.col("side") == 0))
    found = first.filter(pl.col("raw").str.contains(addresses.RESERVED.pattern))
    return rows_from(found.rename({"raw": "email"}), "key", "email")
