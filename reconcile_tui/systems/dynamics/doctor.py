"""What `doctor` looks at in a Dataverse environment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from reconcile_tui.errors import ReconcileError, RequestRefused, SystemFailure
from reconcile_tui.systems.dynamics import links
from reconcile_tui.systems.dynamics.metadata import Schema
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.protocol import Finding, FindingLevel

_LEVELS: dict[str, FindingLevel] = {"ready": "ok", "missing": "note", "pending": "note", "unfit": "failed"}


class Doctor:
    """The checks of one environment. It reads only."""

    def __init__(
        self, http: Http, base: str, schema: Callable[[str], Awaitable[Schema | None]], links: Mapping[str, Sequence[str]]
    ) -> None:
        """`schema` loads a table's schema, `links` names the link columns by table."""
        self._http, self._base, self._schema, self._links = http, base, schema, links

    async def findings(self, tables: Sequence[str]) -> list[Finding]:
        """All findings; a failed sign-in ends the list."""
        try:
            user = str((await self._http.read(f"{self._base}/WhoAmI")).get("UserId", ""))
            found = [Finding("sign-in", "ok", "Signed in to Dynamics."), Finding("api version", "ok", "Dataverse Web API v9.2.")]
            found += await self._privileges(user, tables)
            for table in tables:
                found += await self._table(table)
        except SystemFailure as error:
            return [Finding("sign-in", "failed", error.what, error.todo)]
        except ReconcileError as error:
            return [Finding("sign-in", "failed", error.what, error.todo or "Is this user an application user of the environment?")]
        rate = self._http.pace.rate
        return [*found, Finding("limits", "ok", f"{rate.requests} requests in {rate.seconds:g} s and user.")]

    async def _privileges(self, user: str, tables: Sequence[str]) -> list[Finding]:
        url = f"{self._base}/systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
        try:
            data = await self._http.read(url)
        except RequestRefused as error:
            return [Finding("privileges", "note", f"The environment does not tell this user's privileges (HTTP {error.status}).")]
        held = {str(p.get("PrivilegeName", "")).lower() for p in data.get("RolePrivileges", ()) if isinstance(p, Mapping)}
        if "" in held or not held:
            return [Finding("privileges", "note", "The environment does not name this user's privileges.")]
        lacking = [name for table in tables for name in _needed(table) if not held.intersection(name.lower().split("|"))]
        if lacking:
            return [
                Finding(
                    "privileges",
                    "warning",
                    f"The user lacks {', '.join(name.partition('|')[0] for name in lacking)}.",
                    "Give it a role that has them.",
                )
            ]
        return [Finding("privileges", "ok", "The user may read, write and merge.")]

    async def _table(self, table: str) -> list[Finding]:
        try:
            schema = await self._schema(table)
            if schema is None:
                return [Finding("table", "note", f"There is no table {table}; it counts as empty.")]
            await self._http.read(f"{self._base}/{schema.entity_set}", params={"$select": schema.id_column, "$top": "1"})
        except RequestRefused as error:
            return [Finding("privileges", "failed", f"{table}: {error.what}", error.todo)]
        found = [Finding("table", "ok", f"{table} has {len(schema.columns)} columns.")]
        if not schema.tracks_changes:
            todo = "Switch on change tracking for the table in its settings; until then, deletions are seen by full pulls only."
            found.append(Finding("change tracking", "warning", f"Change tracking is off for {table}.", todo))
        if not schema.has_etags:
            found.append(Finding("concurrency", "warning", f"{table} does not support optimistic concurrency."))
        for column in self._links.get(table, ()):
            state = links.state(schema, column)
            found.append(Finding("link", _LEVELS[state.status], f"{table}.{column}: {state.detail or 'ready'}"))
        return found


def _needed(table: str) -> tuple[str, ...]:
    """Privileges for cleaning a table; `|` separates names of which one is enough."""
    title = table.capitalize()
    return f"prvRead{title}", f"prvWrite{title}", f"prvMerge|prvMerge{title}"
