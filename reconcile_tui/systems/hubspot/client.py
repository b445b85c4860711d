"""HubSpot behind the system protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar
from urllib.parse import quote

from reconcile_tui.errors import AnswerLost, ReconcileError, RecordGone, RequestRefused, SystemFailure, ValueTaken
from reconcile_tui.model import Column, Common, Native, Page
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.hubspot import history, properties, records
from reconcile_tui.systems.hubspot.dialect import SEARCH
from reconcile_tui.systems.hubspot.pulling import Pulling
from reconcile_tui.systems.protocol import Answer, Capabilities, Draft, DuplicateRule, FieldVersion, Finding, LinkState, Reading, RuleState

BATCH = 100  # inputs of one batch call, HubSpot's maximum
UNINDEXED = (2.0, 5.0, 10.0, 15.0)  # seconds between searches for values just cleared; the index lags by up to half a minute
Parsed = TypeVar("Parsed")


class HubSpot:
    """One HubSpot account."""

    kind = "hubspot"
    capabilities = Capabilities(merge_may_change_id=True, batch_read=BATCH, requests_per_second=10.0, tells_history=True)

    def __init__(self, name: str, http: Http, version: str, links: Mapping[str, Sequence[str]]) -> None:
        """`version` is `v3` or a date; `links` names the link properties of each table, for `check`."""
        self.name = name
        self._http = http
        self._version = version
        self._links = links
        self._columns: dict[str, tuple[Column, ...]] = {}

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    # -- reading

    async def describe(self, table: str) -> tuple[Column, ...]:
        """The object type's properties; empty when the account has no such type."""
        if table not in self._columns:
            try:
                data = await self._http.read(self._path("properties", table), params={"archived": "false"})
            except RecordGone:
                return ()
            self._columns[table] = self._understood(lambda: properties.columns(data["results"]))
        return self._columns[table]

    def standing_columns(self, table: str) -> tuple[str, ...]:
        """Times, who saved a record last and what was merged into it."""
        del table
        return records.STANDING

    async def pull(
        self, table: str, columns: Sequence[str], *, cursor: str | None = None, since: str | None = None
    ) -> AsyncGenerator[Page, None]:
        """By list, or by search for changes; see `pulling`."""
        async with aclosing(Pulling(self._http, table, self._path("objects", table), columns).pages(cursor, since)) as pages:
            async for page in pages:
                yield page

    async def read(self, table: str, ids: Sequence[str], columns: Sequence[str]) -> dict[str, Reading | None]:
        """By batch; what a batch leaves out is asked for one by one, since merged ids resolve only that way."""
        wanted = list(dict.fromkeys([*columns, *records.STANDING]))
        distinct = list(dict.fromkeys(ids))
        chunks = [distinct[start : start + BATCH] for start in range(0, len(distinct), BATCH)]
        found: dict[str, Reading | None] = {}
        for part in await asyncio.gather(*(self._batch(table, chunk, wanted) for chunk in chunks if len(chunk) > 1)):
            found |= part
        left = [id_ for id_ in distinct if id_ not in found]
        singles = await asyncio.gather(*(self._single(table, id_, wanted) for id_ in left))
        return found | dict(zip(left, singles, strict=True))

    async def _batch(self, table: str, ids: list[str], columns: list[str]) -> dict[str, Reading | None]:
        body = {"properties": columns, "inputs": [{"id": id_} for id_ in ids]}
        data = await self._http.read(self._path("objects", table, "batch", "read"), method="POST", body=body)
        results = self._understood(lambda: [records.reading(result) for result in data.get("results", ())])
        return {reading.id: reading for reading in results if reading.id in ids}

    async def _single(self, table: str, id_: str, columns: list[str]) -> Reading | None:
        try:
            data = await self._http.read(self._path("objects", table, id_), params={"properties": ",".join(columns)})
        except RecordGone:
            return None
        return self._understood(lambda: records.reading(data))

    async def history(self, table: str, ids: Sequence[str], column: str) -> dict[str, tuple[FieldVersion, ...] | None]:
        """By batch; what a batch leaves out (gone, or merged into another record) is asked for by itself."""
        found: dict[str, tuple[FieldVersion, ...] | None] = {}
        distinct = list(dict.fromkeys(ids))
        for start in range(0, len(distinct), history.BATCH):
            found |= await self._histories(table, distinct[start : start + history.BATCH], column)
        for id_ in distinct:
            if id_ not in found:
                found[id_] = await self._history_of(table, id_, column)
        return found

    async def _histories(self, table: str, ids: list[str], column: str) -> dict[str, tuple[FieldVersion, ...]]:
        body = {"properties": [], "propertiesWithHistory": [column], "inputs": [{"id": id_} for id_ in ids]}
        data = await self._http.read(self._path("objects", table, "batch", "read"), method="POST", body=body)
        told = self._understood(lambda: {str(r["id"]): history.versions(r, column) for r in data.get("results", ())})
        return {id_: told[id_] for id_ in ids if id_ in told}

    async def _history_of(self, table: str, id_: str, column: str) -> tuple[FieldVersion, ...] | None:
        try:
            data = await self._http.read(self._path("objects", table, id_), params={"propertiesWithHistory": column})
        except RecordGone:
            return None
        return self._understood(lambda: history.versions(data, column))

    # -- writing

    def draft_update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Draft:
        """A PATCH of the properties. HubSpot has no etags: compare by reading just before."""
        del etag
        body = {"properties": {name: records.wire(value) for name, value in values.items()}}
        return Draft("PATCH", self._http.url(self._path("objects", table, id_)), body)

    def draft_merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Draft:
        """A merge; values are written by updates of their own. Raises ValueError when there are any."""
        if values:
            raise ValueError("a HubSpot merge carries no values")
        return Draft("POST", self._http.url(self._path("objects", table, "merge")), {"primaryObjectId": keep, "objectIdToMerge": lose})

    async def update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Answer:
        """Write properties of one record."""
        return await self._send(self.draft_update(table, id_, values, etag=etag))

    async def merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Answer:
        """Merge two records. The answer's id is the survivor's from now on, whichever it is."""
        return await self._send(self.draft_merge(table, keep, lose, values))

    async def _send(self, draft: Draft) -> Answer:
        reply, data = await self._http.write(draft.method, draft.url, body=draft.body)
        try:
            reading = records.reading(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AnswerLost(
                "HubSpot accepted a write and answered in an unknown shape.",
                kept="The write was not repeated.",
                todo="The record has to be read to know its state.",
            ) from error
        return Answer(reading.id, reply.status, None, reading.modified_at, reply.request_id, reading.native)

    def to_native(self, column: Column, value: Common) -> Native:
        """Text in the property's form. Raises ValueError."""
        return properties.to_native(column, value)

    # -- link property

    async def link_state(self, table: str, column: str) -> LinkState:
        """Whether the property exists, is text and is unique."""
        try:
            found: Mapping[str, Any] | None = await self._http.read(self._path("properties", table, column))
        except RecordGone:
            found = None
        return properties.link_state(column, found)

    async def ensure_link(self, table: str, column: str, *, label: str = "") -> LinkState:
        """Create the property when it is missing."""
        state = await self.link_state(table, column)
        if state.status != "missing":
            return state
        with suppress(ValueTaken, AnswerLost):  # somebody else was faster, or the answer was lost: reading tells
            await self._http.write("POST", self._path("properties", table), body=properties.link_definition(table, column, label))
        self._columns.pop(table, None)
        return await self.link_state(table, column)

    async def drop_link(self, table: str, column: str, *, key_only: bool = False) -> LinkState:
        """Archive the property unless a contact holds a value in it. The search that tells lags: it is asked again for a while."""
        state = await self.link_state(table, column)
        if key_only or state.status == "missing":
            return state
        for seconds in (*UNINDEXED, None):
            if not await self._holders(table, column):
                break
            if seconds is None:
                return LinkState("unfit", column, "Records still hold values in the property, so it stays.")
            await self._http.clock.sleep(seconds)
        with suppress(AnswerLost, RecordGone):
            await self._http.write("DELETE", self._path("properties", table, column), parsed=False)
        self._columns.pop(table, None)
        return await self.link_state(table, column)

    async def _holders(self, table: str, column: str) -> int:
        filters = [{"propertyName": column, "operator": "HAS_PROPERTY"}]
        body = {"filterGroups": [{"filters": filters}], "limit": 1}
        data = await self._http.read(self._path("objects", table, "search"), method="POST", body=body, lane=SEARCH)
        return self._understood(lambda: int(data["total"]))

    # -- duplicate detection rules

    async def rule_state(self, rule: DuplicateRule) -> RuleState:
        """HubSpot holds addresses and unique properties apart by itself; rules are Dataverse's."""
        return RuleState("unfit", "HubSpot has no duplicate detection rules.")

    async def ensure_rule(self, rule: DuplicateRule) -> RuleState:
        """Nothing is created."""
        return await self.rule_state(rule)

    async def drop_rule(self, rule: DuplicateRule) -> RuleState:
        """Nothing is removed."""
        return await self.rule_state(rule)

    # -- doctor

    async def check(self, tables: Sequence[str]) -> list[Finding]:
        """Sign-in, tables, permissions, link properties, API version and limits."""
        findings = [Finding("api version", "ok", f"HubSpot API {self._version}.")]
        if self._version == "v3":
            findings = [
                Finding("api version", "note", "HubSpot API v3 becomes unsupported in September 2027.", 'Set api_version = "2026-09".')
            ]
        for table in tables:
            try:
                findings += await self._check_table(table)
            except SystemFailure as error:
                return [*findings, Finding("sign-in", "failed", error.what, error.todo)]
            except ReconcileError as error:
                findings.append(Finding("privileges", "failed", f"{table}: {error.what}", error.todo))
        rate = self._http.pace.rate
        return [*findings, Finding("limits", "ok", f"{rate.requests} requests in {rate.seconds:g} s.")]

    async def _check_table(self, table: str) -> list[Finding]:
        await self._http.read(self._path("objects", table), params={"limit": "1"})
        findings = [Finding("sign-in", "ok", f"The token reads {table}.")]
        columns = await self.describe(table)
        findings.append(Finding("table", "ok", f"{table} has {len(columns)} properties."))
        findings.append(await self._check_writing(table))
        for link in self._links.get(table, ()):
            state = await self.link_state(table, link)
            level = {"ready": "ok", "missing": "note", "pending": "note", "unfit": "failed"}[state.status]
            findings.append(Finding("link", level, f"{table}.{link}: {state.detail or 'ready'}"))  # type: ignore[arg-type]
        return findings

    async def _check_writing(self, table: str) -> Finding:
        """An update of no records changes nothing, and yet a token without the scope is turned away with 403."""
        try:
            await self._http.read(self._path("objects", table, "batch", "update"), method="POST", body={"inputs": []})
        except RequestRefused as error:
            if error.status == 403:
                return Finding("privileges", "failed", f"The token can't write {table}.", error.todo)
        return Finding("privileges", "ok", f"Nothing says the token can't write {table}.")

    # -- parts

    def _path(self, area: str, table: str, *rest: str) -> str:
        head = f"/crm/v3/{area}" if self._version == "v3" else f"/crm/{area}/{self._version}"
        return "/".join([head, *(quote(part, safe="") for part in (table, *rest))])

    def _understood(self, parse: Callable[[], Parsed]) -> Parsed:
        try:
            return parse()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._http.unusable(f"answered in an unknown shape ({type(error).__name__})") from error
