"""Seeded columns of two systems: pairs, collision groups and records without a counterpart, in Arrow text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from reconcile_tui.forecast.columns import Columns, FieldColumn
from reconcile_tui.forecast.encoding import encode
from reconcile_tui.forecast.values import FieldRule
from reconcile_tui.transforms import build

DIRECTIONS = ("both", "both", "both", "forward", "backward")
SPECS = ["none"] * 14 + ["trim", "trim", "trim", "email", "boolean", "invert"]
DISTINCT = (50, 1_000, 20_000, 300_000, 1_000_000)


@dataclass(frozen=True)
class Shape:
    """Where each side's records stand: `person` numbers people; a person with several side-0 records is a collision group."""

    person: Any  # of side 0, then of side 1
    side: Any
    people: int


def shape(records: int, groups: int, seed: int) -> Shape:
    """`records` per side, `groups` of them with two to five side-0 records; three quarters of the rest have a counterpart."""
    rng = np.random.default_rng(seed)
    sizes = rng.choice([2, 3, 4, 5], groups, p=[0.7, 0.2, 0.07, 0.03])
    crowd = np.repeat(np.arange(groups), sizes)
    single = np.arange(groups, groups + records - len(crowd))
    first = np.concatenate([crowd, single])
    paired = single[: int(len(single) * 0.75)]
    alone = np.arange(single[-1] + 1, single[-1] + 1 + records - groups - len(paired))
    second = np.concatenate([np.arange(groups), paired, alone])
    rng.shuffle(first)
    rng.shuffle(second)
    person = np.concatenate([first, second])
    return Shape(person, np.repeat(np.array([0, 1], np.int8), [len(first), len(second)]), int(person.max()) + 1)


def rules() -> list[FieldRule]:
    """Twenty fields with the product's own transforms."""
    made = []
    for number, spec in enumerate(SPECS):
        transform = build(spec)
        forward, backward = (None, None) if spec == "none" else (transform.forward_step, transform.backward_step)
        made.append(FieldRule(f"field_{number}", direction=DIRECTIONS[number % 5], forward=forward, backward=backward))
    return made


def text(rng: np.random.Generator, where: Shape, spec: str, number: int) -> tuple[Any, Any]:
    """Native values of one field: mostly what the person has, sometimes something else, sometimes blank."""
    size = len(where.person)
    distinct = 2 if spec in ("boolean", "invert") else DISTINCT[number % len(DISTINCT)]
    own = rng.integers(0, distinct, where.people)[where.person]
    other = rng.random(size) < 0.08
    own[other] = rng.integers(0, distinct, int(other.sum()))
    blank = rng.random(size) < 0.15
    if distinct == 2:
        flipped = own if spec == "boolean" else np.where(where.side == 0, 1 - own, own)
        values = pa.DictionaryArray.from_arrays(pa.array(flipped, mask=blank), pa.array(["false", "true"])).cast(pa.string())
    else:
        values = pa.array(own, mask=blank).cast(pa.string())
    split = int((where.side == 0).sum())
    return values[:split], values[split:]


def columns(where: Shape, fields: list[FieldColumn], seed: int) -> Columns:
    """The columns around the fields."""
    rng = np.random.default_rng(seed)
    size = len(where.person)
    days = rng.integers(0, 1_000, (2, size)) * 86_400_000_000
    return Columns(
        side=where.side,
        keys=np.arange(size, dtype=np.int64),
        table=np.where(where.side == 1, 2, rng.random(size) < 0.1).astype(np.int16),
        tables=("contact", "lead", "contacts"),
        email=where.person.astype(np.int32),
        eligible=rng.random(size) < 0.9,
        synced=np.zeros(size, np.bool_),
        created=days[0],
        modified=days[1],
        fields=tuple(fields),
    )


def encoded(where: Shape, seed: int) -> list[FieldColumn]:
    """All fields as codes."""
    rng = np.random.default_rng(seed)
    return [encode(rule, *text(rng, where, spec, n)) for n, (rule, spec) in enumerate(zip(rules(), SPECS, strict=True))]
