"""The forecast over a workspace: the article's story, the ledger, and one group again after each decision."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile_tui.errors import DecisionRefused, ProjectError, UsageError
from reconcile_tui.model import Ref
from reconcile_tui.steps import decide, simulate
from reconcile_tui.workspace import Workspace, columns
from reconcile_tui.workspace.matches import Filter

ROBERT = Ref("dynamics", "contact", "c0000001-0000-4000-8000-000000000001")
RITA = Ref("dynamics", "contact", "c0000002-0000-4000-8000-000000000002")
SHARED = Ref("hubspot", "contacts", "501")


@pytest.fixture
def copy(loaded: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """The loaded workspace once more, to decide in."""
    loaded.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in ("reconcile.toml", "workspace.db", "sandbox.db"):
        shutil.copyfile(loaded.folder / name, tmp_path / name)
    with Workspace.open(tmp_path) as workspace:
        yield workspace


def article(workspace: Workspace) -> str:
    group = workspace.matches.group_of(int(workspace.records.key_of(ROBERT) or 0))
    assert group is not None
    return group


def test_the_articles_two_contacts_overwrite_each_other_through_the_one_in_hubspot(loaded: Workspace) -> None:
    forecast = simulate.simulate(loaded, group=article(loaded))
    told = forecast.tell(forecast.groups[0])
    after = {(cell.record, cell.field): (cell.after, cell.certainty, cell.overwritten_by) for cell in told.cells}
    assert not told.confluent
    assert after[ROBERT, "first_name"] == (("Rita",), "order_dependent", (RITA,))
    assert after[RITA, "first_name"] == (("Robert",), "order_dependent", (ROBERT,))
    assert after[ROBERT, "phone"][0] == ("+12025550202",)
    assert after[RITA, "phone"][0] == ("+12025550101",)
    assert (ROBERT, "last_name") not in after


def test_the_story_is_told_in_steps(loaded: Workspace) -> None:
    text = simulate.simulate(loaded, group=article(loaded)).text(witness=True)
    assert "first name: Robert -> Rita" in text
    assert "is gone" in text


def test_the_queue_shows_what_is_at_stake(loaded: Workspace) -> None:
    assert loaded.matches.row(article(loaded)).cells_at_risk >= 4  # type: ignore[union-attr]
    first = loaded.matches.page(order="value", limit=1)[0]
    assert first.cells_at_risk > 0


def test_every_collision_at_stake_is_in_the_queue(loaded: Workspace) -> None:
    for kept in loaded.forecasts.groups("now", limit=10_000):
        if kept.cells and len(kept.records) > 1:
            assert any(loaded.matches.group_of(key) for key in kept.records)


def test_a_field_mapped_to_a_column_that_is_not_there_is_told_and_does_not_pass_for_safe(copy: Workspace) -> None:
    path = copy.folder / "reconcile.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('dynamics = "telephone1"', 'dynamics = "telefone"'), encoding="utf-8")
    copy.close()
    with Workspace.open(path.parent) as workspace:
        told = simulate.simulate(workspace).problems
        assert "field map of contacts: phone: dynamics contact has no column telefone, so it was not forecast" in told
        assert not any("first_name" in problem for problem in told)
        absent = tuple(problem for problem in told if "telefone" in problem)
        assert simulate.what_if(workspace, {CONTACTS: "1"}).problems == absent
        assert simulate.simulate(workspace, group=article(workspace)).problems == absent


def act(workspace: Workspace, chance: random.Random) -> str | None:
    """One decision of any kind on some group, or an undo or redo. Returns the group; None when it was refused."""
    if chance.random() < 0.25:
        done = (decide.undo if chance.random() < 0.7 else decide.redo)(workspace)
        return done.group if done else None
    row = chance.choice(workspace.matches.page(order="value", limit=60))
    records = workspace.records.load(workspace.matches.members(row.id))
    ref = chance.choice(records).ref
    try:
        match chance.choice(["merge", "link", "different", "mailbox", "exclude", "skip", "value", "survivor"]):
            case "mailbox":
                mine = [record.ref for record in records if record.ref.system == "dynamics"]
                remedy = chance.choice(["blank", "exclude", "alias:somebody.else@acme.test", f"alias:{records[0].values.get('email')}"])
                others = dict.fromkeys(mine[1:], remedy)
                decide.decide(workspace, row.id, "shared_mailbox", owner=mine[0], remedies=others)
            case "exclude":
                decide.exclude(workspace, row.id, [ref], direction=chance.choice(["both", "forward"]))
            case "value":
                taken = chance.choice(workspace.matches.page(order="score", limit=40))
                other = workspace.records.load(workspace.matches.members(taken.id))[0]
                decide.set_value(workspace, row.id, "email", other.values.get("email"))
            case "survivor":
                decide.set_survivor(workspace, row.id, ref)
            case outcome:
                decide.decide(workspace, row.id, outcome)  # type: ignore[arg-type]
    except (DecisionRefused, UsageError, StopIteration, IndexError):
        return None
    return row.id


def kept(workspace: Workspace) -> dict[str, object]:
    return {g.id: (g.records, g.confluent, g.cells) for g in workspace.forecasts.groups("after", limit=10_000) if g.cells}


@pytest.mark.parametrize(("seed", "whole_first"), [(n, bool(n % 2)) for n in (1, 2, 4, 7)])
def test_the_ledger_after_each_decision_is_that_of_forecasting_everything_again(copy: Workspace, seed: int, whole_first: bool) -> None:
    if whole_first:
        simulate.simulate(copy, after_plan=True)
    chance = random.Random(seed)
    acted = 0
    while acted < 25:
        group = act(copy, chance)
        if group is not None:
            acted += 1
            live = simulate.after_decision(copy, group)
    ours, fields = kept(copy), copy.forecasts.by_field("after")
    whole = simulate.simulate(copy, after_plan=True).totals
    assert kept(copy) == ours
    assert live == whole
    assert copy.forecasts.by_field("after") == fields


def test_undoing_a_decision_brings_its_risk_back(copy: Workspace) -> None:
    before = simulate.simulate(copy, after_plan=True).totals.cells
    row = copy.matches.page(Filter(klass="differs"), "value", limit=1)[0]
    decide.decide(copy, row.id, "merge")
    assert simulate.after_decision(copy, row.id).cells < before
    decide.undo(copy)
    assert simulate.after_decision(copy, row.id).cells == before


def test_profiles_are_compared_on_the_same_data(loaded: Workspace) -> None:
    compared = simulate.difference(loaded, None, "guarded").as_json()
    assert compared["profiles"] == ["good-faith-upsert", "guarded"]
    assert compared["totals"][1]["cells_order_dependent"] < compared["totals"][0]["cells_order_dependent"]
    assert compared["only_first"]


def test_another_profile_leaves_the_kept_ledger_alone(loaded: Workspace) -> None:
    kept = loaded.forecasts.totals("now")
    simulate.simulate(loaded, profile="stored-id")
    assert loaded.forecasts.totals("now") == kept


def test_an_unknown_profile_or_group_is_named(loaded: Workspace) -> None:
    with pytest.raises(ProjectError, match="good-faith-upsert"):
        simulate.simulate(loaded, profile="good-fate-upsert")
    with pytest.raises(UsageError, match="no group"):
        simulate.simulate(loaded, group="nowhere")


CONTACTS = ("hubspot", "contacts")


def test_another_filter_is_simulated_and_told_per_direction(loaded: Workspace) -> None:
    tried = simulate.what_if(loaded, {CONTACTS: "1"})
    forward, backward = tried.directions
    assert (forward.source, forward.enters.count, forward.before) == ("dynamics", 0, forward.after)
    assert backward.enters.count == backward.after - backward.before == len(loaded.records.eligible_keys(*CONTACTS, "1")) - backward.before
    assert 0 < backward.creates.count <= backward.enters.count
    assert tried.before == simulate.simulate(loaded).totals
    assert tried.after.cells == tried.before.cells + tried.new.count - tried.gone.count
    assert tried.new.count


def test_what_a_filter_would_do_is_what_the_sync_does_with_it_in_the_project(copy: Workspace) -> None:
    tried = simulate.what_if(copy, {CONTACTS: "lifecyclestage = 'customer'"})
    file = copy.folder / "reconcile.toml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace("lifecyclestage IN ('salesqualifiedlead', 'opportunity', 'customer')", "lifecyclestage = 'customer'")
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    copy.close()
    with Workspace.open(copy.folder) as reopened:
        assert simulate.simulate(reopened).totals == tried.after


def test_a_record_that_leaves_keeps_syncing_where_filters_count_for_the_first_sync_only(loaded: Workspace) -> None:
    leaky = simulate.what_if(loaded, {CONTACTS: "0"}, profile="hubspot-data-sync").directions[1]
    strict = simulate.what_if(loaded, {CONTACTS: "0"}).directions[1]
    assert (leaky.leaves.count, strict.leaves.count) == (leaky.before, strict.before)
    assert 0 < leaky.leaks.count < leaky.leaves.count
    assert strict.leaks.count == 0


@pytest.mark.parametrize(
    "predicate", ["nonsense = 1", "1); DELETE FROM decision; --", "(SELECT count(*) FROM decision) = 0", "load_extension('x')"]
)
def test_a_filter_that_has_an_error_or_reaches_elsewhere_is_named(loaded: Workspace, predicate: str) -> None:
    with pytest.raises(ProjectError, match="hubspot_contacts can't be used"):
        simulate.what_if(loaded, {CONTACTS: predicate})
    with pytest.raises(UsageError, match="no pulled table"):
        simulate.what_if(loaded, {("hubspot", "people"): "1"})


def test_a_broken_filter_of_the_project_is_named_and_the_rest_is_forecast(copy: Workspace) -> None:
    file = copy.folder / "reconcile.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("lifecyclestage IN", "nostage IN"), encoding="utf-8")
    copy.close()
    with Workspace.open(copy.folder) as reopened:
        forecast = simulate.simulate(reopened)
        problem = next(problem for problem in forecast.problems if "eligible" in problem)
        assert "eligible.hubspot_to_dynamics.contacts" in problem
        assert "no such column: nostage" in problem
        assert forecast.totals.cells > 0
        assert problem in (reopened.forecasts.totals("now") or {})["problems"]
        decide.decide(reopened, reopened.matches.page(Filter(klass="differs"), "value", limit=1)[0].id, "merge")
        assert 0 < simulate.simulate(reopened, after_plan=True).totals.cells < forecast.totals.cells
        assert simulate.simulate(reopened, group=article(reopened)).totals.cells > 0


def test_a_large_table_read_in_a_process_beside_gives_the_same_forecast(loaded: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    here = simulate.simulate(loaded)
    monkeypatch.setattr(columns, "LARGE", 1)
    beside = simulate.simulate(loaded)
    assert beside.totals == here.totals
    assert [found.keys for found in beside.groups] == [found.keys for found in here.groups]
