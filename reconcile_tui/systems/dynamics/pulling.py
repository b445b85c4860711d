"""Pulling a Dataverse table: with change tracking where it is switched on, by time of modification elsewhere.

A tracked pull ends with a delta link, from which the next one brings changed and deleted rows. The link lives seven days by default;
when it is older, or refused, everything is pulled again. Without change tracking the next pull asks for what was modified since shortly
before this one began, and deletions are seen by full pulls only.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from reconcile_tui.errors import RequestRefused
from reconcile_tui.model import Page
from reconcile_tui.systems import resume
from reconcile_tui.systems.clock import iso, moment
from reconcile_tui.systems.dynamics.metadata import Schema
from reconcile_tui.systems.dynamics.records import Shape
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.prefetch import ahead

PAGE_SIZE = 5000  # rows, Dataverse's maximum
OVERLAP = timedelta(minutes=5)
TOKEN_LIFE = timedelta(days=6, hours=12)  # Dataverse keeps delta tokens seven days by default


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pull stands. `link` is the vendor's own, followed verbatim."""

    link: str
    started: str  # by the server's clock, ISO 8601
    tracked: bool
    full: bool
    newest: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    page: Page
    following: Place | None


class Pulling:
    """One pull of one table."""

    def __init__(self, http: Http, base: str, schema: Schema, columns: Sequence[str]) -> None:
        """`base` is the path of the Web API."""
        self._http, self._base, self._schema = http, base, schema
        self._shape = Shape(schema, columns)
        self._columns = (*self._shape.select, *self._shape.texts)

    async def pages(self, cursor: str | None, since: str | None) -> AsyncGenerator[Page, None]:
        """From the cursor, else changes since, else everything; a place the server no longer honours means everything."""
        first, place = await self._first(self._resumed(cursor) or self._changes(since))
        total = await self._total() if place.full and cursor is None else None

        async def begun() -> _Step:
            return self._stepped(place, first)

        def following(step: _Step) -> Any:
            return self._step(step.following) if step.following else None

        async with aclosing(ahead(begun(), following)) as steps:
            async for step in steps:
                yield replace(step.page, total=total)

    async def _first(self, place: Place | None) -> tuple[dict[str, Any], Place]:
        if place is not None:
            try:
                return await self._fetch(place), place
            except RequestRefused as error:
                if error.status == 403:
                    raise
        everything = self._everything(tracked=self._schema.tracks_changes)
        try:
            return await self._fetch(everything), everything
        except RequestRefused as error:
            if not everything.tracked:
                raise
            plain = self._everything(tracked=False)  # tracking needs rights of its own
            try:
                return await self._fetch(plain), plain
            except RequestRefused:
                raise error from None

    def _everything(self, *, tracked: bool) -> Place:
        return Place(self._query(), iso(self._http.server_time()), tracked, full=True)

    def _changes(self, since: str | None) -> Place | None:
        known = resume.unpack(since, self._columns)
        if known is None:
            return None
        now = self._http.server_time()
        if link := known.get("link"):
            fresh = now - moment(known["at"]) < TOKEN_LIFE
            return Place(link, iso(now), tracked=True, full=False) if fresh else None
        back = iso(moment(known["at"]) - OVERLAP)
        return Place(self._query(f"modifiedon ge {back}"), iso(now), tracked=False, full=False, newest=known["at"])

    def _resumed(self, cursor: str | None) -> Place | None:
        place = resume.unpack(cursor, self._columns)
        return Place(**place) if place and {"link", "started", "tracked", "full"} <= place.keys() <= set(Place.__slots__) else None

    def _query(self, condition: str = "") -> str:
        select = ",".join(self._shape.select)
        query = f"{self._base}/{self._schema.entity_set}?$select={select}"
        return f"{query}&$filter={condition}" if condition else query

    async def _fetch(self, place: Place) -> dict[str, Any]:
        prefer = [f"odata.maxpagesize={PAGE_SIZE}", *self._shape.prefer, *(["odata.track-changes"] if place.tracked else [])]
        return await self._http.read(place.link, headers={"Prefer": ",".join(prefer)})

    async def _step(self, place: Place) -> _Step:
        return self._stepped(place, await self._fetch(place))

    def _stepped(self, place: Place, data: dict[str, Any]) -> _Step:
        try:
            records = self._shape.pulled(data["value"])
        except (KeyError, TypeError, AttributeError) as error:
            raise self._http.unusable(f"answered a page of {self._schema.table} in an unknown shape ({type(error).__name__})") from error
        newest = max([place.newest, *(r.modified_at for r in records if r.modified_at)])
        following = cursor = next_since = None
        if link := data.get("@odata.nextLink"):
            following = replace(place, link=self._http.url(str(link)), newest=newest)
            if following.link == place.link:
                raise self._http.unusable(f"sends the same page of {self._schema.table} again and again")
            cursor = self._cursor(following)
        else:
            next_since = self._next_since(place, data.get("@odata.deltaLink"), newest)
        return _Step(Page(self._schema.table, tuple(records), cursor, next_since, full=place.full), following)

    def _cursor(self, place: Place) -> str:
        return resume.pack(self._columns, **{name: getattr(place, name) for name in Place.__slots__})

    def _next_since(self, place: Place, delta: object, newest: str) -> str:
        if delta:
            return resume.pack(self._columns, link=self._http.url(str(delta)), at=iso(self._http.server_time()))
        return resume.pack(self._columns, at=min(place.started, newest) if newest else place.started)

    async def _total(self) -> int | None:
        """How many rows the table had at the last daily count; the only figure Dataverse has for large tables."""
        function = f"{self._base}/RetrieveTotalRecordCount(EntityNames=['{self._schema.table}'])"
        try:
            data = await self._http.read(function)
        except RequestRefused:
            return None
        counts = data.get("EntityRecordCountCollection")
        values = counts.get("Values") if isinstance(counts, dict) else None
        return values[0] if isinstance(values, list) and values and isinstance(values[0], int) else None
