"""Pulling a HubSpot object type: all of it by list, changes by search.

*All*: the list has no cap and gives 100 records a page in the order of their ids; a long one is read in lanes (see `lanes`). A record
changed meanwhile is brought as it is when its page is read, and again by the next incremental pull.

*Changes*: first what was archived, then a search for everything modified since shortly before the last pull began. Search shows at
most 10,000 results per query and its offsets slide when records change, so each page asks anew for ids above the last one seen, in the
order of ids: nothing is skipped or doubled. The overlap makes up for the index lagging behind the store.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from reconcile_tui.errors import RequestRefused
from reconcile_tui.model import Page, PulledRecord
from reconcile_tui.systems import resume
from reconcile_tui.systems.clock import iso, moment
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.hubspot import lanes, records
from reconcile_tui.systems.hubspot.dialect import SEARCH
from reconcile_tui.systems.prefetch import ahead

OVERLAP = timedelta(minutes=5)  # the search index has been seen to lag 30 s
BIN = timedelta(days=85)  # archived records are listed for 90 days; later, deletions show in full pulls only
LIST_SIZE = 100  # records, HubSpot's maximum
SEARCH_SIZE = 200  # records, HubSpot's maximum
Parsed = TypeVar("Parsed")
_BY_ID = {"propertyName": "hs_object_id", "direction": "ASCENDING"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pull stands."""

    phase: str  # lanes, list, archived, search
    started: str  # by the server's clock, ISO 8601
    since: str = ""  # empty: everything
    after: str = ""
    newest: str = ""  # latest modification seen so far
    lanes: str = ""  # what is left of them


@dataclass(frozen=True, slots=True)
class _Step:
    page: Page
    following: Place | None


class Pulling:
    """One pull of one object type."""

    def __init__(self, http: Http, table: str, path: str, columns: Sequence[str]) -> None:
        """`path` is that of the object type; `columns` what to ask for besides the standing ones."""
        self._http, self._table, self._path = http, table, path
        self._columns = tuple(dict.fromkeys([*columns, *records.STANDING]))
        self._modified = "lastmodifieddate" if table in ("contacts", "0-1") else "hs_lastmodifieddate"

    async def pages(self, cursor: str | None, since: str | None) -> AsyncGenerator[Page, None]:
        """From the cursor, else changes since, else everything."""
        place = self._resumed(cursor) or self._begin(since)
        total = None
        if not (place.after or place.lanes):
            total, highest = await self._size(place)
            place = await self._divided(place, total or 0, highest)
        try:
            async with aclosing(self._in_lanes(place) if place.lanes else self._in_turn(place)) as pages:
                async for page in pages:
                    yield replace(page, total=total)
        except lanes.OutOfOrder:
            async with aclosing(self._in_turn(Place("list", place.started))) as pages:
                async for page in pages:
                    yield replace(page, total=total)

    async def _in_turn(self, place: Place) -> AsyncGenerator[Page, None]:
        def following(step: _Step) -> Any:
            return self._step(step.following) if step.following else None

        async with aclosing(ahead(self._step(place), following)) as steps:
            async for step in steps:
                yield step.page

    async def _in_lanes(self, place: Place) -> AsyncGenerator[Page, None]:
        reading = lanes.Lanes(lanes.unpack(place.lanes), self._position)
        async with aclosing(reading.stretches()) as stretches:
            async for stretch in stretches:
                found = self._understood(partial(records.pulled, stretch.results))
                place = replace(place, newest=_newest(place, found), lanes=lanes.pack(stretch.left))
                yield self._stepped(place, found, place if stretch.left else None, place.newest).page

    async def _position(self, after: str) -> tuple[list[dict[str, Any]], str]:
        data = await self._listed(Place("list", "", after=after), archived=False)
        return self._understood(lambda: ([dict(result) for result in data["results"]], _next(data, after)))

    async def _divided(self, place: Place, total: int, highest: str) -> Place:
        """A long list in lanes; anything else as it is."""
        if place.phase != "list" or total < lanes.WORTH_IT or not highest.isdigit():
            return place
        found = await lanes.divide(total, highest, self._count)
        return replace(place, phase="lanes", lanes=lanes.pack(found))

    async def _count(self, id_: str) -> tuple[int, str]:
        filters = [{"propertyName": "hs_object_id", "operator": "GTE", "value": id_}]
        return await self._sized({"filterGroups": [{"filters": filters}], "sorts": [_BY_ID], "limit": 1})

    async def _size(self, place: Place) -> tuple[int | None, str]:
        """How many records there are to come, which only a search tells, and the highest id."""
        body: dict[str, Any] = {"sorts": [{**_BY_ID, "direction": "DESCENDING"}], "limit": 1}
        if place.since:
            body["filterGroups"] = self._query(place)["filterGroups"]
        try:
            total, highest = await self._sized(body)
        except RequestRefused:
            return None, ""
        return total or None, highest

    async def _sized(self, body: dict[str, Any]) -> tuple[int, str]:
        data = await self._http.read(f"{self._path}/search", method="POST", body=body, lane=SEARCH)
        total, results = data.get("total"), data.get("results")
        first = results[0] if isinstance(results, list) and results else None
        return total if isinstance(total, int) else 0, str(first.get("id", "")) if isinstance(first, dict) else ""

    def _resumed(self, cursor: str | None) -> Place | None:
        place = resume.unpack(cursor, self._columns)
        if not place or "phase" not in place or not place.keys() <= set(Place.__slots__):
            return None
        try:
            return Place(**place) if "lanes" not in place or lanes.unpack(place["lanes"]) else None
        except ValueError:
            return None

    def _begin(self, since: str | None) -> Place:
        started = iso(self._http.server_time())
        known = resume.unpack(since, self._columns)
        if known is None or moment(known["at"]) < self._http.server_time() - BIN:
            return Place("list", started)
        return Place("archived", started, since=iso(moment(known["at"]) - OVERLAP), newest=known["at"])

    async def _step(self, place: Place) -> _Step:
        fetch = {"list": self._list, "archived": self._archived, "search": self._search}[place.phase]
        return await fetch(place)

    async def _list(self, place: Place) -> _Step:
        data = await self._listed(place, archived=False)
        found = self._understood(lambda: records.pulled(data["results"]))
        newest = _newest(place, found)
        after = self._understood(lambda: _next(data, place.after))
        return self._stepped(place, found, replace(place, after=after, newest=newest) if after else None, newest)

    async def _archived(self, place: Place) -> _Step:
        data = await self._listed(place, archived=True)
        found = self._understood(lambda: records.archived(data["results"], place.since))
        after = self._understood(lambda: _next(data, place.after))
        following = replace(place, after=after) if after else replace(place, phase="search", after="")
        return self._stepped(place, found, following, place.newest)

    async def _search(self, place: Place) -> _Step:
        data = await self._http.read(f"{self._path}/search", method="POST", body=self._query(place), lane=SEARCH)
        found = self._understood(lambda: records.pulled(data["results"]))
        newest = _newest(place, found)
        results = data["results"]
        if len(results) < SEARCH_SIZE and not data.get("paging"):
            return self._stepped(place, found, None, newest)
        last = str(results[-1]["id"]) if results else ""
        if not last.isdigit() or (place.after and int(last) <= int(place.after)):
            raise self._http.unusable("did not keep the order of its search results, so the pull can't tell what is missing")
        return self._stepped(place, found, replace(place, after=last, newest=newest), newest)

    def _stepped(self, place: Place, found: list[PulledRecord], following: Place | None, newest: str) -> _Step:
        cursor = next_since = None
        if following:
            cursor = resume.pack(self._columns, **{name: getattr(following, name) or None for name in Place.__slots__})
        else:
            next_since = resume.pack(self._columns, at=min(place.started, newest) if newest else place.started)
        return _Step(Page(self._table, tuple(found), cursor, next_since, full=not place.since), following)

    async def _listed(self, place: Place, *, archived: bool) -> dict[str, Any]:
        names = records.STANDING[:2] if archived else self._columns
        parameters = {"limit": str(LIST_SIZE), "properties": ",".join(names), "archived": str(archived).lower()}
        if place.after:
            parameters["after"] = place.after
        return await self._http.read(self._path, params=parameters)

    def _query(self, place: Place) -> dict[str, Any]:
        since = str(int(moment(place.since).timestamp() * 1000))
        filters = [{"propertyName": self._modified, "operator": "GTE", "value": since}]
        if place.after:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": place.after})
        return {
            "filterGroups": [{"filters": filters}],
            "sorts": [_BY_ID],
            "properties": list(self._columns),
            "limit": SEARCH_SIZE,
        }

    def _understood(self, parse: Callable[[], Parsed]) -> Parsed:
        try:
            return parse()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._http.unusable(f"answered a page in an unknown shape ({type(error).__name__})") from error


def _next(data: dict[str, Any], before: str) -> str:
    """The list's next position; empty after the last page. Raises what a wrong shape raises, ValueError when it stands still."""
    following = (data.get("paging") or {}).get("next")
    after = "" if following is None else str(following["after"])
    if after and after == before:
        raise ValueError("the list goes round in circles")
    return after


def _newest(place: Place, found: list[PulledRecord]) -> str:
    return max([place.newest, *(record.modified_at for record in found if record.modified_at)])
