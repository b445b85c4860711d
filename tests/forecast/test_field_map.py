"""What is wrong with a field map is named, and the rest is still computed."""

from __future__ import annotations

from dataclasses import replace

from reconcile_tui.forecast.encoding import encode
from reconcile_tui.forecast.fieldmap import map_problems
from reconcile_tui.forecast.profiles import PRESETS
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.values import FieldRule
from tests.forecast import groups
from tests.forecast.article import SHARED, people, record


def rule(name: str, first: str, second: str, direction: str = "both") -> FieldRule:
    return FieldRule(name, direction=direction, columns=({"contact": first}, {"contacts": second}))  # type: ignore[arg-type]


def test_two_entries_that_write_one_column_are_named() -> None:
    found = map_problems([rule("work", "telephone1", "phone"), rule("home", "telephone2", "phone"), rule("name", "a", "b")])
    assert [(p.kind, p.fields) for p in found] == [("two_sources", ("work", "home"))]
    assert "contacts.phone" in found[0].detail


def test_a_way_of_a_value_back_to_its_own_column_through_several_entries_is_named() -> None:
    fields = [
        rule("one", "a", "x", "forward"), rule("two", "b", "x", "backward"), rule("three", "b", "y", "forward"),
        rule("four", "a", "y", "backward"),
    ]  # fmt: skip
    assert [(p.kind, p.fields) for p in map_problems(fields)] == [("cycle", ("four", "one", "three", "two"))]


def test_a_column_that_feeds_two_others_and_a_field_of_two_tables_are_no_problem() -> None:
    two_tables = FieldRule("company", columns=({"contact": "parent", "lead": "companyname"}, {"contacts": "company"}))
    assert map_problems([two_tables, rule("full", "fullname", "a", "forward"), rule("again", "fullname", "b", "forward")]) == []


def test_contradictory_entries_are_left_out_and_the_others_simulated() -> None:
    fields = [rule("first_name", "firstname", "x"), rule("phone", "telephone1", "phone"), rule("other", "telephone2", "phone")]
    told = simulate_group([*people(), record(SHARED, "Bob", "1")], fields, PRESETS["good-faith-upsert"])
    assert {c.field for c in told.cells} == {"first_name"}
    assert [p.fields for p in told.problems] == [("phone", "other")]


def test_a_transform_that_raises_is_named_with_the_value_and_only_that_value_is_left_out() -> None:
    fields = [FieldRule("first_name", forward=groups.stubborn), FieldRule("phone")]
    robert, rita = people()
    robert = replace(robert, values={"first_name": "bad", "phone": "555-0101"})
    told = simulate_group([robert, rita], fields, PRESETS["good-faith-upsert"])
    assert [(p.kind, p.fields, p.value) for p in told.problems] == [("raises", ("first_name",), "bad")]
    assert [(b.record.id, b.reason, b.field) for b in told.blocked] == [("C-1", "not_sent", "first_name")]
    assert {(c.record.id, c.field) for c in told.cells} >= {("C-1", "phone"), ("C-2", "phone"), ("C-1", "first_name")}


def test_any_exception_of_a_transform_is_a_problem_of_the_map_not_a_crash() -> None:
    field = FieldRule("phone", forward=lambda value: str(1 // 0), backward=lambda value: str({}[value]))
    told = simulate_group([*people(), record(SHARED, None, "1")], [field], PRESETS["good-faith-upsert"])
    assert {p.kind for p in told.problems} == {"raises"}
    assert told.cells == ()


def test_a_transform_that_does_not_round_trip_is_named_and_the_group_is_searched() -> None:
    field = FieldRule("first_name", backward=str.lower)
    told = simulate_group([people()[0]], [field], PRESETS["good-faith-upsert"])
    assert [(p.kind, p.value) for p in told.problems] == [("no_round_trip", "Robert")]
    assert told.method == "search"
    assert [(c.now, c.after, c.certainty) for c in told.cells] == [("Robert", ("robert",), "certain")]


def test_a_transform_that_grows_a_value_for_ever_ends_in_an_honest_not_exhausted() -> None:
    field = FieldRule("first_name", forward=lambda value: value + "!")
    told = simulate_group([people()[0]], [field], PRESETS["good-faith-upsert"], budget=500)
    assert not told.exhaustive


def test_mere_format_is_a_reformat_and_never_a_loss() -> None:
    field = FieldRule("first_name", forward=str.strip)
    spaced = replace(people()[0], values={"first_name": " Robert "})
    told = simulate_group([spaced, record(SHARED, "Robert", None)], [field], PRESETS["good-faith-upsert"])
    assert (told.cells, told.confluent, told.reformats) == ((), True, 1)


def test_problems_of_a_whole_column_are_found_while_encoding_it() -> None:
    column = encode(FieldRule("mail", forward=groups.stubborn), ["x", "bad", None, "bad"], ["y"])
    assert [(p.kind, p.value) for p in column.problems] == [("raises", "bad")]
