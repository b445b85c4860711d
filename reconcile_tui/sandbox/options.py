"""How this sandbox behaves where the real systems differ from account to account, or where the facts leave a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_type_hints

from reconcile_tui.errors import UsageError


@dataclass(frozen=True, slots=True)
class Options:
    """One set of switches; durations in seconds. `docs/sandbox-fidelity.md` says which default is a fact and which a choice."""

    limits: bool = False  # whether rate limits are enforced; the headers are always sent
    latency: float = 0.0  # every CRM answer takes this long; what makes concurrency limits felt

    hubspot_merge_ids: Literal["new", "preserve"] = "new"
    hubspot_search_lag: float = 0.0  # how long search keeps showing the state before a write
    hubspot_unset_values: Literal["null", "omit"] = "null"
    hubspot_clash_on_create: Literal["409", "400"] = "409"
    hubspot_clash_code: Literal["coordinates", "conflicting_unique_value"] = "coordinates"
    hubspot_required: tuple[str, ...] = ()  # contact properties that 2026-09 demands on create
    hubspot_burst: int = 190  # requests per 10 s and token
    hubspot_daily: int = 625_000  # requests per day and account
    hubspot_search_rate: int = 5  # searches per second and account
    hubspot_tokens: tuple[str, ...] = ()  # empty: any bearer token is taken
    hubspot_scopes: tuple[str, ...] = ()  # empty: all

    dataverse_leads: bool = True  # whether the Sales app, and with it the lead table, is installed
    dataverse_merge_flow: Literal["update_content", "fill_empty"] = "update_content"
    dataverse_key_delay: float = 0.5  # from creating an alternate key until its index is Active
    dataverse_page_size: int = 5000
    dataverse_count_cap: int = 5000
    dataverse_token_days: float = 7.0  # life of a change-tracking token
    dataverse_requests: int = 6000  # per 300 s and user
    dataverse_execution: float = 1200.0  # seconds of work per 300 s and user
    dataverse_concurrency: int = 52
    dataverse_denied: tuple[str, ...] = ()  # privileges the caller lacks, e.g. "prvMergeContact"

    entra_secret: str = ""  # empty: any client secret but an empty one is right
    entra_certificate: str = ""  # PEM; empty: a certificate assertion's signature is not checked
    entra_lifetime: float = 3599.0  # life of an access token
    entra_polls: int = 1  # how often a device code answers authorization_pending
    entra_device: Literal["approve", "decline", "wait"] = "approve"

    def changed(self, changes: Mapping[str, Any]) -> Options:
        """The same options with some replaced. Raises UsageError for a name or value that can't be."""
        hints = get_type_hints(Options)
        for name, value in changes.items():
            if name not in hints:
                known = ", ".join(field.name for field in fields(self))
                raise UsageError(f"The sandbox has no option {name!r}.", todo=f"Options: {known}.")
            allowed = getattr(hints[name], "__args__", ())
            if allowed and isinstance(allowed[0], str) and value not in allowed:
                raise UsageError(f"The sandbox's option {name} can't be {value!r}.", todo=f"One of: {', '.join(allowed)}.")
        listed: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()}
        return replace(self, **listed)

    def as_json(self) -> dict[str, Any]:
        """All options by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
