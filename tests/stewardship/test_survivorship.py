"""The survivorship rules and the points of a survivor, on plain values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile_tui.errors import ProjectError
from reconcile_tui.model import Record, Ref
from reconcile_tui.stewardship.survivorship import RULES, Candidate, parse_rule, points, survivor


def record(id_: str, system: str = "dynamics", **changes: object) -> Record:
    base = {"values": {}, "native": {}, "modified_at": "2025-01-01", "created_at": "2024-01-01"}
    return Record(Ref(system, "contact", id_), int(id_), **{**base, **changes})  # type: ignore[arg-type]


def candidates() -> list[Candidate]:
    return [
        Candidate(record("1", modified_at="2025-03-01", created_at="2021-01-01"), "Bob"),
        Candidate(record("2", modified_at="2025-09-01", created_at="2023-01-01", values={"a": "x", "b": "y"}), "Robert"),
        Candidate(record("3", "hubspot", modified_at="2025-01-01", created_at="2022-01-01"), "Bob"),
    ]


@pytest.mark.parametrize(
    ("rule", "argument", "value"),
    [
        ("most_recent", "", "Robert"),
        ("oldest", "", "Bob"),
        ("longest", "", "Robert"),
        ("most_frequent", "", "Bob"),
        ("most_complete", "", "Robert"),
        ("system_of_record", "hubspot", "Bob"),
        ("system_of_record", "dynamics", "Robert"),
        ("concatenate", "", "Robert;Bob"),
    ],
)
def test_each_rule_picks_its_value(rule: str, argument: str, value: str) -> None:
    assert RULES[rule].choose(candidates(), argument).value == value


def test_the_most_restrictive_consent_and_the_furthest_stage_win() -> None:
    consents = [Candidate(record(str(n)), text, restricts=text == "true") for n, text in enumerate(["false", "true", "false"], 1)]
    assert RULES["most_restrictive"].choose(consents, "").value == "true"
    stages = [Candidate(record(str(n)), text) for n, text in enumerate(["lead", "customer", "subscriber", "unheard_of"], 1)]
    assert RULES["furthest_stage"].choose(stages, "").value == "customer"


@given(st.permutations(candidates()), st.sampled_from(sorted(RULES)))
def test_the_order_of_the_records_does_not_matter(order: list[Candidate], rule: str) -> None:
    assert RULES[rule].choose(order, "dynamics") == RULES[rule].choose(candidates(), "dynamics")


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(ProjectError, match="most_recent"):
        parse_rule("most_recnt", "dynamics")


def test_an_active_record_survives_whatever_else_speaks_for_another() -> None:
    rich = record("1", active=False, links=(Ref("hubspot", "contacts", "5"),), values={"a": "x", "b": "y"}, modified_at="2026-01-01")
    poor = record("2", values={})
    assert survivor([rich, poor]).ref == poor.ref
    assert points(rich, [rich, poor])["active"] == 0


@given(st.permutations([record(str(n), values={"a": "x"} if n % 2 else {}) for n in range(1, 6)]))
def test_the_survivor_does_not_depend_on_the_order(order: list[Record]) -> None:
    assert survivor(order).ref.id == "1"
