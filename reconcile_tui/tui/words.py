"""The product's words for what the data model names by code."""

from __future__ import annotations

from datetime import UTC, datetime

from reconcile_tui.model import Decision, Ref
from reconcile_tui.tui import glyphs

CLASSES = {
    "identical": "identical",
    "differs": "differs",
    "shared_mailbox": "shared mailbox",
    "lead_contact": "lead + contact",
    "chain": "chain",
    "collision": "collision",
}

OUTCOMES = {
    "merge": "merge + link",
    "link": "link only",
    "split": "split",
    "shared_mailbox": "shared mailbox",
    "exclude": "excluded",
    "different": "different people",
    "unsure": "unsure",
    "skip": "skipped",
}

RULES = {
    "most_recent": "changed last",
    "most_complete": "most complete record",
    "system_of_record": "system of record",
    "oldest": "oldest record",
    "longest": "longest value",
    "most_frequent": "most frequent",
    "concatenate": "all distinct values",
    "most_restrictive": "most restrictive",
    "furthest_stage": "furthest stage",
    "chosen": "picked",
    "typed": "typed",
    "blanked": "left empty",
    "secondary": "moved aside",
    "blank": "blanked for the mailbox's owner",
    "alias": "an address of its own",
}

STATES = {"open": "open", "decided": "decided", "unsure": "unsure", "skipped": "skipped", "changed": "changed since", "todo": "to do"}

ORDERS = {"value": "value at stake", "uncertainty": "most uncertain", "score": "score", "size": "size", "newest": "newest"}

VENDORS = {"dynamics": "Dynamics", "hubspot": "HubSpot"}


def state_sign(state: str, outcome: str) -> tuple[str, str]:
    """A glyph and a role for the state of a group."""
    if state == "decided":
        return (glyphs.NOT, "dim") if outcome in ("different", "exclude") else (glyphs.DONE, "good")
    return {"unsure": (glyphs.UNSURE, "warn"), "skipped": (glyphs.SKIPPED, "dim"), "changed": (glyphs.CHANGED, "differs")}.get(
        state, (" ", "")
    )


def system_name(system: str) -> str:
    """A system as people call it."""
    return VENDORS.get(system, system)


def short_id(id_: str) -> str:
    """Enough of an id to tell records apart."""
    return id_ if len(id_) <= 12 else id_[:8]


def record_name(ref: Ref) -> str:
    """A record in a few words."""
    return f"{system_name(ref.system)} {ref.table} {short_id(ref.id)}"


def day(moment: str | None) -> str:
    """The date of an ISO time."""
    return (moment or "")[:10]


def clock(moment: str | None) -> str:
    """Date and time to the minute, local."""
    if not moment:
        return ""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment[:16]


def present() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def ago(moment: str | None) -> str:
    """How long ago, in one unit."""
    if not moment:
        return ""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return ""
    seconds = (present() - (then if then.tzinfo else then.replace(tzinfo=UTC))).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def plural(count: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def said(decision: Decision) -> str:
    """A decision in a few words; values are made safe by who shows it."""
    payload = decision.payload
    if decision.kind == "outcome":
        return OUTCOMES.get(str(payload.get("outcome")), str(payload.get("outcome")))
    if decision.kind == "value":
        field = str(payload.get("field", "")).replace("_", " ")
        if payload.get("rule"):
            return f"{field}: by rule"
        return f"{field}: {payload.get('value') or 'left empty'}"
    if decision.kind == "survivor":
        return f"survivor {record_name(Ref.from_json(payload['ref']))}" if payload.get("ref") else "survivor"
    if decision.kind == "add":
        return f"added {record_name(Ref.from_json(payload['ref']))}"
    return decision.note if decision.kind == "note" else decision.kind
