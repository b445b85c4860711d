"""Both CRMs' APIs and Entra sign-in in miniature: `Sandbox` in process, `serve` on loopback.

Imports nothing of the product but its errors: it stands in for the outside.
"""

from __future__ import annotations

from reconcile_tui.sandbox.clock import Clock
from reconcile_tui.sandbox.fault_kinds import ConnectionDropped
from reconcile_tui.sandbox.faults import Fault
from reconcile_tui.sandbox.options import Options
from reconcile_tui.sandbox.sandbox import Sandbox
from reconcile_tui.sandbox.server import Server, serve

__all__ = ["Clock", "ConnectionDropped", "Fault", "Options", "Sandbox", "Server", "serve"]
