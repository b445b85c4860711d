"""E-mail addresses as the checks see them: canonical form, what is wrong with one, what kind of mailbox it names.

Canonical means: what a person would call the same address. It is wider than what a sync compares (lower case and trimming), and
narrower than who reads the mail (tags and dots stay).
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from reconcile_tui.transforms.texts import INVISIBLE

ROLES = frozenset(
    [
        *("info", "sales", "office", "contact", "admin", "administrator", "support", "help", "helpdesk", "service", "hello", "mail"),
        *("email", "team", "marketing", "hr", "jobs", "careers", "accounts", "accounting", "billing", "invoice", "invoices", "finance"),
        *("enquiries", "enquiry", "inquiries", "reception", "postmaster", "webmaster", "hostmaster", "abuse", "privacy", "security"),
        *("press", "media", "legal", "orders", "purchasing", "feedback", "newsletter", "kontakt", "buero", "vertrieb", "einkauf"),
        *("verkauf", "contacto", "ventas", "administracion", "commercial", "secretariat", "compta", "ordini", "amministrazione"),
    ]
)
"""Local parts that name a function (RFC 2142 and everyday practice), not a person."""

NO_REPLY = re.compile(r"(?:no|do-?not|donot)[-._]?reply|mailer-daemon|bounces?")

_NOBODY = r"none|noemail|no-?mail|nomail|no|na|n-?a|nobody|test|tester|testing|unknown|x{1,4}|dummy|fake|null|asdf|aaa?|abc|noone|nil"
PLACEHOLDER = re.compile(rf"(?:{_NOBODY}|email|example)@(?:.*\.)?(?:{_NOBODY}|email|invalid)(?:\.[a-z.]{{2,8}})?")
"""`none@none.test`, `x@x.com`, `test@test.org`: stand for no address."""

_LOCAL = r"[^\s@<>()\[\],;:\\\"]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
SYNTAX = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+[^\W\d_](?:[\w-]{{0,61}}[^\W_])?")
"""Addresses as CRMs take them: one @, no blanks or quoting, a host name with a dot. Narrower than RFC 5322, wide enough for real ones."""

SEVERAL = re.compile(r"@[^@]*[;,|/\s][^@]*@")
"""A second address after a separator."""

DOTLESS = ("gmail.com", "googlemail.com")
"""Providers that ignore dots in the local part (support.google.com/mail/answer/7436150)."""

RESERVED = re.compile(r"[/<>*%&:\\?+]")
"""Characters that break GET and PATCH by alternate key (Microsoft, "Define alternate keys")."""

FAMILIAR = (
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "yahoo.com", "yahoo.co.uk", "icloud.com", "live.com"),
    *("aol.com", "msn.com", "gmx.de", "web.de", "t-online.de", "orange.fr", "wanadoo.fr", "libero.it", "proton.me", "btinternet.com"),
)
"""Providers a domain may be a misspelling of, even when no record of this data has them."""


def canonical(text: str) -> str:
    """An address in lower case, without blanks around it, invisible characters, `mailto:`, or a dot at its end; IDN hosts as Unicode."""
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip().casefold().removeprefix("mailto:").strip().rstrip(".")
    local, at, host = plain.rpartition("@")
    if (at and host.startswith("xn--")) or ".xn--" in host:
        host = _decoded(host)
    return f"{local}{at}{host}"


def _decoded(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def canonical_series(texts: pl.Series) -> pl.Series:
    """`canonical` of every text: plain ASCII ones by vectorised rules, the few others one by one."""
    plain = texts.str.strip_chars().str.to_lowercase().str.strip_chars_end(".")
    odd = (~texts.str.contains(r"^[\x21-\x7e]*$") | plain.str.contains(r"xn--|^mailto:")).fill_null(value=False).arg_true()
    if not len(odd):
        return plain
    return plain.scatter(odd, pl.Series([canonical(text) for text in texts[odd].to_list()], dtype=pl.String))


def kind(address: str) -> str:
    """What is wrong with a canonical address: `invalid`, `placeholder`, `no-reply`, `role`; empty when nothing is."""
    if PLACEHOLDER.fullmatch(address):
        return "placeholder"
    if not SYNTAX.fullmatch(address) or len(address) > 254:  # RFC 5321, 4.5.3.1.3
        return "invalid"
    local = address.partition("@")[0]
    if NO_REPLY.fullmatch(local):
        return "no-reply"
    return "role" if local.partition("+")[0] in ROLES else ""


def suspicious(addresses: pl.Series) -> pl.Series:
    """Which addresses `kind` has to be asked about; a quick look that never misses one."""
    local = addresses.str.extract(r"^([^@]*)@", 1)
    role = local.str.replace(r"\+.*$", "").is_in(list(ROLES))
    syntax = addresses.str.contains(
        r"^[^\s@<>()\[\],;:\\\"]+@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"
    )
    hint = addresses.str.contains(rf"^(?:{_NOBODY}|email|example)@") | local.str.contains(r"reply|daemon|bounce")
    return (role | ~syntax | hint | (addresses.str.len_chars() > 254)).fill_null(value=False)


def mailbox(addresses: pl.Series) -> pl.Series:
    """Where the mail of an address arrives: plus tags removed, dots too where the provider ignores them."""
    local, host = addresses.str.extract(r"^(.+)@", 1), addresses.str.extract(r"@([^@]+)$", 1)
    untagged = local.str.replace(r"^([^+]+)\+.*$", "$1")
    frame = pl.DataFrame({"u": untagged, "h": host})
    dotless = pl.when(pl.col("h").is_in(list(DOTLESS))).then(pl.col("u").str.replace_all(".", "", literal=True)).otherwise(pl.col("u"))
    return frame.select((dotless + "@" + pl.col("h")).alias("m"))["m"]
