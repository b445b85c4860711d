"""Talking to the CRMs: one protocol, two clients, and folders of exports.

`open_system` is the only way in. What stands behind the protocol is chosen from a registry by the settings' `kind`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.project import SystemSettings
from reconcile_tui.systems.protocol import Exchange, Journal, System

if TYPE_CHECKING:
    from reconcile_tui.systems.auth import Prompt
    from reconcile_tui.systems.clock import Clock
    from reconcile_tui.systems.dialect import Token
    from reconcile_tui.systems.http import AsgiApp

__all__ = ["Exchange", "Journal", "System", "open_system"]

HUBSPOT_URL = "https://api.hubapi.com"  # for every region
EMBEDDED_DYNAMICS_URL = "https://sandbox.crm.dynamics.com"
EMBEDDED_TOKEN = "sandbox"  # noqa: S105 - opens nothing but the sandbox inside the workspace


@dataclass(frozen=True, slots=True)
class _Opening:
    name: str
    settings: SystemSettings
    links: Mapping[str, Sequence[str]]
    folder: Path
    transport: AsgiApp | None
    journal: Journal | None
    env: Mapping[str, str]
    prompt: Prompt | None
    clock: Clock | None
    cache: Path | None


def open_system(
    name: str,
    settings: SystemSettings,
    *,
    folder: Path | None = None,
    links: Mapping[str, Sequence[str]] | None = None,
    transport: AsgiApp | None = None,
    journal: Journal | None = None,
    env: Mapping[str, str] | None = None,
    prompt: Prompt | None = None,
    clock: Clock | None = None,
    cache: Path | None = None,
) -> System:
    """A system ready to be asked; nothing is sent before the first question, no secret is looked for either.

    `folder` is what relative paths start from, `links` the link columns by table (for `check`), `transport` an ASGI app to talk to
    instead of the network, `prompt` shows the sentence of a device-code sign-in, `cache` is the file of the encrypted token cache
    (None: the user's data folder). Raises SystemUnreachable for an impossible URL.
    """
    opening = _Opening(
        name, settings, links or {}, folder or Path(), transport, journal, os.environ if env is None else env, prompt, clock, cache
    )
    return _OPENERS[settings.kind](opening)


def _hubspot(opening: _Opening) -> System:
    from reconcile_tui.systems.auth import FixedToken, StoredToken
    from reconcile_tui.systems.http import Http
    from reconcile_tui.systems.hubspot import HubSpot
    from reconcile_tui.systems.hubspot.dialect import HubSpotDialect

    settings = opening.settings
    token: Token = StoredToken(opening.name, settings.token_env, opening.env)
    url = settings.url or HUBSPOT_URL
    if settings.embedded:
        token, url = FixedToken(EMBEDDED_TOKEN), HUBSPOT_URL
    http = Http(opening.name, url, token, HubSpotDialect(), app=opening.transport, journal=opening.journal, clock=opening.clock)
    return HubSpot(opening.name, http, settings.api_version, opening.links)


def _dynamics(opening: _Opening) -> System:
    from reconcile_tui.systems.auth import EntraToken, FixedToken, resource_of
    from reconcile_tui.systems.dynamics import Dynamics
    from reconcile_tui.systems.dynamics.dialect import DynamicsDialect
    from reconcile_tui.systems.http import Http

    settings = opening.settings
    url = EMBEDDED_DYNAMICS_URL if settings.embedded else settings.url
    token: Token = FixedToken(EMBEDDED_TOKEN)
    if not settings.embedded:
        token = EntraToken(
            opening.name,
            settings,
            resource_of(url),
            opening.env,
            app=opening.transport,
            prompt=opening.prompt,
            folder=opening.folder,
            cache=opening.cache or _token_cache(),
        )
    http = Http(opening.name, url, token, DynamicsDialect(), app=opening.transport, journal=opening.journal, clock=opening.clock)
    return Dynamics(opening.name, http, opening.links)


def _files(opening: _Opening) -> System:
    from reconcile_tui.systems.files import Files

    return Files(opening.name, opening.settings, opening.folder)


def _token_cache() -> Path:
    import platformdirs

    return platformdirs.user_data_path("reconcile-tui") / "tokens.bin"


_OPENERS: dict[str, Callable[[_Opening], System]] = {"hubspot": _hubspot, "dynamics": _dynamics, "files": _files}
