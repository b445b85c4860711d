"""HubSpot in miniature."""
