"""Change tracking: the first read of a table, and later what changed since."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_query
from reconcile_tui.sandbox.dataverse.preferences import Preferences
from reconcile_tui.sandbox.dataverse.present import Presentation
from reconcile_tui.sandbox.dataverse.query import Cursor, context, next_link, options_of, page, page_size, selected
from reconcile_tui.sandbox.dataverse.schema import Table
from reconcile_tui.sandbox.exchange import Call

NOT_ALLOWED = ("$filter", "$orderby", "$expand", "$top")
_FORM = "%m/%d/%Y %H:%M:%S"


def tracked(call: Call) -> bool:
    """Whether a read of a table is one with change tracking."""
    options = call.parameters()
    return "$deltatoken" in options or Preferences.of(call).tracks_changes


def read(env: Environment, call: Call, table: Table) -> dict[str, Any]:
    """One page of everything, or of what changed since the token; the last page has the next token."""
    options = options_of(call)
    for name in NOT_ALLOWED:
        if name in options:
            raise bad_query(f"The query option '{name}' is not supported with change tracking.")
    if "$deltatoken" in options:
        return _changes(env, call, table, options)
    cursor = Cursor.of(options["$skiptoken"]) if "$skiptoken" in options else Cursor(tracked=env.version())
    preferences = Preferences.of(call)
    presentation = Presentation(env, table, selected(table, options.get("$select", "")), preferences)
    rows, following = page(env, table, presentation, ("1", []), [], cursor, page_size(env, preferences, options))
    body: dict[str, Any] = {"@odata.context": context(call, table, options.get("$select", ""), "/$delta"), "value": presentation.of(rows)}
    if following is not None:
        return {**body, "@odata.nextLink": next_link(call, following)}
    return {**body, "@odata.deltaLink": _link(env, call, cursor.tracked or env.version())}


def _link(env: Environment, call: Call, version: int) -> str:
    kept = [part for part in call.query.split("&") if part and not re.match(r"(\$|%24)(skip|delta)token=", part)]
    moment = datetime.fromtimestamp(env.clock.now(), UTC).strftime(_FORM)
    return f"{call.origin}{call.path}?{'&'.join([*kept, '$deltatoken=' + quote(f'{version}!{moment}', safe='')])}"


def _version(env: Environment, token: str) -> int:
    version, _, moment = token.partition("!")
    try:
        made = datetime.strptime(moment, _FORM).replace(tzinfo=UTC).timestamp()
        known = int(version)
    except ValueError:
        raise bad_query(f"The delta token '{token}' is not valid.") from None
    if env.clock.now() - made > env.options.dataverse_token_days * 86_400:
        raise Refusal(400, "0x80044352", "Version stamp associated with the client has expired. Please perform a full sync.")
    return known


def _changes(env: Environment, call: Call, table: Table, options: dict[str, str]) -> dict[str, Any]:
    since = _version(env, options["$deltatoken"])
    preferences = Preferences.of(call)
    cursor = Cursor.of(options["$skiptoken"]) if "$skiptoken" in options else Cursor(tracked=env.version())
    presentation = Presentation(env, table, selected(table, options.get("$select", "")), preferences)
    newer = (f"{table.sql}.versionnumber > ?", [since])
    by_version = [(table.columns["versionnumber"], False)]
    rows, following = page(env, table, presentation, newer, by_version, cursor, page_size(env, preferences, options))
    body: dict[str, Any] = {"@odata.context": context(call, table, options.get("$select", ""), "/$delta"), "value": presentation.of(rows)}
    if following is not None:
        return {**body, "@odata.nextLink": next_link(call, following)}
    body["value"] += _deleted(env, call, table, since)
    return {**body, "@odata.deltaLink": _link(env, call, cursor.tracked or env.version())}


def _deleted(env: Environment, call: Call, table: Table, since: int) -> list[dict[str, Any]]:
    gone = f"id NOT IN (SELECT {table.key} FROM {table.sql})"
    sql = f"SELECT id FROM dv_deleted WHERE table_name = ? AND version > ? AND {gone} ORDER BY version"
    named = context(call, table, "", "/$deletedEntity")
    return [{"@odata.context": named, "id": row["id"], "reason": "deleted"} for row in env.store.all(sql, (table.name, since))]
