"""Steps that can do the plain values of a whole column at once, where a million calls would take seconds.

A `ColumnStep` is a step like any other; its `many` answers for the values whose shape it knows, and leaves the others to the step. Tests
hold both equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.transforms import phones
from reconcile_tui.transforms.core import Step

if TYPE_CHECKING:
    import polars as pl

Many = Callable[["pl.Series"], "pl.Series"]
"""Texts in, what the step makes of each out; null where the step has to be asked."""


@dataclass(frozen=True, slots=True)
class ColumnStep:
    """A step with a quick way for columns."""

    step: Step
    many: Many

    def __call__(self, value: str) -> str:
        """One value."""
        return self.step(value)


def unchanged(step: Step, pattern: str) -> ColumnStep:
    """A step that returns values of a shape as they are."""
    import functools

    return ColumnStep(step, functools.partial(_kept, pattern=pattern))


def _kept(texts: pl.Series, pattern: str) -> pl.Series:
    return texts.set(~texts.str.contains(pattern), None)


def phone(country: str) -> ColumnStep:
    """`phones.phone_e164` for one country."""
    import functools

    return ColumnStep(functools.partial(phones.phone_e164, country=country), functools.partial(_phones, country=country))


def _phones(texts: pl.Series, country: str) -> pl.Series:
    """The two plain shapes that `phones` reads from the library's tables."""
    compact = texts.str.replace_all(r"[ \-.()/]", "")
    abroad = _international(compact)
    plan = phones.plan_of(country) if country else None
    if plan is None or plan.rewrites:
        return abroad
    plain = texts.str.contains(r"^[0-9]") & texts.str.contains(r"[0-9]$") & ~texts.str.contains(r"[/(]")
    own = _national(compact.set(~(plain & compact.str.contains("^[0-9]+$")), None), plan)
    return own.zip_with(own.is_not_null(), abroad)


def _national(compact: pl.Series, plan: phones.Plan) -> pl.Series:
    from_abroad = compact.str.starts_with(plan.calling)
    if plan.abroad:
        from_abroad |= compact.str.contains(f"^(?:{plan.abroad.pattern})")
    national = compact.str.replace(f"^(?:{plan.prefix.pattern})", "") if plan.prefix else compact
    known = ~from_abroad & ~national.str.starts_with("0") & national.str.len_bytes().is_in(sorted(plan.lengths))
    known &= national.str.contains(f"^(?:{plan.national.pattern})$")
    made = f"+{plan.calling}" + national
    return made.set(~known.fill_null(value=False), None)


def _international(compact: pl.Series) -> pl.Series:
    import polars as pl

    rest = compact.set(~compact.str.contains(r"^\+[0-9]{1,15}$"), None).str.slice(1)
    made = pl.Series([None], dtype=pl.String).new_from_index(0, len(compact))
    for start in rest.str.slice(0, 3).unique().drop_nulls().to_list():
        found = phones.abroad_of(start)
        if found is None:
            continue
        calling, plan = found
        national = rest.set(~rest.str.starts_with(start).fill_null(value=False), None).str.slice(len(calling))
        known = national.str.len_bytes().is_in(sorted(plan.lengths)) & ~national.str.starts_with("0")
        if plan.prefix:
            known &= ~national.str.contains(f"^(?:{plan.prefix.pattern})")
        made = made.zip_with(~known.fill_null(value=False), "+" + rest)
    return made
