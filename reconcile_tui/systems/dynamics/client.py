"""Dynamics 365 behind the system protocol."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from reconcile_tui.errors import RecordGone, RequestRefused
from reconcile_tui.model import Column, Common, Native, Page
from reconcile_tui.systems.dynamics import links, rules
from reconcile_tui.systems.dynamics.doctor import Doctor
from reconcile_tui.systems.dynamics.metadata import Schema, load
from reconcile_tui.systems.dynamics.pulling import Pulling
from reconcile_tui.systems.dynamics.records import ETAG, STANDING, Shape
from reconcile_tui.systems.dynamics.values import to_native
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.protocol import Answer, Capabilities, Draft, DuplicateRule, FieldVersion, Finding, LinkState, Reading, RuleState

BASE = "/api/data/v9.2"
BATCH = 50  # ids of one read: the URL stays far below Dataverse's 32 KB
_ENTITY_SETS = {"contact": "contacts", "lead": "leads", "account": "accounts"}
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Dynamics:
    """One Dataverse environment."""

    kind = "dynamics"
    capabilities = Capabilities(has_etags=True, merge_carries_values=True, merge_is_final=False, batch_read=BATCH, requests_per_second=20.0)

    def __init__(self, name: str, http: Http, links: Mapping[str, Sequence[str]]) -> None:
        """`links` names the link columns of each table, for `check`."""
        self.name = name
        self._http = http
        self._links = links
        self._schemas: dict[str, Schema | None] = {}

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    # -- reading

    async def describe(self, table: str) -> tuple[Column, ...]:
        """The table's columns; empty when the environment has no such table (no Sales app, no leads)."""
        schema = await self._schema(table)
        return schema.columns if schema else ()

    def standing_columns(self, table: str) -> tuple[str, ...]:
        """State, times, who saved a row last and what it was merged into."""
        del table
        return STANDING

    async def pull(
        self, table: str, columns: Sequence[str], *, cursor: str | None = None, since: str | None = None
    ) -> AsyncGenerator[Page, None]:
        """Page by page, with change tracking where it is switched on; see `pulling`. A table that is absent has no pages."""
        schema = await self._schema(table)
        if schema is None:
            return
        async with aclosing(Pulling(self._http, BASE, schema, columns).pages(cursor, since)) as pages:
            async for page in pages:
                yield page

    async def read(self, table: str, ids: Sequence[str], columns: Sequence[str]) -> dict[str, Reading | None]:
        """Many at once by a filter on ids, one by its address."""
        schema = await self._schema(table)
        distinct = list(dict.fromkeys(ids))
        if schema is None:
            return dict.fromkeys(distinct)
        shape = Shape(schema, columns)
        chunks = [distinct[start : start + BATCH] for start in range(0, len(distinct), BATCH)]
        found: dict[str, Reading | None] = {}
        for part in await asyncio.gather(*(self._read(schema, shape, chunk) for chunk in chunks)):
            found |= part
        return {id_: found.get(id_.lower()) for id_ in distinct}

    async def _read(self, schema: Schema, shape: Shape, ids: list[str]) -> dict[str, Reading | None]:
        headers = {"Prefer": ",".join(shape.prefer)} if shape.prefer else None
        select = {"$select": ",".join(shape.select)}
        if len(ids) == 1:
            try:
                rows = [await self._http.read(self._record(schema.table, ids[0]), params=select, headers=headers)]
            except RecordGone:
                return {}
        else:
            condition = " or ".join(f"{schema.id_column} eq {_guid(id_)}" for id_ in ids)
            url = f"{BASE}/{schema.entity_set}"
            rows = (await self._http.read(url, params={**select, "$filter": condition}, headers=headers)).get("value", [])
        try:
            return {reading.id.lower(): reading for reading in map(shape.reading, rows)}
        except (KeyError, TypeError, AttributeError) as error:
            raise self._http.unusable(f"answered in an unknown shape ({type(error).__name__})") from error

    async def history(self, table: str, ids: Sequence[str], column: str) -> dict[str, tuple[FieldVersion, ...] | None]:
        """Left alone: Dataverse tells this by its audit alone, which takes a privilege and a setting that nothing else here needs."""
        del table, ids, column
        return {}

    # -- writing

    def draft_update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Draft:
        """A PATCH of the changed columns; without an etag still never a create (`If-Match: *`)."""
        headers = {"If-Match": etag or "*", "Prefer": "return=representation"}
        select = ",".join(dict.fromkeys([f"{table}id", *values, "modifiedon"]))
        return Draft("PATCH", self._http.url(f"{self._record(table, id_)}?$select={select}"), _written(values), headers)

    def draft_merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Draft:
        """A Merge with all final values in `UpdateContent`; what Dataverse would fill in by itself is not relied on."""
        type_ = f"Microsoft.Dynamics.CRM.{table}"
        body = {
            "Target": {"@odata.type": type_, f"{table}id": _guid(keep)},
            "Subordinate": {"@odata.type": type_, f"{table}id": _guid(lose)},
            "UpdateContent": {"@odata.type": type_, **_written(values)},
            "PerformParentingChecks": False,
        }
        return Draft("POST", self._http.url(f"{BASE}/Merge"), body)

    async def update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Answer:
        """Write columns of one row. Raises RecordChanged when the etag no longer fits."""
        draft = self.draft_update(table, id_, values, etag=etag)
        reply, data = await self._http.write(draft.method, draft.url, body=draft.body, headers=draft.headers)
        native = {name: data[name] for name in values if name in data}
        return Answer(id_, reply.status, data.get(ETAG), data.get("modifiedon"), reply.request_id, native)

    async def merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Answer:
        """Merge two rows; the loser stays, deactivated. The survivor's etag changes and has to be read."""
        draft = self.draft_merge(table, keep, lose, values)
        reply, _ = await self._http.write(draft.method, draft.url, body=draft.body, parsed=False)
        return Answer(keep, reply.status, None, None, reply.request_id)

    def to_native(self, column: Column, value: Common) -> Native:
        """Text in the column's form. Raises ValueError."""
        return to_native(column, value)

    # -- link column

    async def link_state(self, table: str, column: str) -> LinkState:
        """Whether the column exists, is text and has an active key."""
        return await links.look(self._http, BASE, table, column)

    async def ensure_link(self, table: str, column: str, *, label: str = "") -> LinkState:
        """Create column and alternate key where missing; wait until the key is active."""
        self._schemas.pop(table, None)
        return await links.ensure(self._http, BASE, table, column, label)

    async def drop_link(self, table: str, column: str, *, key_only: bool = False) -> LinkState:
        """Delete the alternate key and, unless it holds values, the column."""
        self._schemas.pop(table, None)
        return await links.drop(self._http, BASE, table, column, key_only=key_only)

    # -- duplicate detection rules

    async def rule_state(self, rule: DuplicateRule) -> RuleState:
        """Whether the rule exists as described and is published."""
        return await rules.look(self._http, BASE, rule)

    async def ensure_rule(self, rule: DuplicateRule) -> RuleState:
        """Create what is missing of the rule and publish it."""
        return await rules.ensure(self._http, BASE, rule)

    async def drop_rule(self, rule: DuplicateRule) -> RuleState:
        """Unpublish and delete the rule if it is as described."""
        return await rules.drop(self._http, BASE, rule)

    async def check(self, tables: Sequence[str]) -> list[Finding]:
        """Sign-in, tables, privileges, tracking, link columns and limits."""
        self._schemas.clear()
        return await Doctor(self._http, BASE, self._schema, self._links).findings(tables)

    # -- parts

    async def _schema(self, table: str) -> Schema | None:
        if table not in self._schemas:
            self._schemas[table] = await load(self._http, BASE, table)
        return self._schemas[table]

    def _record(self, table: str, id_: str) -> str:
        schema = self._schemas.get(table)
        entity_set = schema.entity_set if schema else _ENTITY_SETS.get(table, f"{table}s")
        return f"{BASE}/{entity_set}({_guid(id_)})"


def _guid(id_: str) -> str:
    """An id fit for a URL. Raises RequestRefused for anything else, which could change what the request means."""
    if not _GUID.fullmatch(id_):
        raise RequestRefused("A Dynamics id is a GUID; this one is not, so nothing was asked.", status=0, code="id")
    return id_


def _written(values: Mapping[str, Native]) -> dict[str, Any]:
    if references := [name for name in values if name.startswith("_") and name.endswith("_value")]:
        raise RequestRefused(f"{references[0]} is a reference to another record, which is not written.", status=0, code="lookup")
    return dict(values)
