"""HubSpot's addresses. One table serves `v3`, `v4` and the dated versions: a path is brought to one form first."""

from __future__ import annotations

import re
from urllib.parse import unquote

from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot import account, association_api, batch, merge, objects, properties, search
from reconcile_tui.sandbox.hubspot.account import scopes
from reconcile_tui.sandbox.hubspot.errors import Refusal, missing_scope, not_found, unauthenticated
from reconcile_tui.sandbox.hubspot.limits import Limits
from reconcile_tui.sandbox.hubspot.portal import Portal
from reconcile_tui.sandbox.hubspot.requests import type_of
from reconcile_tui.sandbox.routing import Found, Handler, Route, Routes

VERSIONS = ("v3", "v4", "2025-09", "2026-03", "2026-09")
_NUMBERED = re.compile(r"/crm/(?P<version>v\d+)/(?P<area>[a-z-]+)(?P<rest>/.*)?")
_DATED = re.compile(r"/crm/(?P<area>[a-z-]+)/(?P<version>\d{4}-\d{2})(?P<rest>/.*)?")
_WITH_VERSION = {objects.create, batch.create, batch.upsert, association_api.listing}
"""Handlers whose rules differ between versions of the API."""

READ, WRITE = "crm.objects.{}.read", "crm.objects.{}.write"
SCHEMA_READ, SCHEMA_WRITE = "crm.schemas.{}.read", "crm.schemas.{}.write"
_ONE, _LINK = "/objects/{type}/{id}", "/objects/{type}/{id}/associations"

_TABLE: list[tuple[str, str, Handler, str]] = [
    ("GET", "/objects/{type}", objects.listing, READ),
    ("POST", "/objects/{type}", objects.create, WRITE),
    ("POST", "/objects/{type}/search", search.search, READ),
    ("POST", "/objects/{type}/merge", merge.merge, WRITE),
    ("POST", "/objects/{type}/gdpr-delete", objects.forget, WRITE),
    ("POST", "/objects/{type}/batch/read", batch.read, READ),
    ("POST", "/objects/{type}/batch/create", batch.create, WRITE),
    ("POST", "/objects/{type}/batch/update", batch.update, WRITE),
    ("POST", "/objects/{type}/batch/upsert", batch.upsert, WRITE),
    ("POST", "/objects/{type}/batch/archive", batch.archive, WRITE),
    ("GET", _ONE, objects.get, READ),
    ("PATCH", _ONE, objects.update, WRITE),
    ("DELETE", _ONE, objects.archive, WRITE),
    ("GET", _LINK + "/{to_type}", association_api.listing, READ),
    ("PUT", _LINK + "/default/{to_type}/{to_id}", association_api.put_default, WRITE),
    ("PUT", _LINK + "/{to_type}/{to_id}", association_api.put, WRITE),
    ("DELETE", _LINK + "/{to_type}/{to_id}", association_api.delete, WRITE),
    ("PUT", _LINK + "/{to_type}/{to_id}/{kind}", association_api.put_named, WRITE),
    ("DELETE", _LINK + "/{to_type}/{to_id}/{kind}", association_api.delete, WRITE),
    ("POST", "/associations/{type}/{to_type}/batch/read", association_api.batch_read, READ),
    ("POST", "/associations/{type}/{to_type}/batch/create", association_api.batch_create, WRITE),
    ("POST", "/associations/{type}/{to_type}/batch/associate/default", association_api.batch_default, WRITE),
    ("POST", "/associations/{type}/{to_type}/batch/archive", association_api.batch_archive, WRITE),
    ("GET", "/properties/{type}", properties.listing, SCHEMA_READ),
    ("POST", "/properties/{type}", properties.create, SCHEMA_WRITE),
    ("GET", "/properties/{type}/groups", properties.groups, SCHEMA_READ),
    ("POST", "/properties/{type}/groups", properties.create_group, SCHEMA_WRITE),
    ("GET", "/properties/{type}/groups/{name}", properties.group, SCHEMA_READ),
    ("POST", "/properties/{type}/batch/{verb}", properties.batch, SCHEMA_WRITE),
    ("GET", "/properties/{type}/{name}", properties.get, SCHEMA_READ),
    ("PATCH", "/properties/{type}/{name}", properties.update, SCHEMA_WRITE),
    ("DELETE", "/properties/{type}/{name}", properties.archive, SCHEMA_WRITE),
    ("GET", "/owners", account.owners, "crm.objects.owners.read"),
    ("GET", "/owners/{id}", account.owner, "crm.objects.owners.read"),
    ("GET", "/account-info/v3/details", account.details, ""),
    ("POST", "/oauth/v2/private-apps/get/access-token-info", account.token, ""),
]
"""Method, path, handler, and the scope it needs with the object type filled in."""

ROUTES: Routes[str] = Routes(Route(*entry) for entry in _TABLE)


class Api:
    """Answers HubSpot requests."""

    def __init__(self, portal: Portal) -> None:
        """Serve one account."""
        self.portal = portal
        self.limits = Limits(portal)

    def answer(self, call: Call) -> Answer:
        """Route, check token and scope, and count the request; refusals come in HubSpot's shape."""
        headers: dict[str, str] = {}
        try:
            self._authenticate(call)
            headers = self.limits.take(call)
            with self.portal.store.transaction(write=call.method != "GET"):
                found = self._dispatch(call)
        except Refusal as refusal:
            found = refusal.answer()
        found.headers = {**headers, **found.headers}
        return found

    def _authenticate(self, call: Call) -> None:
        known = self.portal.options.hubspot_tokens
        if not call.bearer or (known and call.bearer not in known):
            raise unauthenticated()

    def _dispatch(self, call: Call) -> Answer:
        version, path = one_form(call.path)
        found = ROUTES.find(call.method, path)
        if isinstance(found, tuple):
            raise _unroutable(call, found)
        variables = {name: unquote(value) for name, value in found.variables.items()}
        self._check_scope(found, variables)
        if found.route.handler in _WITH_VERSION:
            variables["version"] = version
        return found.route.handler(self.portal, call, **variables)

    def _check_scope(self, found: Found[str], variables: dict[str, str]) -> None:
        scope = found.route.extra
        if "{}" in scope:
            scope = scope.format(type_of(variables["type"]))
        if scope and scope not in scopes(self.portal):
            raise missing_scope(scope)


def one_form(path: str) -> tuple[str, str]:
    """The version a path names and the path without it. Raises Refusal for a version that doesn't exist."""
    match = _NUMBERED.fullmatch(path) or _DATED.fullmatch(path)
    if match is None:
        return "", path.rstrip("/") or "/"
    version, area, rest = match["version"], match["area"], match["rest"] or ""
    if version not in VERSIONS:
        raise not_found()
    return version, f"/{area}{rest}".rstrip("/")


def _unroutable(call: Call, allowed: tuple[str, ...]) -> Refusal:
    if allowed:
        return Refusal(405, f"HTTP 405 Method Not Allowed: {call.method}; allowed: {', '.join(allowed)}")
    return not_found()
