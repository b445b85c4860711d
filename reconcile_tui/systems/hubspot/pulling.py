"""Pulling a HubSpot object type: all of it by list, changes by search.

*All*: the list has no cap and gives 100 records a page in the order of their ids. A record changed meanwhile is brought as it is when
its page is read, and again by the next incremental pull.

*Changes*: first what was archived, then a search for everything modified since shortly before the last pull began. Search shows at
most 10,000 results per query and its offsets slide when records change, so each page asks anew for ids above the last one seen, in the
order of ids: nothing is skipped or doubled. The overlap makes up for the index lagging behind the store.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from reconcile_tui.errors import RequestRefused
from reconcile_tui.model import Page, PulledRecord
from reconcile_tui.systems import resume
from reconcile_tui.systems.clock import iso, moment
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.hubspot import records
from reconcile_tui.systems.hubspot.dialect import SEARCH
from reconcile_tui.systems.prefetch import ahead

OVERLAP = timedelta(minutes=5)  # the search index has been seen to lag 30 s
LIST_SIZE = 100  # records, HubSpot's maximum
SEARCH_SIZE = 200  # records, HubSpot's maximum


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pull stands."""

    phase: str  # list, archived, search
    started: str  # by the server's clock, ISO 8601
    since: str = ""  # empty: everything
    after: str = ""
    newest: str = ""  # latest modification seen so far


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

    async def pages(self, cursor: str | None, since: str | None) -> AsyncIterator[Page]:
        """From the cursor, else changes since, else everything."""
        place = self._resumed(cursor) or self._begin(since)
        total = None if place.after else await self._total(place)

        def following(step: _Step) -> Any:
            return self._step(step.following) if step.following else None

        async with aclosing(ahead(self._step(place), following)) as steps:  # type: ignore[type-var]
            async for step in steps:
                yield replace(step.page, total=total)

    def _resumed(self, cursor: str | None) -> Place | None:
        place = resume.unpack(cursor, self._columns)
        return Place(**place) if place and place.keys() <= set(Place.__slots__) and "phase" in place else None

    def _begin(self, since: str | None) -> Place:
        started = iso(self._http.server_time())
        known = resume.unpack(since, self._columns)
        if known is None:
            return Place("list", started)
        return Place("archived", started, since=iso(moment(known["at"]) - OVERLAP), newest=known["at"])

    async def _step(self, place: Place) -> _Step:
        fetch = {"list": self._list, "archived": self._archived, "search": self._search}[place.phase]
        return await fetch(place)

    async def _list(self, place: Place) -> _Step:
        data = await self._listed(place, archived=False)
        found = self._understood(lambda: records.pulled(data["results"]))
        newest = max([place.newest, *(r.modified_at for r in found if r.modified_at)])
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
        newest = max([place.newest, *(r.modified_at for r in found if r.modified_at)])
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
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(self._columns),
            "limit": SEARCH_SIZE,
        }

    async def _total(self, place: Place) -> int | None:
        """How many records there are to come; a search tells it, the list does not."""
        body: dict[str, Any] = {"limit": 1}
        if place.since:
            body["filterGroups"] = self._query(place)["filterGroups"]
        try:
            data = await self._http.read(f"{self._path}/search", method="POST", body=body, lane=SEARCH)
        except RequestRefused:
            return None
        total = data.get("total")
        return total if isinstance(total, int) else None

    def _understood(self, parse: Any) -> Any:
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
