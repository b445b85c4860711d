"""What comes out for small, plain cases: classes, persons, ids, explanations."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from reconcile_tui.errors import ProjectError
from reconcile_tui.matching import Matcher, explain_pair, run, suggest_blocking, why_not
from reconcile_tui.matching.cluster import Judgements, persons
from reconcile_tui.project import ComparisonSettings, MatchingSettings
from tests.matching.people import FIELDS, Field, crowd, groups_of, pairs_of, persons_of, table

ROWS, WHO = crowd(120, seed=3)
SETTINGS = MatchingSettings()
HOME = {"city": "Leeds", "country": "GB", "company": "Acme Ltd"}


def among(*rows: dict, crowd_rows=ROWS):
    """The rows, with keys from 9001 on, in the midst of others."""
    planted = [{"system": "dynamics", **row, "key": 9001 + i} for i, row in enumerate(rows)]
    return table([*crowd_rows, *planted])


def planted_groups(result) -> list[set[int]]:
    return [{key for key in keys if key > 9000} for keys in groups_of(result.groups).values() if any(key > 9000 for key in keys)]


def class_of(result, key: int) -> str | None:
    rows = dict(zip(result.groups["key"].to_pylist(), result.groups["class"].to_pylist(), strict=True))
    return rows.get(key)


def test_a_nickname_a_typing_error_and_swapped_names_are_one_person() -> None:
    person = {"first_name": "Robert", "last_name": "Featherstonehaugh", "phone": "+44 20 7946 1234", **HOME}
    result = run(
        among(
            person,
            {**person, "system": "hubspot", "first_name": "Bob"},
            {**person, "system": "hubspot", "last_name": "Fetherstonehaugh"},
            {**person, "system": "hubspot", "first_name": "Featherstonehaugh", "last_name": "Robert"},
        ),
        FIELDS,
        SETTINGS,
    )
    assert planted_groups(result) == [{9001, 9002, 9003, 9004}]


def test_two_people_at_one_address_are_reviewed_together_but_never_one_person() -> None:
    shared = {"email": "info@acme.test", "phone": "+44 20 7946 1234", **HOME}
    people = [{"first_name": "Robert", "last_name": "Hale", **shared}, {"first_name": "Rita", "last_name": "Hale", **shared}]
    result = run(among(*people), FIELDS, SETTINGS)
    assert planted_groups(result) == [{9001, 9002}]
    assert class_of(result, 9001) == "shared_mailbox"
    assert not any({9001, 9002} <= keys for keys in persons_of(result.groups))


def test_a_lead_and_a_contact_are_their_own_class() -> None:
    person = {"first_name": "Zoë", "last_name": "Okaforson", "email": "zoe@okafor.example", **HOME}
    result = run(among(person, {**person, "table": "lead"}), FIELDS, SETTINGS)
    assert class_of(result, 9001) == "lead_contact"


def test_identical_means_one_record_per_system_and_no_value_different_or_missing() -> None:
    person = {"first_name": "Zoë", "last_name": "Okaforson", "email": "zoe@okafor.example", "phone": "+442079461234", **HOME}
    other = {**person, "system": "hubspot"}
    assert class_of(run(among(person, other), FIELDS, SETTINGS), 9001) == "identical"
    for change in ({"phone": None}, {"last_name": "OKAFORSON"}, {"system": "dynamics"}):
        assert class_of(run(among(person, {**other, **change}), FIELDS, SETTINGS), 9001) == "differs"


def test_a_chain_of_look_alikes_is_cut_where_its_ends_are_unlike() -> None:
    chain = {(0, 1): 9.0, (1, 2): 4.0, (2, 3): 9.0, (0, 2): -6.0, (1, 3): -6.0, (0, 3): -15.0}

    def weigh(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.array([chain[int(a), int(b)] for a, b in zip(left, right, strict=True)], dtype=np.float32)

    linked = [pair for pair, bits in chain.items() if bits > 0]
    left, right = (np.array(side, dtype=np.int32) for side in zip(*linked, strict=True))
    found = persons(4, left, right, weigh(left, right), Judgements(), weigh)
    assert found.tolist() == [0, 0, 2, 2]


def test_groups_keep_their_ids_when_records_are_added() -> None:
    before = run(table(ROWS), FIELDS, SETTINGS)
    more, _ = crowd(60, seed=8)
    added = [{**row, "key": 500_000 + row["key"]} for row in more]
    earlier = [{**row, "key": -row["key"]} for row in more]
    after = run(table([*earlier, *ROWS, *added]), FIELDS, SETTINGS, model=before.model, previous_groups=before.groups)
    new = groups_of(after.groups)
    kept = [name for name, keys in groups_of(before.groups).items() if name in new and keys <= new[name]]
    assert len(kept) >= 0.9 * len(groups_of(before.groups))


def test_one_system_alone_is_deduplicated() -> None:
    rows = [{**row, "system": "dynamics"} for row in ROWS]
    result = run(table(rows), FIELDS, SETTINGS)
    assert len(persons_of(result.groups)) > 10
    assert set(result.model["prior"]) == {"within dynamics"}


def test_too_little_data_falls_back_to_documented_priors_and_says_so() -> None:
    result = run(table(ROWS[:12]), FIELDS, SETTINGS)
    assert not result.model["trained"]
    assert any("documented priors" in note for note in result.report["notes"])
    person = {"first_name": "Zoë", "last_name": "Okaforson", "email": "zoe@okafor.example", "phone": "+442079461234"}
    few = run(among(person, {**person, "system": "hubspot"}, crowd_rows=ROWS[:12]), FIELDS, SETTINGS)
    assert planted_groups(few) == [{9001, 9002}]


def test_the_model_is_readable_and_holds_no_value_of_a_record() -> None:
    import json

    result = run(table(ROWS), FIELDS, SETTINGS)
    text = json.dumps(result.model)
    assert json.loads(text) == result.model
    assert not any(str(row["email"]) in text or str(row["last_name"]) in text for row in ROWS)
    again = run(table(ROWS), FIELDS, SETTINGS, model=json.loads(text))
    assert pairs_of(again.pairs) == pairs_of(result.pairs)


def test_a_pair_says_why_not() -> None:
    result = run(table(ROWS), FIELDS, SETTINGS)
    apart = next((a, b) for a in range(1, 40) for b in range(41, 80) if WHO[a - 1] != WHO[b - 1] and (a, b) not in pairs_of(result.pairs))
    text = why_not(table(ROWS), FIELDS, SETTINGS, result.model, *apart)
    assert "Against it" in text
    explained = explain_pair(table(ROWS), FIELDS, SETTINGS, result.model, *apart)
    assert explained.as_json()["score_bits"] == sum(field["bits"] for field in explained.as_json()["fields"])


def test_suggested_blocking_keys_can_be_used_as_settings_and_find_as_much() -> None:
    found = suggest_blocking(table(ROWS), FIELDS, SETTINGS)
    assert found[0].new >= found[-1].new
    keys = [suggestion.key for suggestion in found]
    full, suggested = run(table(ROWS), FIELDS, SETTINGS), run(table(ROWS), FIELDS, MatchingSettings(blocking=keys))
    assert len(persons_of(suggested.groups)) >= 0.95 * len(persons_of(full.groups))


OTHER_FIELDS = (
    Field("given", "first_name"),
    Field("surname", "last_name"),
    Field("born", "date"),
    Field("zip", "postcode"),
    Field("height", "number"),
    Field("place", "geography"),
    Field("hobbies", "multichoice"),
)
OTHER_COMPARISONS = [
    ComparisonSettings(field=("given", "surname"), kind="name"),
    ComparisonSettings(field="born", kind="date"),
    ComparisonSettings(field="zip", kind="postcode"),
    ComparisonSettings(field="height", kind="number"),
    ComparisonSettings(field="place", kind="geography"),
    ComparisonSettings(field="hobbies", kind="set"),
]


def patient(row: dict, rng: random.Random) -> dict:
    return {
        "given": row["first_name"],
        "surname": row["last_name"],
        "born": f"19{rng.randrange(40, 90)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        "zip": f"LS{rng.randrange(1, 30)} {rng.randrange(1, 9)}BE",
        "height": str(rng.randrange(150, 200)),
        "place": f"{rng.uniform(50, 56):.3f}, {rng.uniform(-3, 1):.3f}",
        "hobbies": ";".join(rng.sample(["chess", "golf", "go", "rowing"], 2)),
    }


def test_other_columns_than_a_crms_are_matched_by_naming_their_kinds() -> None:
    rng = random.Random(4)
    rows = [patient(row, rng) for row in ROWS]
    copies = [{**row, "system": "hubspot", "surname": row["surname"].upper()} for row in rows[:70]]
    result = run(table([*rows, *copies], OTHER_FIELDS), OTHER_FIELDS, MatchingSettings(comparisons=OTHER_COMPARISONS))
    assert sum(len(keys) == 2 for keys in persons_of(result.groups)) >= 65
    assert [c["name"] for c in result.model["comparisons"]] == ["given", "surname", "born", "zip", "height", "place", "hobbies"]


def test_an_unknown_comparison_or_field_is_refused_by_name() -> None:
    for entry, named in (
        (ComparisonSettings(field="email", kind="magic"), "magic"),
        (ComparisonSettings(field="emial", kind="email"), "emial"),
    ):
        with pytest.raises(ProjectError, match=named):
            run(table(ROWS), FIELDS, MatchingSettings(comparisons=[entry]))


def test_judgements_re_weigh_the_model_only_when_that_predicts_held_back_ones_better() -> None:
    result = run(table(ROWS), FIELDS, MatchingSettings(keep=0.001))
    who = {row["key"]: person for row, person in zip(ROWS, WHO, strict=True)}
    pairs = list(pairs_of(result.pairs))
    cross = [(a, a + 7) for a in range(1, len(ROWS) - 7)]
    every = sorted({*pairs, *cross})
    said = pa.table({"left": [a for a, _ in every], "right": [b for _, b in every], "same": [who[a] == who[b] for a, b in every]})
    report = run(table(ROWS), FIELDS, MatchingSettings(), judgements=said).report["learning"]
    assert report["judgements"] >= 100
    assert report["used"] == (report["held_back_after"] < report["held_back_before"])
    few = run(table(ROWS), FIELDS, MatchingSettings(), judgements=said.slice(0, 20)).report["learning"]
    assert not few["used"]
    assert "100" in few["why"]


def test_a_record_that_is_gone_can_not_be_explained() -> None:
    matcher = Matcher(table(ROWS), FIELDS, SETTINGS)
    matcher.update(removed=[1])
    with pytest.raises(KeyError):
        matcher.explain(1, 2)
