"""What HubSpot tells of a property's former values, as its answers were captured and over the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconcile_tui.errors import SystemFailure
from reconcile_tui.sandbox import Sandbox
from reconcile_tui.systems.hubspot import history
from reconcile_tui.systems.protocol import FieldVersion
from tests.systems.scripted import Say, ScriptedApp, Seen
from tests.systems.virtual_time import run

Open = Callable[..., Any]


def change(value: str | None, at: str, source: str = "CRM_UI", **more: Any) -> dict[str, Any]:
    return {"value": value, "timestamp": at, "sourceType": source, "sourceId": None, "sourceLabel": None, "updatedByUserId": None, **more}


def result(id_: str, *changes: dict[str, Any]) -> dict[str, Any]:
    return {"id": id_, "properties": {}, "propertiesWithHistory": {"jobtitle": list(changes)}, "archived": False}


def test_versions_stand_newest_first_with_origin_in_plain_words_and_the_users_number() -> None:
    told = history.versions(
        result(
            "1",
            change("Analyst", "2026-01-01T08:00:00.000Z", "IMPORT", sourceLabel="contacts.csv"),
            change("", "2026-03-01T08:00:00.000Z", "CRM_UI", sourceId="userId:123"),
            change("Head", "2026-02-01T08:00:00.000Z", "NEW_KIND", updatedByUserId=77),
        ),
        "jobtitle",
    )
    assert told == (
        FieldVersion(None, "2026-03-01T08:00:00.000Z", "CRM_UI", "typed in HubSpot", "", "123"),
        FieldVersion("Head", "2026-02-01T08:00:00.000Z", "NEW_KIND", "new kind", "", "77"),
        FieldVersion("Analyst", "2026-01-01T08:00:00.000Z", "IMPORT", "an import", "contacts.csv", ""),
    )


@pytest.mark.parametrize(
    "more", [{}, {"propertiesWithHistory": None}, {"propertiesWithHistory": {}}, {"propertiesWithHistory": {"email": []}}]
)
def test_a_property_that_was_never_set_has_no_versions(more: dict[str, Any]) -> None:
    assert history.versions({"id": "1", **more}, "jobtitle") == ()


def test_fifty_records_are_asked_for_at_once_and_only_by_reading(open_hubspot: Open) -> None:
    def answer(seen: Seen) -> Say:
        body = seen.json()
        assert (body["properties"], body["propertiesWithHistory"]) == ([], ["jobtitle"])
        return Say(data={"status": "COMPLETE", "results": [result(i["id"], change("A", "2026-01-01T08:00:00Z")) for i in body["inputs"]]})

    app = ScriptedApp(answer)

    async def story() -> dict[str, Any]:
        return await open_hubspot(app).history("contacts", [str(n) for n in range(120)] + ["5"], "jobtitle")  # type: ignore[no-any-return]

    assert len(run(story())) == 120
    assert [len(seen.json()["inputs"]) for seen in app.seen] == [50, 50, 20]
    assert {(seen.method, seen.path.rsplit("/", 2)[-2:] == ["batch", "read"]) for seen in app.seen} == {("POST", True)}


def test_a_record_that_is_gone_is_told_beside_those_that_are_there(open_hubspot: Open) -> None:
    gone = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some", "context": {"ids": ["2"]}}
    partly = {"status": "COMPLETE", "results": [result("1", change("A", "2026-01-01T08:00:00Z"))], "numErrors": 1, "errors": [gone]}
    app = ScriptedApp(Say(207, partly), Say(404, {"status": "error", "message": "resource not found"}))

    async def story() -> dict[str, Any]:
        return await open_hubspot(app).history("contacts", ["1", "2"], "jobtitle")  # type: ignore[no-any-return]

    told = run(story())
    assert [version.value for version in told["1"]] == ["A"]
    assert told["2"] is None
    assert app.seen[1].query == {"propertiesWithHistory": "jobtitle"}


@pytest.mark.parametrize("kept", [["no mapping"], [{"value": "A"}], "text", [None]])
def test_an_answer_of_another_shape_is_a_sentence(open_hubspot: Open, kept: Any) -> None:
    app = ScriptedApp(Say(data={"results": [{"id": "1", "propertiesWithHistory": {"jobtitle": kept}}]}))

    async def story() -> None:
        await open_hubspot(app).history("contacts", ["1"], "jobtitle")

    with pytest.raises(SystemFailure, match="unknown shape"):
        run(story())


def test_over_the_sandbox_an_edit_adds_a_version_and_a_merged_record_tells_its_survivors(
    sandbox: Callable[..., Sandbox], open_hubspot: Open
) -> None:
    box = sandbox()
    first, second = (str(row["_id"]) for row in box.snapshot()["hubspot"]["contacts"][:2])

    async def story() -> tuple[Any, Any, Any]:
        system = open_hubspot(box.app)
        await system.update("contacts", first, {"jobtitle": "Programmer"})
        await system.update("contacts", first, {"jobtitle": ""})
        before = await system.history("contacts", [first], "jobtitle")
        answer = await system.merge("contacts", first, second, {})
        after = await system.history("contacts", [first, second, "999999999"], "jobtitle")
        await system.close()
        return before[first], after, answer.id

    before, after, survivor = run(story())
    assert [version.value for version in before[:2]] == [None, "Programmer"]
    assert before[0].at >= before[1].at
    assert {version.told for version in before[:2]} == {"an integration"}
    assert survivor
    assert after[first] == after[second] is not None
    assert after["999999999"] is None
