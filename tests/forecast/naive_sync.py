"""A small real sync over both systems' HTTP APIs, the instrument that the forecast is measured with. It knows nothing of `forecast`
but the profile: it looks counterparts up by asking the systems at every save, as a connector does.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from reconcile_tui.forecast.profiles import Profile

DATAVERSE = "https://contoso.crm4.dynamics.com/api/data/v9.2"
CONTACTS = "https://api.hubapi.com/crm/v3/objects/contacts"
LINK = "new_hubspotcontactid"
SETS = {"contact": "contacts", "lead": "leads"}
COLUMNS = ("firstname", "telephone1", "jobtitle", "emailaddress1", LINK)
PROPERTIES = ("firstname", "phone", "jobtitle", "email")

Where = tuple[str, str]
"""A record: its table (`contact`, `lead`, or `contacts` for HubSpot) and id."""
Values = dict[str, str | None]


@dataclass(frozen=True)
class Mapped:
    """One line of the field map."""

    name: str
    column: str
    property: str
    forward: bool
    backward: bool


@dataclass
class Crm:
    """Both systems, as far as the sync needs them."""

    client: httpx.AsyncClient

    async def ask(self, method: str, url: str, **content: Any) -> httpx.Response:
        answer = await self.client.request(method, url, headers={"authorization": "Bearer pat-eu1-test"}, **content)
        assert answer.status_code < 500, answer.text
        return answer

    async def read(self, where: Where) -> Values:
        table, id_ = where
        if table == "contacts":
            answer = await self.ask("GET", f"{CONTACTS}/{id_}", params={"properties": ",".join(PROPERTIES)})
            found = answer.json()["properties"]
            return {name: found.get(name) or None for name in PROPERTIES}
        found = (await self.ask("GET", f"{DATAVERSE}/{SETS[table]}({id_})")).json()
        return {name: found.get(name) or None for name in COLUMNS}

    async def write(self, where: Where, values: Values) -> None:
        table, id_ = where
        if table == "contacts":
            properties = {name: value or "" for name, value in values.items()}
            answer = await self.ask("PATCH", f"{CONTACTS}/{id_}", json={"properties": properties})
        else:
            answer = await self.ask("PATCH", f"{DATAVERSE}/{SETS[table]}({id_})", json=values)
        assert answer.is_success, answer.text

    async def create(self, table: str, values: Values) -> str | None:
        """The new record's id; None if it is refused."""
        given = {name: value for name, value in values.items() if value}
        if table == "contacts":
            answer = await self.ask("POST", CONTACTS, json={"properties": given})
            return str(answer.json()["id"]) if answer.is_success else None
        answer = await self.ask("POST", f"{DATAVERSE}/{SETS[table]}", json=given)
        assert answer.is_success, answer.text
        return answer.headers["odata-entityid"].rpartition("(")[2][:-1]

    async def contact_with(self, email: str | None) -> str | None:
        """The HubSpot contact that has an address."""
        if not email:
            return None
        answer = await self.ask("GET", f"{CONTACTS}/{email}", params={"idProperty": "email"})
        return str(answer.json()["id"]) if answer.is_success else None

    async def rows_where(self, condition: str) -> list[tuple[Where, str]]:
        """Dynamics contacts and leads that satisfy a filter, with the time they were created at; contacts first."""
        found: list[tuple[Where, str]] = []
        for table, entity_set in SETS.items():
            condition_here = condition if table == "contact" or LINK not in condition else ""
            if condition_here:
                answer = await self.ask("GET", f"{DATAVERSE}/{entity_set}", params={"$filter": condition_here, "$orderby": "createdon asc"})
                found += [((table, row[f"{table}id"]), row["createdon"]) for row in answer.json()["value"]]
        return found

    async def everything(self) -> list[Where]:
        """Every record of both systems."""
        rows = [where for where, _ in await self.rows_where("createdon ne null")]
        answer = await self.ask("GET", CONTACTS, params={"limit": 100})
        return [*rows, *(("contacts", str(one["id"])) for one in answer.json()["results"])]


@dataclass
class NaiveSync:
    """The sync: `launch` once, then `saved` for every save and every echo. Both return the records it wrote to."""

    crm: Crm
    profile: Profile
    fields: Sequence[Mapped]
    chance: random.Random
    modified: dict[Where, str] = field(default_factory=dict)  # at launch
    seen_first: dict[str, Where] = field(default_factory=dict)

    async def launch(self, records: Sequence[Where]) -> None:
        """The initial comparison of every matched pair, in any order."""
        if self.profile.initial == "none":
            return
        pairs = [(row, id_) for row in records if row[0] != "contacts" if (id_ := await self._counterpart(row))]
        self.chance.shuffle(pairs)
        for row, id_ in pairs:
            if not await self._takes_part(row, id_):
                continue
            contact = ("contacts", id_)
            for source, target in self._preferred(row, contact):
                sides = [await self.crm.read(source), await self.crm.read(target)]
                await self._copy(source, target, *sides, only=None)
                break_even = [mapped for mapped in self.fields if not self._goes(mapped, source, sides[0])]
                await self._copy(target, source, await self.crm.read(target), await self.crm.read(source), only=break_even)

    def _preferred(self, row: Where, contact: Where) -> list[tuple[Where, Where]]:
        initial = self.profile.initial
        if initial == "most_recent":
            row_first = self.modified[row] >= self.modified[contact]
        else:
            row_first = initial == "dynamics" or (initial == "by_table" and row[0] == self.profile.table_priority[0])
        return [(row, contact) if row_first else (contact, row)]

    def _goes(self, mapped: Mapped, source: Where, values: Values) -> bool:
        travels = mapped.backward if source[0] == "contacts" else mapped.forward
        value = values[mapped.property if source[0] == "contacts" else mapped.column]
        return travels and (value is not None or self.profile.blank == "propagates")

    async def saved(self, where: Where) -> list[Where]:
        """React to a save."""
        return await (self._forward(where) if where[0] != "contacts" else self._backward(where))

    # -- Dynamics to HubSpot --------------------------------------------------------------------------------------------------

    async def _forward(self, row: Where) -> list[Where]:
        id_ = await self._counterpart(row)
        if id_ is None:
            return await self._create_contact(row)
        if not await self._takes_part(row, id_):
            return []
        contact = ("contacts", id_)
        return await self._copy(row, contact, await self.crm.read(row), await self.crm.read(contact), only=None)

    async def _create_contact(self, row: Where) -> list[Where]:
        if not await self._takes_part(row, ""):
            return []
        values = await self.crm.read(row)
        given = {mapped.property: values[mapped.column] for mapped in self.fields if mapped.forward}
        id_ = await self.crm.create("contacts", {**given, "email": values["emailaddress1"]})
        if id_ is None:
            return []
        self.seen_first[id_] = row
        await self._link(row, id_)
        return [("contacts", id_)]

    async def _counterpart(self, row: Where) -> str | None:
        values = await self.crm.read(row)
        if self.profile.match == "email":
            return await self.crm.contact_with(values["emailaddress1"])
        if values[LINK] or self.profile.match == "stored_id":
            return values[LINK]
        alone = len(await self._sharing(values["emailaddress1"])) == 1
        return await self.crm.contact_with(values["emailaddress1"]) if alone else None

    async def _sharing(self, email: str | None) -> list[tuple[Where, str]]:
        return await self.crm.rows_where(f"emailaddress1 eq '{email}'")

    async def _takes_part(self, row: Where, id_: str) -> bool:
        """Whether the collision rule lets a row through; `id_` is its counterpart, if there is one."""
        collision = self.profile.collision
        if collision == "every_change" or self.profile.match == "stored_id":
            return True
        if collision == "first_seen":
            return not id_ or self.seen_first.setdefault(id_, row) == row
        sharing = await self._sharing((await self.crm.read(row))["emailaddress1"])
        if collision == "held":
            return len(sharing) == 1
        return self._chosen(sharing) == row

    def _chosen(self, sharing: list[tuple[Where, str]]) -> Where:
        by_table = self.profile.collision == "table_priority"
        return min(sharing, key=lambda found: (self.profile.table_priority.index(found[0][0]) if by_table else 0, found[1]))[0]

    async def _link(self, row: Where, id_: str) -> None:
        if self.profile.match != "email" and row[0] == "contact":
            await self.crm.write(row, {LINK: id_})

    # -- HubSpot to Dynamics --------------------------------------------------------------------------------------------------

    async def _backward(self, contact: Where) -> list[Where]:
        values = await self.crm.read(contact)
        matched = await self._matched(contact, values)
        if not matched:
            return await self._create_row(contact, values)
        written: list[Where] = []
        for row in self._written_to(contact, matched):
            written += await self._copy(contact, row, await self.crm.read(contact), await self.crm.read(row), only=None)
        return written

    async def _matched(self, contact: Where, values: Values) -> list[tuple[Where, str]]:
        if self.profile.match == "email":
            return await self._sharing(values["email"])
        linked = await self.crm.rows_where(f"{LINK} eq '{contact[1]}'")
        return linked or (await self._sharing(values["email"]) if self.profile.match == "stored_id_then_email" else [])

    def _written_to(self, contact: Where, matched: list[tuple[Where, str]]) -> list[Where]:
        rows = [row for row, _ in matched]
        if self.profile.collision == "held" and len(rows) > 1:
            return []
        if self.profile.collision == "first_seen":
            return [self.seen_first.setdefault(contact[1], self.chance.choice(rows))]
        return rows if self.profile.fan_out == "all" else [self._chosen(matched)]

    async def _create_row(self, contact: Where, values: Values) -> list[Where]:
        given = {mapped.column: values[mapped.property] for mapped in self.fields if mapped.backward}
        link = {LINK: contact[1]} if self.profile.match != "email" else {}
        id_ = await self.crm.create("contact", {**given, "emailaddress1": values["email"], **link})
        return [("contact", str(id_))]

    # -- values ---------------------------------------------------------------------------------------------------------------

    async def _copy(self, source: Where, target: Where, have: Values, held: Values, *, only: Sequence[Mapped] | None) -> list[Where]:
        """Write what differs; returns the target if anything did."""
        changes: Values = {}
        for mapped in self.fields if only is None else only:
            here, there = mapped.column, mapped.property
            if source[0] == "contacts":
                here, there = there, here
            free = held[there] is None or not self.profile.compare_before_write
            if self._goes(mapped, source, have) and have[here] != held[there] and free:
                changes[there] = have[here]
        if changes:
            await self.crm.write(target, changes)
        return [target] if changes else []
