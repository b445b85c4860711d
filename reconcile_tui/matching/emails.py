"""E-mail addresses: parts, the mailbox they reach, role and placeholder addresses."""

from __future__ import annotations

import polars as pl

from reconcile_tui.matching.text import absent_as_null, ascii_lower, on_some

_DOTLESS = ["gmail.com", "googlemail.com"]
"""Providers that ignore dots in the local part (support.google.com/mail/answer/7436150)."""
_SAME_PROVIDER = {"googlemail.com": "gmail.com", "hotmail.co.uk": "hotmail.com"}

ROLES = frozenset(
    "info sales office contact admin support help service hello mail email team marketing hr jobs accounts accounting billing "  # noqa: SIM905
    "invoice finance enquiries enquiry inquiries reception kontakt buero vertrieb einkauf verkauf contacto ventas administracion "
    "commercial direction secretariat compta amministrazione ordini webmaster postmaster".split()
)
"""Local parts that stand for an office, not a person."""
_NOBODY = "noreply|no-reply|none|noemail|no|na|nobody|test|example|unknown|xxx?|x|dummy|fake|null|a|asdf"
_NOWHERE = "none|na|noemail|no|email|test|example|x|xx|xxx|nomail|unknown|invalid|null|a|asdf"
_PLACEHOLDER = rf"^(?:{_NOBODY})@(?:.*\.)?(?:{_NOWHERE})(?:\.[a-z]+)?$"


def written(values: pl.Series) -> pl.Series:
    """The address trimmed, in lower-case ASCII, without `mailto:`, display name or angle brackets."""
    return absent_as_null(on_some(ascii_lower(values), r"[\s<>:]", _bare))


def _bare(values: pl.Series) -> pl.Series:
    return values.str.replace_all(r"\s+", "").str.replace(r"^mailto:", "").str.replace(r"^.*<([^<>]*)>.*$", "$1")


def address(addresses: pl.Series) -> pl.Series:
    """Written addresses, null where one is a placeholder: agreeing on `none@none.com` is no evidence."""
    return on_some(addresses, _PLACEHOLDER, lambda some: pl.Series([None] * len(some), dtype=pl.String))


def parts(addresses: pl.Series) -> pl.DataFrame:
    """`local` (without tag and signs), `domain` and `mailbox` (local as the provider reads it, at the domain) of each address."""
    split = addresses.str.splitn("@", 2).struct.unnest()
    raw, domain = split.to_series(0), split.to_series(1)
    untagged = on_some(raw, r"\+", lambda some: some.str.replace(r"^(.+?)\+.*$", "$1"))
    local = untagged.str.replace_many([".", "_", "-"], [""] * 3)
    local = absent_as_null(on_some(local, r"[^a-z0-9]", lambda some: some.str.replace_all(r"[^a-z0-9]", "")))
    frame = pl.DataFrame({"untagged": untagged, "domain": domain.replace(_SAME_PROVIDER), "local": local})
    read = pl.when(pl.col("domain").is_in(_DOTLESS)).then(pl.col("local")).otherwise(pl.col("untagged"))
    return frame.select("local", "domain", (read + "@" + pl.col("domain").fill_null("")).alias("mailbox"))
