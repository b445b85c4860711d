"""The Dataverse Web API of Dynamics 365: contacts and leads, metadata, keys, merge, change tracking."""

from reconcile_tui.systems.dynamics.client import Dynamics

__all__ = ["Dynamics"]
