"""HubSpot's captured answers, and answers HubSpot should never give."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from reconcile_tui.errors import AnswerLost, RecordGone, RequestRefused, SystemUnreachable, ValueTaken
from reconcile_tui.model import Column, Page
from reconcile_tui.systems.hubspot import properties, records
from reconcile_tui.systems.hubspot.dialect import HubSpotDialect
from tests.systems.scripted import Say, ScriptedApp, Seen
from tests.systems.virtual_time import run

Open = Callable[..., Any]
SET_AT = "2026-10-01T10:00:00.000Z"


def contact(id_: int | str, modified: str = SET_AT, **more: Any) -> dict[str, Any]:
    return {"id": str(id_), "properties": {"firstname": f"n{id_}", **more}, "createdAt": SET_AT, "updatedAt": modified, "archived": False}


async def pulled(system: Any, **more: Any) -> list[Page]:
    async with aclosing(system.pull("contacts", ["firstname"], **more)) as pages:
        return [page async for page in pages]


def refusal(status: int, body: dict[str, Any]) -> Any:
    return HubSpotDialect().refusal(status, body)


def test_both_clash_shapes_name_the_record_that_owns_the_value() -> None:
    first = refusal(409, {"message": "Contact already exists. Existing ID: 37765128953", "category": "CONFLICT"})
    second = refusal(
        400,
        {
            "message": "Cannot set PropertyValueCoordinates{portalId=44900000, objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, "
            "propertyName=email, value=ada@ex.test} on 552148386511. 552239500007 already has that value.",
            "category": "VALIDATION_ERROR",
        },
    )
    third = refusal(400, {"errors": [{"code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": ["dynamics_contactid"]}}]})
    assert [type(e) for e in (first, second, third)] == [ValueTaken] * 3
    assert [e.owner for e in (first, second, third)] == ["37765128953", "552239500007", ""]
    assert "dynamics_contactid" in str(third)
    assert "ada@ex.test" not in str(second)


def test_a_validation_error_names_property_and_code_but_not_the_value() -> None:
    error = refusal(
        400,
        {
            "message": 'Property values were not valid: [{"isValid":false,"message":"Robert was not one of the allowed options: [a]",'
            '"error":"INVALID_OPTION","name":"salutation"}]',
            "category": "VALIDATION_ERROR",
        },
    )
    assert "salutation: INVALID_OPTION" in str(error)
    assert "Robert" not in str(error)


def test_missing_scopes_are_named() -> None:
    error = refusal(
        403, {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}]}
    )
    assert isinstance(error, RequestRefused)
    assert "crm.objects.contacts.write" in str(error)


def test_a_record_brings_the_ids_merged_into_it_but_never_its_own() -> None:
    found = records.pulled(
        [contact(9, hs_merged_object_ids="1;2", hs_calculated_merged_vids="2:1769000000000;3:1769000000000;9:1769000000000")]
    )
    assert [(r.id, r.merged_into) for r in found] == [("9", None), ("1", "9"), ("2", "9"), ("3", "9")]


def test_a_full_pull_walks_the_list_and_tells_where_the_next_one_starts(open_hubspot: Open) -> None:
    def answer(seen: Seen) -> Say:
        if seen.path.endswith("/search"):
            return Say(data={"total": 3, "results": []})
        if "after" not in seen.query:
            return Say(data={"results": [contact(1), contact(2)], "paging": {"next": {"after": "3"}}})
        return Say(data={"results": [contact(3, "2026-10-05T00:00:00.000Z")]})

    async def story() -> None:
        app = ScriptedApp(answer)
        system = open_hubspot(app)
        pages = await pulled(system)
        assert [[r.id for r in page.records] for page in pages] == [["1", "2"], ["3"]]
        assert all(page.full and page.total == 3 for page in pages)
        assert [page.cursor is None for page in pages] == [False, True]
        assert pages[-1].next_since
        assert "2026-10-05" in pages[-1].next_since
        resumed = await pulled(system, cursor=pages[0].cursor)
        assert [[r.id for r in page.records] for page in resumed] == [["3"]]
        lists = [seen for seen in app.seen if seen.method == "GET"]
        assert lists[0].path == "/crm/objects/2026-09/contacts"
        assert lists[0].query["limit"] == "100"
        assert "hs_merged_object_ids" in lists[0].query["properties"]

    run(story())


@pytest.mark.parametrize(("version", "path"), [("v3", "/crm/v3/objects/contacts"), ("2026-03", "/crm/objects/2026-03/contacts")])
def test_the_api_version_is_a_setting(open_hubspot: Open, version: str, path: str) -> None:
    async def story() -> None:
        app = ScriptedApp(Say(data={"results": []}))
        await pulled(open_hubspot(app, settings={"api_version": version}))
        assert path in {seen.path for seen in app.seen}

    run(story())


def test_changes_are_searched_by_id_above_the_last_one_so_that_the_cap_is_never_met(open_hubspot: Open) -> None:
    everybody = [contact(n) for n in range(1, 501)]

    def answer(seen: Seen) -> Say:
        if seen.method == "GET":
            return Say(data={"results": [{"id": "7", "properties": {}, "archived": True, "archivedAt": "2026-11-01T11:59:00.000Z"}]})
        filters = {f["propertyName"]: f for f in seen.json().get("filterGroups", [{"filters": []}])[0]["filters"]}
        above = int(filters["hs_object_id"]["value"]) if "hs_object_id" in filters else 0
        size = seen.json()["limit"]
        found = [c for c in everybody if int(c["id"]) > above][:size]
        paging = {"paging": {"next": {"after": str(size)}}} if len(found) == size else {}
        return Say(data={"total": len(everybody) - above, "results": found, **paging})

    async def story() -> None:
        app = ScriptedApp(answer)
        system = open_hubspot(app)
        since = (await pulled(open_hubspot(ScriptedApp(Say(data={"results": []})))))[-1].next_since
        pages = await pulled(system, since=since)
        ids = [r.id for page in pages for r in page.records if not r.deleted]
        assert ids == [c["id"] for c in everybody]
        assert [r.id for page in pages for r in page.records if r.deleted] == ["7"]
        assert not any(page.full for page in pages)
        queries = [seen.json() for seen in app.seen if seen.method == "POST" and seen.json()["limit"] == 200]
        assert all("after" not in q and q["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}] for q in queries)
        modified = queries[0]["filterGroups"][0]["filters"][0]
        assert modified["propertyName"] == "lastmodifieddate"
        assert int(modified["value"]) == 1793534400000 - 5 * 60 * 1000  # five minutes before the last pull began

    run(story())


def test_a_changed_column_map_makes_the_next_pull_a_full_one(open_hubspot: Open) -> None:
    async def story() -> None:
        app = ScriptedApp(Say(data={"results": []}))
        system = open_hubspot(app)
        since = (await pulled(system))[-1].next_since
        async with aclosing(system.pull("contacts", ["firstname", "lastname"], since=since)) as pages:
            assert [page.full async for page in pages] == [True]

    run(story())


def test_the_next_page_is_asked_for_while_one_is_stored_and_not_after_stopping(open_hubspot: Open) -> None:
    def answer(seen: Seen) -> Say:
        after = int(seen.query.get("after", "1"))
        return Say(data={"results": [contact(after)], "paging": {"next": {"after": str(after + 1)}}})

    async def story() -> None:
        app = ScriptedApp(answer)
        async with aclosing(open_hubspot(app).pull("contacts", [])) as pages:
            async for _ in pages:
                await asyncio.sleep(1)
                break
        asked = len(app.seen)
        assert asked == 3  # the total, the page shown, the page after it
        await asyncio.sleep(60)
        assert len(app.seen) == asked

    run(story())


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"results": None},
        {"results": [{}]},
        {"results": [{"id": "1"}]},
        {"results": [{"id": "1", "properties": {"a": {"nested": 1}}}]},
        {"results": [7]},
        {"results": [], "paging": {"next": {}}},
        {"results": [], "paging": 5},
    ],
)
def test_a_page_of_unknown_shape_becomes_a_sentence(open_hubspot: Open, data: dict[str, Any]) -> None:
    async def story() -> None:
        with pytest.raises(SystemUnreachable, match="unknown shape"):
            await pulled(open_hubspot(ScriptedApp(Say(data=data))))

    run(story())


def test_a_lost_merge_is_not_repeated_and_an_odd_answer_to_one_is_lost_too(open_hubspot: Open) -> None:
    async def story(script: Say) -> None:
        app = ScriptedApp(script)
        with pytest.raises(AnswerLost):
            await open_hubspot(app).merge("contacts", "1", "2", {})
        assert len(app.seen) == 1

    for script in (Say(drop=True), Say(504), Say(data={"done": True}), Say(body=b'{"id": "9"')):
        run(story(script))


def test_an_update_sends_text_only_and_clears_with_an_empty_one(open_hubspot: Open) -> None:
    async def story() -> None:
        app = ScriptedApp(Say(data=contact(7, email="a@ex.test"), headers={"x-hubspot-correlation-id": "c-1"}))
        system = open_hubspot(app)
        values = {"a": None, "b": True, "c": 3.0, "d": 2.5, "e": " x "}
        answer = await system.update("contacts", "7", values)
        draft = system.draft_update("contacts", "7", values)
        assert app.seen[0].json() == draft.body == {"properties": {"a": "", "b": "true", "c": "3", "d": "2.5", "e": " x "}}
        assert (app.seen[0].method, f"https://api.hubapi.com{app.seen[0].path}") == (draft.method, draft.url)
        assert (answer.id, answer.request_id, answer.modified_at) == ("7", "c-1", SET_AT)

    run(story())


def test_merged_ids_resolve_when_reading_and_missing_ones_are_none(open_hubspot: Open) -> None:
    def answer(seen: Seen) -> Say:
        if seen.path.endswith("/batch/read"):
            errors = [{"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": ["2", "3"]}}]
            return Say(207, {"status": "COMPLETE", "results": [contact(1)], "numErrors": 1, "errors": errors})
        return Say(data=contact(99)) if seen.path.endswith("/2") else Say(404, {"status": "error", "message": "resource not found"})

    async def story() -> None:
        found = await open_hubspot(ScriptedApp(answer)).read("contacts", ["1", "2", "3"], ["firstname"])
        assert {id_: reading and reading.id for id_, reading in found.items()} == {"1": "1", "2": "99", "3": None}

    run(story())


def test_an_id_can_not_reach_another_address(open_hubspot: Open) -> None:
    async def story() -> None:
        app = ScriptedApp(Say(404, {}))
        with pytest.raises(RecordGone):
            await open_hubspot(app).update("contacts", "../companies/5?x=1", {"a": "b"})
        assert app.seen[0].raw_query == ""
        assert app.seen[0].path.startswith("/crm/objects/2026-09/contacts/")

    run(story())


def test_a_link_property_must_be_text_and_unique() -> None:
    good = {"name": "dynamics_contactid", "type": "string", "hasUniqueValue": True}
    states = [
        properties.link_state("x", found).status for found in (None, good, {**good, "type": "number"}, {**good, "hasUniqueValue": False})
    ]
    assert states == ["missing", "ready", "unfit", "unfit"]


def test_creating_a_link_property_that_somebody_else_just_created_is_no_failure(open_hubspot: Open) -> None:
    made = {"name": "dynamics_contactid", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    app = ScriptedApp(Say(404, {"message": "resource not found"}), Say(409, {"message": "exists"}), Say(data=made))

    async def story() -> None:
        assert (await open_hubspot(app).ensure_link("contacts", "dynamics_contactid")).status == "ready"
        assert app.seen[1].json()["hasUniqueValue"] is True

    run(story())


@pytest.mark.parametrize(
    ("column", "text", "native"),
    [
        (Column("a", "text"), " kept ", " kept "),
        (Column("a", "number"), " 5 ", "5"),
        (Column("a", "boolean"), "true", "true"),
        (Column("a", "choice", options=(("x", "X"),)), "x", "x"),
        (Column("a", "multichoice", options=(("x", "X"), ("y", "Y"))), "x;y", "x;y"),
        (Column("a", "text"), "", None),
    ],
)
def test_text_is_put_into_the_propertys_form(column: Column, text: str, native: str | None) -> None:
    assert properties.to_native(column, text) == native


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("a", "number"), "many"),
        (Column("a", "boolean"), "maybe"),
        (Column("a", "choice", options=(("x", "X"),)), "z"),
        (Column("a", "text", max_length=3), "four"),
    ],
)
def test_what_does_not_fit_a_property_is_refused_before_it_is_sent(column: Column, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        properties.to_native(column, text)
