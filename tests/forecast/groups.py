"""Random groups, field maps and profiles, small enough for every order of events to be walked."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from reconcile_tui.forecast.profiles import PRESETS, Collision, Creates, FanOut, Filters, Initial, Match, Profile, ProfileBlank
from reconcile_tui.forecast.values import FieldRule, SimRecord
from reconcile_tui.model import Ref

TIMES = [None, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"]


def stubborn(value: str) -> str:
    """Lower case; refuses one value."""
    if value == "bad":
        raise ValueError("is bad")
    return value.lower()


def choice_forward(value: str) -> str:
    """Numbers to words, two of them to the same."""
    return {"1": "one", "2": "two", "3": "one"}[value]


def choice_backward(value: str) -> str:
    """Words to numbers; knows fewer than it should."""
    return {"one": "1", "two": "2"}[value]


TRANSFORMS = {
    "none": (None, None),
    "lower": (str.lower, None),
    "stubborn": (stubborn, stubborn),
    "choice": (choice_forward, choice_backward),
    "lossy": (None, str.lower),  # does not round-trip
}
VALUES = {
    "none": ["x", "y", "z"],
    "lower": ["x", "X", "y"],
    "stubborn": ["x", "X", "bad"],
    "choice": ["1", "2", "3", "one", "two", "9"],
    "lossy": ["x", "X", "y"],
}


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """A preset, or any combination of options."""
    if draw(st.integers(0, 3)) == 3:
        return draw(st.sampled_from(list(PRESETS.values())))
    pick = {
        "match": Match, "collision": Collision, "fan_out": FanOut, "blank": ProfileBlank, "filters": Filters, "initial": Initial,
        "creates": Creates,
    }  # fmt: skip
    chosen = {name: draw(st.sampled_from(get_args(kind))) for name, kind in pick.items()}
    return Profile("random", **chosen, echo_suppression=draw(st.booleans()), compare_before_write=draw(st.integers(0, 7)) == 7)


@st.composite
def rules(draw: st.DrawFn, most: int = 2) -> list[tuple[FieldRule, str]]:
    """A field map, each rule with the name of its transform."""
    made = []
    for number in range(draw(st.integers(1, most))):
        name = draw(st.sampled_from(["none", "none", "none", *TRANSFORMS]))
        forward, backward = TRANSFORMS[name]
        rule = FieldRule(
            f"f{number}",
            direction=draw(st.sampled_from(["both", "both", "both", "forward", "backward"])),
            forward=forward,
            backward=backward,
            blank=draw(st.sampled_from(["profile", "profile", "propagate", "ignore"])),
            blank_backward=draw(st.sampled_from([None, None, None, "propagate", "ignore"])),
            create_only=draw(st.integers(0, 11)) == 11,
        )
        made.append((rule, name))
    return made


@st.composite
def records(draw: st.DrawFn, made: list[tuple[FieldRule, str]], first: int = 3) -> list[SimRecord]:
    """A few records of both sides: mostly one address and one counterpart, sometimes anything."""
    close = draw(st.integers(0, 3)) > 0
    sizes = (draw(st.integers(1 if close else 0, first)), draw(st.sampled_from([1, 1, 0] if close else [0, 1, 2])))
    refs = [Ref("dynamics", draw(st.sampled_from(["contact", "contact", "lead"])), f"C-{n}") for n in range(sizes[0])]
    refs += [Ref("hubspot", "contacts", f"{500 + n}") for n in range(sizes[1])]
    refs = refs or [Ref("hubspot", "contacts", "500")]
    return [draw(_record(ref, refs, made, close)) for ref in refs]


@st.composite
def _record(draw: st.DrawFn, ref: Ref, refs: list[Ref], made: list[tuple[FieldRule, str]], close: bool) -> SimRecord:
    values = {}
    for rule, transform in made:
        if not (ref.table == "lead" and draw(st.integers(0, 5)) == 5):
            values[rule.name] = draw(st.sampled_from([*VALUES[transform], *VALUES[transform], None]))
    others = [other for other in refs if other.system != ref.system]
    links = draw(st.lists(st.sampled_from(others), max_size=1)) if others and draw(st.booleans()) else []
    return SimRecord(
        ref,
        0 if ref.system == "dynamics" else 1,
        values,
        eligible=draw(st.integers(0, 5)) < 5,
        synced_once=draw(st.integers(0, 4)) == 4,
        emails=draw(_emails(close, ref)),
        links=tuple(links),
        created_at=draw(st.sampled_from(TIMES)),
        modified_at=draw(st.sampled_from(TIMES)),
    )


@st.composite
def _emails(draw: st.DrawFn, close: bool, ref: Ref) -> tuple[str, ...]:
    if close:
        own = draw(st.sampled_from(["a@x.test", "a@x.test", "A@x.test ", "b@x.test"] if ref.system == "dynamics" else ["a@x.test"]))
        return (own, "b@x.test") if ref.system == "hubspot" and draw(st.booleans()) else (own,)
    emails = draw(st.lists(st.sampled_from(["a@x.test", "b@x.test", "c@x.test"]), max_size=2, unique=True))
    return tuple(emails)
