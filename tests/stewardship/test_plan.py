"""The plan: minimal, ordered, the same bytes for the same data, refused when touched, told to people in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconcile_tui.errors import PlanOutdated, UsageError
from reconcile_tui.steps import decide, plan
from reconcile_tui.stewardship.document import SETTING_UP, Plan
from tests.stewardship.conftest import Maker
from tests.stewardship.crash import populate
from tests.stewardship.world import World, contact, hub


@pytest.fixture
def populated(make_world: Maker) -> World:
    return populate(make_world(), 6)


def test_the_same_decisions_and_data_give_the_same_bytes(make_world: Maker) -> None:
    texts = {populate(make_world(), 6).plan().to_json() for _ in range(2)}
    assert len(texts) == 1


def test_the_file_round_trips_and_a_changed_file_is_refused(populated: World, tmp_path: Path) -> None:
    made = populated.plan()
    path = plan.write(made, tmp_path / "plan.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert plan.read(path).to_json() == made.to_json()
    text = path.read_text()
    for changed in (text.replace("Byron0", "Byron9", 1), text[:-200], "[]", "nonsense"):
        path.write_text(changed)
        with pytest.raises(PlanOutdated):
            plan.read(path)
    with pytest.raises(UsageError):
        plan.read(tmp_path / "nowhere.json")


def test_whatever_is_changed_in_the_file_is_noticed_and_a_new_layout_is_not_a_change(populated: World, tmp_path: Path) -> None:
    made = populated.plan()
    path = plan.write(made, tmp_path / "plan.json")
    lines = path.read_text().splitlines(keepends=True)
    document = json.loads(path.read_text())
    update = next(n for n, w in enumerate(document["writes"]) if w["kind"] == "update")
    body, head, order = (json.loads(path.read_text()) for _ in range(3))
    body["writes"][update]["body"]["jobtitle"] = "Sneaked in"
    head["notes"] = [{"group": "g00000", "note": "nothing to see here"}]
    order["writes"][0], order["writes"][1] = order["writes"][1], order["writes"][0]
    changed = [json.dumps(data) for data in (body, head, order)]
    changed += ["".join(lines[:3] + lines[4:]), "".join([*lines, "{}\n"]), "".join(lines[:-1])]
    for text in changed:
        path.write_text(text)
        with pytest.raises(PlanOutdated):
            plan.read(path)
    path.write_text(json.dumps(document, indent=2))
    assert plan.read(path) == made


def test_every_write_comes_after_what_it_needs_and_links_come_last(populated: World) -> None:
    made = populated.plan()
    assert [w.seq for w in made.writes] == list(range(1, len(made.writes) + 1))
    kinds = [w.kind for w in made.writes]
    setting_up = [kind in SETTING_UP for kind in kinds]
    assert setting_up == sorted(setting_up, reverse=True)
    assert kinds.count("schema") + kinds.count("key") == sum(setting_up) == 4
    for write in made.writes:
        assert all(needed < write.seq for needed in write.depends_on)
    for group in {w.group for w in made.writes if w.group}:
        mine = [w.kind for w in made.writes if w.group == group]
        if "link" in mine:
            assert set(mine[mine.index("link") :]) == {"link"}


def test_no_write_changes_nothing(populated: World) -> None:
    for write in populated.plan().writes:
        if write.kind in ("update", "free", "activate", "close"):
            assert write.expects != write.leaves or write.allows, write


def test_the_plan_shows_the_requests_that_the_clients_send(populated: World) -> None:
    made = populated.plan()
    document = json.loads(made.to_json())["writes"]

    async def drafts(systems: object) -> list[object]:
        found = []
        for write in made.writes:
            system = systems[write.system]  # type: ignore[index]
            if write.kind in SETTING_UP:
                found.append(None)
            elif write.lose:
                found.append(system.draft_merge(write.table, write.id, write.lose, write.leaves))
            else:
                found.append(system.draft_update(write.table, write.id, write.leaves))
        return found

    for draft, shown in zip(populated.with_systems(drafts), document, strict=True):
        if draft is None:
            continue
        assert draft.method == shown["method"]
        assert draft.url.split(".com", 1)[1].split("?")[0] == shown["url"]
        assert draft.body == shown["body"]


def test_confirmation_is_the_number_of_records_and_nothing_is_sent_without_it(populated: World) -> None:
    made = populated.plan()
    before = len(populated.writes())
    with pytest.raises(UsageError, match=f"touches {made.records} records"):
        populated.apply(made, confirm=made.records - 1)
    assert len(populated.writes()) == before
    assert made.records == len({ref for w in made.writes for ref in w.records()})


def test_a_plan_for_other_systems_or_applied_already_is_refused(make_world: Maker) -> None:
    world = populate(make_world(), 2)
    made = world.plan()
    other = Plan(made.project, {**made.targets, "dynamics": made.targets["hubspot"]}, made.writes)
    with pytest.raises(PlanOutdated, match="other systems"):
        world.apply(other)
    assert world.apply(made).exit_code == 0
    with pytest.raises(UsageError, match="applied already"):
        world.apply(made)


def test_a_plan_of_another_workspace_is_refused_before_anything_is_sent(make_world: Maker) -> None:
    here, there = make_world(), make_world()
    here.hub(501, email="ada@ex.test", firstname="Ada")
    there.hub(777, email="zoe@ex.test", firstname="Zoe")
    for world, number in ((here, 501), (there, 777)):
        world.start()
        group = world.group(hub(number))
        decide.set_value(world.ws, group, "job_title", "Countess")
        decide.decide(world.ws, group, "merge")
    with pytest.raises(PlanOutdated, match="1 of the plan's 1 records are not in this workspace"):
        there.apply(here.plan())
    assert there.writes() == []
    assert there.ws.runs.all() == []


def test_when_every_record_has_changed_the_plan_no_longer_fits_whatever_was_set_up_first(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron", jobtitle="Analyst")
    world.start()
    decide.decide(world.ws, world.group(contact(1), hub(501)), "merge")
    made = world.plan()
    assert "schema" in {w.kind for w in made.writes}
    world.edit(contact(1), jobtitle="Programmer")
    world.edit(hub(501), jobtitle="Countess")
    report = world.apply(made)
    assert report.exit_code == 4, report.text()


def test_nothing_is_written_that_was_not_in_the_plan(populated: World) -> None:
    made = populated.plan()
    populated.apply(made)
    sent = [e for e in populated.writes() if "/properties/" not in e["path"] and "EntityDefinitions" not in e["path"]]
    assert sent
    for entry in sent:
        columns = set(entry["body"].get("properties", entry["body"])) - MERGE_KEYS
        planned = [w for w in made.writes if w.system == entry["system"] and columns <= set(w.leaves)]
        assert planned, (entry["path"], columns)
    assert len(sent) <= len(made.writes)


MERGE_KEYS = {"Target", "Subordinate", "UpdateContent", "PerformParentingChecks", "primaryObjectId", "objectIdToMerge"}


def test_stop_ends_the_run_after_the_writes_under_way_and_resume_goes_on(populated: World) -> None:
    made = populated.plan()
    seen: list[int] = []
    report = populated.apply(made, on_item=lambda item: seen.append(item.seq), stop=lambda: len(seen) >= 5)
    assert report.exit_code == 130
    assert 5 <= len(seen) < len(made.writes)
    with pytest.raises(UsageError, match="--resume"):
        populated.apply(made)
    report = populated.apply(made, resume=True)
    assert report.exit_code == 0, report.text()
    assert report.count("done", "already") == len(made.writes)


def test_a_value_that_does_not_fit_blocks_the_group_and_says_where(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test")
    world.hub(501, email="ada@ex.test", firstname="A" * 60, lastname="Byron")
    world.start()
    group = world.group(contact(1), hub(501))
    decide.decide(world.ws, group, "merge")
    assert world.plan().blocked == ((group, "first name: the value has 60 characters, 50 fit in dynamics contact."),)
    decide.set_value(world.ws, group, "first_name", "Ada")
    assert world.plan().blocked == ()


@pytest.mark.parametrize("broken", ["ada@ex.test; ada@home.test", "ada@ex.test.", "\u200bada@ex.test", "ada at ex.test"])
def test_a_broken_address_never_wins_over_a_good_one_and_is_never_sent(world: World, broken: str) -> None:
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1=broken, modifiedon="2025-06-01T08:00:00Z")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.contact(2, firstname="Bea", lastname="Byron", emailaddress1=broken)
    world.hub(502, firstname="Bea", lastname="Byron")
    world.start()
    good, alone = world.group(contact(1), hub(501)), world.group(contact(2), hub(502))
    for group in (good, alone):
        decide.decide(world.ws, group, "merge")
    made = world.plan()
    assert made.blocked == ((alone, "email: the value is no e-mail address in hubspot contacts."),)
    report = world.apply(made)
    assert report.exit_code == 0, report.text()
    assert world.record(contact(1))["emailaddress1"] == world.record(hub(501))["email"] == "ada@ex.test"


def test_hostile_values_are_inert_in_the_human_forms(world: World) -> None:
    world.contact(1, firstname="Ada", lastname="\x1b[31mred\u202e", emailaddress1="ada@ex.test")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="a|b [x](http://evil.test) `c`")
    world.start()
    group = world.group(contact(1), hub(501))
    decide.decide(world.ws, group, "merge")
    made = world.plan()
    for text in (made.text(), made.markdown()):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "[x](http" not in made.markdown()
    assert world.apply(made).exit_code == 0


def test_an_empty_plan_says_so(world: World) -> None:
    world.start()
    made = world.plan()
    assert made.summary() == "Nothing to write."
    assert made.records == 0


def test_planning_on_several_cores_gives_the_same_plan(make_world: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    from reconcile_tui.steps import collecting

    world = populate(make_world(), 6)
    alone = world.plan().to_json()
    monkeypatch.setattr(collecting, "MANY", 1)
    monkeypatch.setattr(collecting, "CHUNK", 3)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert world.plan().to_json() == alone
