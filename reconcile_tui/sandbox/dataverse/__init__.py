"""Dataverse in miniature."""
