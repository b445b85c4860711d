"""The list of people who must not be stored or come back (check L6), kept by the customer beside the project file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile_tui.readiness.addresses import canonical
from reconcile_tui.readiness.check import SUPPRESSED_FILE
from reconcile_tui.readiness.rules.times_and_people import digest

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace

_HEX = 64  # digits of a SHA-256 digest


def suppressed(ws: Workspace) -> frozenset[str] | None:
    """SHA-256 digests of addresses that must not be stored; None when no list was given."""
    path = ws.folder / SUPPRESSED_FILE
    if not path.exists():
        return None
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(line.lower() if _is_digest(line) else digest(canonical(line)) for line in lines if line and not line.startswith("#"))


def _is_digest(line: str) -> bool:
    return len(line) == _HEX and all(c in "0123456789abcdefABCDEF" for c in line)
