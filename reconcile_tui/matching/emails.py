"""E-mail addresses: parts, the mailbox they reach, role and placeholder addresses."""

from __future__ import annotations

import polars as pl

from reconcile_tui.matching.text import absent_as_null, ascii_lower

_DOTLESS = ["gmail.com", "googlemail.com"]
"""Providers that ignore dots in the local part (support.google.com/mail/answer/7436150)."""
_SAME_PROVIDER = {"googlemail.com": "gmail.com", "hotmail.co.uk": "hotmail.com"}

ROLES = frozenset(
    "info sales office contact admin support help service hello mail email team marketing hr jobs accounts accounting billing "
    "invoice finance enquiries enquiry inquiries reception kontakt buero vertrieb einkauf verkauf contacto ventas administracion "
    "commercial direction secretariat compta amministrazione ordini webmaster postmaster".split()
)
_PLACEHOLDER = r"^(?:no-?reply|none|noemail|no|na|nobody|test|example|unknown|xxx?|x|dummy|fake|null|a|asdf)@(?:.*\.)?(?:none|na|noemail|no|email|test|example|x|xx|xxx|nomail|unknown|invalid|null|a|asdf)(?:\.[a-z]+)?$"


def written(values: pl.Series) -> pl.Series:
    """The address trimmed, in lower-case ASCII, without `mailto:`, display name or angle brackets."""
    plain = ascii_lower(values).str.replace_all(r"\s+", "").str.replace(r"^mailto:", "").str.replace(r"^.*<([^<>]*)>.*$", "$1")
    return absent_as_null(plain)


def address(addresses: pl.Series) -> pl.Series:
    """Written addresses, null where one is a placeholder: agreeing on `none@none.com` is no evidence."""
    frame = pl.DataFrame({"v": addresses})
    real = pl.when(pl.col("v").str.contains(_PLACEHOLDER)).then(None).otherwise(pl.col("v"))
    return frame.select(real.alias("v"))["v"]


def parts(addresses: pl.Series) -> pl.DataFrame:
    """`local` (plus tag removed, dots too), `domain` and `mailbox` (local as the provider reads it, at the domain) of each address."""
    frame = pl.DataFrame({"v": addresses})
    at = pl.col("v").str.extract(r"^(.*)@", 1).fill_null(pl.col("v"))
    untagged = at.str.replace(r"^(.+?)\+.*$", "$1")
    domain = pl.col("v").str.extract(r"@([^@]+)$", 1).replace(_SAME_PROVIDER)
    frame = frame.with_columns(untagged=untagged, domain=domain)
    local = pl.col("untagged").str.replace_all(r"[^a-z0-9]", "")
    read = pl.when(pl.col("domain").is_in(_DOTLESS)).then(local).otherwise(pl.col("untagged"))
    frame = frame.with_columns(local=local, mailbox=read + "@" + pl.col("domain").fill_null(""))
    local_or_null = pl.when(pl.col("local") == "").then(None).otherwise(pl.col("local"))
    return frame.select(local_or_null.alias("local"), "domain", "mailbox")
