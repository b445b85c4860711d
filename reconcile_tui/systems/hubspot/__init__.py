"""HubSpot's CRM API: contacts by list, search and batch; properties; merge."""

from reconcile_tui.systems.hubspot.client import HubSpot

__all__ = ["HubSpot"]
