"""The records of the article on the risks of bidirectional integrations: two people, one address."""

from __future__ import annotations

from reconcile_tui.forecast.values import SimRecord
from reconcile_tui.model import Common, Ref

ROBERT = Ref("dynamics", "contact", "C-1")
RITA = Ref("dynamics", "contact", "C-2")
SHARED = Ref("hubspot", "contacts", "501")


def record(ref: Ref, first: Common, phone: Common, email: str = "bob@acme.test") -> SimRecord:
    """One record of the story."""
    return SimRecord(ref, 0 if ref.system == "dynamics" else 1, {"first_name": first, "phone": phone}, emails=(email,))


def people() -> list[SimRecord]:
    """The two Dynamics contacts; HubSpot knows nobody yet."""
    return [record(ROBERT, "Robert", "555-0101"), record(RITA, "Rita", "555-0202")]
