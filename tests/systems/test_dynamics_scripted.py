"""Dataverse's documented answers, and answers Dataverse should never give."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from reconcile_tui.errors import AnswerLost, RecordChanged, RecordGone, RequestRefused, SystemUnreachable, ValueTaken
from reconcile_tui.model import Column, Page
from reconcile_tui.systems.dynamics.dialect import DynamicsDialect
from reconcile_tui.systems.dynamics.values import to_native
from tests.systems.dataverse_answers import BASE, A, B, C, metadata, row
from tests.systems.scripted import Say, ScriptedApp, Seen
from tests.systems.virtual_time import run

Open = Callable[..., Any]
HOST = "https://sandbox.crm.dynamics.com"


def app_with(answer: Callable[[Seen], Say], **more: Any) -> ScriptedApp:
    """An environment with metadata, no record count, and `answer` for the rest."""

    def whole(seen: Seen) -> Say:
        if found := metadata(seen, **more):
            return found
        if "RetrieveTotalRecordCount" in seen.path:
            return Say(404, {"error": {"code": "0x8006088a", "message": "Resource not found"}})
        return answer(seen)

    return ScriptedApp(whole)


async def pulled(system: Any, *columns: str, **more: Any) -> list[Page]:
    async with aclosing(system.pull("contact", columns or ("firstname",), **more)) as pages:
        return [page async for page in pages]


def data_requests(app: ScriptedApp) -> list[Seen]:
    return [seen for seen in app.seen if seen.path.startswith(f"{BASE}/contacts")]


def test_metadata_becomes_columns_with_lengths_options_and_display_texts(open_dynamics: Open) -> None:
    async def story() -> None:
        columns = {c.name: c for c in await open_dynamics(app_with(lambda _: Say())).describe("contact")}
        assert columns["firstname"].max_length == 50
        assert columns["lastname"].required
        assert columns["fullname"].read_only
        assert columns["contactid"].unique
        assert (columns["birthdate"].type, columns["modifiedon"].type) == ("date", "datetime")
        assert columns["gendercode"].options == (("1", "Male"), ("2", "Female"))
        assert columns["new_interests"].type == "multichoice"
        assert columns["_parentcustomerid_value"].type == "lookup"
        assert columns["parentcustomeridname"].read_only
        assert columns["gendercodename"].label == "Gendercode (label)"
        assert "entityimage" not in columns
        assert "parentcustomerid" not in columns

    run(story())


def test_a_table_the_environment_does_not_have_is_empty(open_dynamics: Open) -> None:
    async def story() -> None:
        system = open_dynamics(app_with(lambda _: Say()))
        assert await system.describe("lead") == ()
        async with aclosing(system.pull("lead", ["firstname"])) as pages:
            assert [page async for page in pages] == []
        assert await system.read("lead", [A], ["firstname"]) == {A: None}

    run(story())


def test_a_full_pull_follows_the_next_link_verbatim_and_keeps_the_delta_link(open_dynamics: Open) -> None:
    link = f"{HOST}{BASE}/contacts?$select=contactid&$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%22%20/%3E"
    delta = f"{HOST}{BASE}/contacts?$select=contactid&$deltatoken=919042%2108%2f22%2f2026%2008%3a10%3a44"

    def answer(seen: Seen) -> Say:
        if "$deltatoken" in seen.query:
            gone = {"@odata.context": f"{HOST}{BASE}/$metadata#contacts/$deletedEntity", "id": B, "reason": "deleted"}
            return Say(data={"value": [row(A, firstname="Eda"), gone], "@odata.deltaLink": delta})
        if "$skiptoken" in seen.query:
            loser = row(C, statecode=1, merged=True, _masterid_value=A)
            return Say(data={"value": [loser], "@odata.deltaLink": delta})
        return Say(data={"value": [row(A), row(B)], "@odata.nextLink": link})

    async def story() -> None:
        app = app_with(answer)
        system = open_dynamics(app)
        pages = await pulled(system, "firstname", "nonsense")
        assert [[r.id for r in page.records] for page in pages] == [[A, B], [C]]
        assert pages[0].records[0].etag == 'W/"100"'
        assert (pages[1].records[0].merged_into, pages[1].records[0].active) == (A, False)
        first, second = data_requests(app)
        assert first.query["$select"] == "contactid,firstname,statecode,statuscode,createdon,modifiedon,merged,_masterid_value"
        assert second.raw_query == link.partition("?")[2]
        assert first.headers["prefer"] == second.headers["prefer"] == "odata.maxpagesize=5000,odata.track-changes"

        changes = await pulled(system, since=pages[-1].next_since)
        assert data_requests(app)[-1].raw_query == delta.partition("?")[2]
        assert [(r.id, r.deleted, r.native.get("firstname")) for r in changes[0].records] == [(A, False, "Eda"), (B, True, None)]
        assert not changes[0].full

        resumed = await pulled(system, cursor=pages[0].cursor)
        assert [r.id for page in resumed for r in page.records] == [C]

    run(story())


@pytest.mark.parametrize("refusal", [Say(410, {}), Say(400, {"error": {"code": "0x80044352", "message": "expired"}})], ids=["410", "400"])
def test_an_expired_delta_token_turns_into_a_full_pull(open_dynamics: Open, refusal: Say) -> None:
    def answer(seen: Seen) -> Say:
        return (
            refusal if "$deltatoken" in seen.query else Say(data={"value": [row(A)], "@odata.deltaLink": f"{BASE}/contacts?$deltatoken=1"})
        )

    async def story() -> None:
        system = open_dynamics(app_with(answer))
        since = (await pulled(system))[-1].next_since
        again = await pulled(system, since=since)
        assert [(page.full, len(page.records)) for page in again] == [(True, 1)]

    run(story())


def test_a_delta_token_older_than_its_life_is_not_even_tried(open_dynamics: Open) -> None:
    def answer(_: Seen) -> Say:
        return Say(data={"value": [], "@odata.deltaLink": f"{BASE}/contacts?$deltatoken=1"})

    async def story() -> None:
        import asyncio

        app = app_with(answer)
        system = open_dynamics(app)
        since = (await pulled(system))[-1].next_since
        await asyncio.sleep(8 * 86_400)
        assert [page.full for page in await pulled(system, since=since)] == [True]
        assert not any("$deltatoken" in seen.query for seen in app.seen)

    run(story())


def test_without_change_tracking_the_time_of_modification_is_asked_for_with_overlap(open_dynamics: Open) -> None:
    async def story() -> None:
        app = app_with(lambda _: Say(data={"value": [row(A)]}), tracking=False)
        system = open_dynamics(app)
        since = (await pulled(system))[-1].next_since
        await pulled(system, since=since)
        assert "track-changes" not in data_requests(app)[0].headers["prefer"]
        assert data_requests(app)[1].query["$filter"] == "modifiedon ge 2026-10-01T09:55:00.000Z"

    run(story())


def test_display_texts_travel_as_annotations_and_arrive_under_their_own_names(open_dynamics: Open) -> None:
    annotated = {
        "_parentcustomerid_value": B,
        "_parentcustomerid_value@OData.Community.Display.V1.FormattedValue": "Acme",
        "gendercode": 2,
        "gendercode@OData.Community.Display.V1.FormattedValue": "Female",
    }

    async def story() -> None:
        app = app_with(lambda seen: Say(data=row(A, **annotated) if "(" in seen.path else {"value": [row(A, **annotated)]}))
        system = open_dynamics(app)
        wanted = ("_parentcustomerid_value", "parentcustomeridname", "gendercodename")
        [page] = await pulled(system, *wanted)
        native = page.records[0].native
        assert [native[name] for name in wanted] == [B, "Acme", "Female"]
        assert "odata.include-annotations" in data_requests(app)[0].headers["prefer"]
        assert (await system.read("contact", [A], wanted))[A].native["parentcustomeridname"] == "Acme"

    run(story())


@pytest.mark.parametrize(
    "link", ["https://evil.test/api/data/v9.2/contacts?$skiptoken=1", "//evil.test/x", "http://sandbox.crm.dynamics.com/x"]
)
@pytest.mark.parametrize("name", ["@odata.nextLink", "@odata.deltaLink"])
def test_a_link_to_another_host_is_refused_and_the_token_stays(open_dynamics: Open, link: str, name: str) -> None:
    async def story() -> None:
        app = app_with(lambda _: Say(data={"value": [row(A)], name: link}))
        with pytest.raises(SystemUnreachable, match="another host"):
            await pulled(open_dynamics(app))
        assert {seen.host for seen in app.seen} == {"sandbox.crm.dynamics.com"}

    run(story())


def test_a_next_link_that_leads_to_itself_ends_the_pull(open_dynamics: Open) -> None:
    async def story() -> None:
        app = app_with(lambda _: Say(data={"value": [], "@odata.nextLink": f"{HOST}{BASE}/contacts?$skiptoken=1"}))
        with pytest.raises(SystemUnreachable, match="again and again"):
            await pulled(open_dynamics(app))

    run(story())


@pytest.mark.parametrize("data", [{}, {"value": 5}, {"value": [5]}, {"value": [{"firstname": "no id"}]}, {"value": [row(A, x={"y": 1})]}])
def test_a_page_of_unknown_shape_becomes_a_sentence(open_dynamics: Open, data: dict[str, Any]) -> None:
    async def story() -> None:
        with pytest.raises(SystemUnreachable, match="unknown shape"):
            await pulled(open_dynamics(app_with(lambda _: Say(data=data))))

    run(story())


@pytest.mark.parametrize("data", [{}, {"EntitySetName": "contacts"}, {"LogicalName": 5}])
def test_metadata_of_unknown_shape_becomes_a_sentence(open_dynamics: Open, data: dict[str, Any]) -> None:
    async def story() -> None:
        with pytest.raises(SystemUnreachable, match="unknown shape"):
            await open_dynamics(ScriptedApp(lambda _: Say(data={"value": [], **data}))).describe("contact")

    run(story())


def test_an_update_sends_the_etag_and_what_the_draft_showed(open_dynamics: Open) -> None:
    async def story() -> None:
        app = app_with(lambda _: Say(data=row(A, **{"@odata.etag": 'W/"101"', "firstname": "Eda"})))
        system = open_dynamics(app)
        draft = system.draft_update("contact", A, {"firstname": "Eda"}, etag='W/"100"')
        answer = await system.update("contact", A, {"firstname": "Eda"}, etag='W/"100"')
        sent = app.seen[-1]
        assert f"{HOST}{sent.path}?{sent.raw_query}" == draft.url.replace("%24", "$")
        assert (sent.method, sent.json(), sent.headers["if-match"]) == (draft.method, draft.body, 'W/"100"')
        assert (answer.id, answer.etag, answer.native) == (A, 'W/"101"', {"firstname": "Eda"})
        await system.update("contact", A, {"firstname": "Eda"})
        assert app.seen[-1].headers["if-match"] == "*"  # never a create

    run(story())


def test_an_answer_without_a_body_is_enough(open_dynamics: Open) -> None:
    async def story() -> None:
        system = open_dynamics(ScriptedApp(Say(204, headers={"x-ms-service-request-id": "r-1"})))
        assert (await system.update("contact", A, {"firstname": "E"})).request_id == "r-1"
        assert (await system.merge("contact", A, B, {"firstname": "E"})).id == A

    run(story())


def test_a_merge_carries_all_final_values(open_dynamics: Open) -> None:
    async def story() -> None:
        app = ScriptedApp(Say(204))
        await open_dynamics(app).merge("contact", A, B, {"firstname": "Ada", "telephone1": None})
        assert app.seen[0].path == f"{BASE}/Merge"
        assert app.seen[0].json() == {
            "Target": {"@odata.type": "Microsoft.Dynamics.CRM.contact", "contactid": A},
            "Subordinate": {"@odata.type": "Microsoft.Dynamics.CRM.contact", "contactid": B},
            "UpdateContent": {"@odata.type": "Microsoft.Dynamics.CRM.contact", "firstname": "Ada", "telephone1": None},
            "PerformParentingChecks": False,
        }

    run(story())


def test_a_lost_write_is_not_repeated(open_dynamics: Open) -> None:
    async def story(script: Say) -> None:
        app = ScriptedApp(script)
        with pytest.raises(AnswerLost):
            await open_dynamics(app).merge("contact", A, B, {})
        assert len(app.seen) == 1

    for script in (Say(drop=True), Say(500, {"error": {"code": "0x80040216", "message": "unexpected"}}), Say(503)):
        run(story(script))


@pytest.mark.parametrize("id_", ["501", "", "' or 1 eq 1", f"{A})/x(", "../WhoAmI"])
def test_only_a_guid_can_be_an_id(open_dynamics: Open, id_: str) -> None:
    async def story() -> None:
        app = app_with(lambda _: Say())
        system = open_dynamics(app)
        for refused in (system.update("contact", id_, {}), system.merge("contact", A, id_, {}), system.read("contact", [id_], [])):
            with pytest.raises(RequestRefused, match="GUID"):
                await refused
        assert not data_requests(app)

    run(story())


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (412, "0x80060882", RecordChanged),
        (412, "0x80040237", ValueTaken),
        (412, "0x80060892", ValueTaken),
        (412, "0x80040333", ValueTaken),
        (404, "0x80040217", RecordGone),
        (404, "0x80060891", RecordGone),
        (400, "0x80045304", RequestRefused),
        (403, "0x80040220", RequestRefused),
        (400, "", RequestRefused),
    ],
)
def test_refusals_are_told_apart_by_status_and_code(status: int, code: str, kind: type[Exception]) -> None:
    error = DynamicsDialect().refusal(status, {"error": {"code": code, "message": "m"}} if code else {})
    assert type(error) is kind
    assert error.code == code  # type: ignore[attr-defined]


def test_the_limits_are_read_from_headers_with_thousands_commas() -> None:
    limits = DynamicsDialect().limits(
        {
            "x-ms-ratelimit-burst-remaining-xrm-requests": "5,999",
            "x-ms-ratelimit-time-remaining-xrm-requests": "120.00",
            "x-ms-dop-hint": "8",
        }
    )
    assert limits is not None
    assert (limits.remaining, limits.parallel) == (5999, 8)
    assert limits.strain == pytest.approx(0.9)
    assert DynamicsDialect().limits({}) is None
    assert all(DynamicsDialect().limits({"x-ms-dop-hint": odd}) is None for odd in ("many", "inf", "nan"))


@pytest.mark.parametrize(
    ("column", "text", "native"),
    [
        (Column("a", "choice", options=(("1", "x"),)), "1", 1),
        (Column("a", "multichoice", options=(("1", "x"), ("2", "y"))), "1;2", "1,2"),
        (Column("a", "boolean"), "true", True),
        (Column("a", "integer"), "5", 5),
        (Column("a", "number"), "5.5", 5.5),
        (Column("a", "date"), "1990-02-03T00:00:00Z", "1990-02-03"),
        (Column("a", "datetime"), "1990-02-03T00:00:00Z", "1990-02-03T00:00:00Z"),
        (Column("a", "text", max_length=3), "abc", "abc"),
        (Column("a", "choice"), None, None),
    ],
)
def test_text_is_put_into_the_columns_form(column: Column, text: str | None, native: object) -> None:
    assert to_native(column, text) == native


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("a", "choice", options=(("1", "x"),)), "3"),
        (Column("a", "choice"), "Male"),
        (Column("a", "boolean"), "perhaps"),
        (Column("a", "date"), "yesterday"),
        (Column("a", "text", max_length=3), "abcd"),
        (Column("a", "text", read_only=True), "abcd"),
        (Column("a", "lookup"), A),
    ],
)
def test_what_does_not_fit_a_column_is_refused_before_it_is_sent(column: Column, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        to_native(column, text)


def test_a_key_is_waited_for_until_its_index_is_active(open_dynamics: Open) -> None:
    from tests.systems.dataverse_answers import ATTRIBUTES, attribute

    made: dict[str, float] = {}

    def answer(seen: Seen) -> Say:
        if seen.method == "POST":
            made["key" if seen.path.endswith("/Keys") else "column"] = seen.at
            return Say(204)
        if seen.path.endswith("/Attributes") and "column" in made:
            return Say(data={"value": [*ATTRIBUTES, attribute("new_hubspotcontactid", "String")]})
        if seen.path.endswith("/Keys") and "key" in made:
            status = "Active" if seen.at > made["key"] + 30 else "InProgress"
            key = {"SchemaName": "k", "KeyAttributes": ["new_hubspotcontactid"], "EntityKeyIndexStatus": status}
            return Say(data={"value": [key]})
        return metadata(seen) or Say(404, {})

    async def story() -> None:
        app = ScriptedApp(answer)
        state = await open_dynamics(app).ensure_link("contact", "new_hubspotcontactid", label="HubSpot id")
        assert state.status == "ready"
        posts = [seen for seen in app.seen if seen.method == "POST"]
        assert [seen.path.rpartition("/")[2] for seen in posts] == ["Attributes", "Keys"]
        assert all(seen.headers.get("consistency") == "Strong" for seen in app.seen if seen.method == "GET")

    run(story())
