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
    if draw(st.booleans()):
        return draw(st.sampled_from(list(PRESETS.values())))
    pick = {
        "match": Match, "collision": Collision, "fan_out": FanOut, "blank": ProfileBlank, "filters": Filters, "initial": Initial,
        "creates": Creates,
    }  # fmt: skip
    chosen = {name: draw(st.sampled_from(get_args(kind))) for name, kind in pick.items()}
    return Profile("random", **chosen, echo_suppression=draw(st.booleans()), compare_before_write=draw(st.integers(0, 3)) == 0)


@st.composite
def rules(draw: st.DrawFn, most: int = 2) -> list[tuple[FieldRule, str]]:
    """A field map, each rule with the name of its transform."""
    made = []
    for number in range(draw(st.integers(1, most))):
        name = draw(st.sampled_from(["none", "none", "none", *TRANSFORMS]))
        forward, backward = TRANSFORMS[name]
        rule = FieldRule(
            f"f{number}",
            direction=draw(st.sampled_from(["both", "both", "forward", "backward", "none"])),
            forward=forward,
            backward=backward,
            blank=draw(st.sampled_from(["profile", "profile", "propagate", "ignore"])),
            blank_backward=draw(st.sampled_from([None, None, None, "propagate", "ignore"])),
            create_only=draw(st.integers(0, 7)) == 0,
        )
        made.append((rule, name))
    return made


@st.composite
def records(draw: st.DrawFn, made: list[tuple[FieldRule, str]], first: int = 3, second: int = 2) -> list[SimRecord]:
    """A few records of both sides that may or may not belong together."""
    group: list[SimRecord] = []
    clean = draw(st.integers(0, 3)) > 0
    sizes = (draw(st.integers(0, first)), draw(st.sampled_from([0, 1, 1, 1, second])))
    if sum(sizes) == 0:
        sizes = (1, 0)
    refs = [Ref("dynamics", draw(st.sampled_from(["contact", "lead"])), f"C-{n}") for n in range(sizes[0])]
    refs += [Ref("hubspot", "contacts", f"{500 + n}") for n in range(sizes[1])]
    for ref in refs:
        side = 0 if ref.system == "dynamics" else 1
        values = {
            rule.name: draw(st.sampled_from([None, *VALUES[name]]))
            for rule, name in made
            if not (ref.table == "lead" and draw(st.integers(0, 3)) == 0)
        }
        number = refs.index(ref) - sizes[0]
        addresses = ["a@x.test", "a@x.test", "b@x.test", ""] if side == 0 or not clean else [["a@x.test", "c@x.test"][min(number, 1)]]
        emails = [draw(st.sampled_from(addresses))]
        if side == 1 and draw(st.booleans()):
            emails.append("b@x.test" if number == 0 or not clean else "d@x.test")
        others = [other for other in refs if other.system != ref.system]
        links = tuple(draw(st.lists(st.sampled_from(others), max_size=1, unique=True))) if others and draw(st.booleans()) else ()
        group.append(
            SimRecord(
                ref, side, values, eligible=draw(st.integers(0, 3)) > 0, synced_once=draw(st.integers(0, 4)) == 0,
                emails=tuple(emails) if any(emails) else (), links=links,
                created_at=draw(st.sampled_from(TIMES)), modified_at=draw(st.sampled_from(TIMES)),
            )
        )  # fmt: skip
    return group
