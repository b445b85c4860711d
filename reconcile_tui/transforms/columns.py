"""Steps that can do the plain values of a whole column at once, where a million calls would take seconds.

A `ColumnStep` is a step like any other; it answers for the values whose shape it knows by the column, and is asked for each of the others.
Tests hold both equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Common
from reconcile_tui.transforms import phones
from reconcile_tui.transforms.core import Step

if TYPE_CHECKING:
    import polars as pl

LOWER = r"^[!-@\[-~ß-öø-ÿ]+$"
"""Values that trimming and lower case leave as they are: most addresses."""
Many = Callable[["pl.Series"], "pl.Series"]
"""Texts in, what the step makes of each out; null where the step has to be asked."""
_DIGITS = 15
"""Of an international number, at most (ITU E.164)."""
_AT_ONCE = 1 << 16
"""Distinct values that are Python text at the same time; a million of them would take a hundred megabytes."""


@dataclass(frozen=True, slots=True)
class ColumnStep:
    """A step with a quick way for columns. `keeps`: texts it returns as they are; `many`: what it makes of others."""

    step: Step
    keeps: Callable[[pl.Series], pl.Series]
    many: Many | None = None

    def __call__(self, value: str) -> str:
        """One value."""
        return self.step(value)


def unchanged(step: Step, pattern: str) -> ColumnStep:
    """A step that returns values of a shape as they are."""
    import functools

    return ColumnStep(step, keeps=functools.partial(_shaped, pattern=pattern))


def _shaped(texts: pl.Series, pattern: str) -> pl.Series:
    return texts.str.contains(pattern)


def applied(step: Callable[[str], Common], texts: Any) -> tuple[Any, Any]:
    """What a step makes of texts (Arrow, large strings; empty for blank), and which of them it refuses (they come back empty).

    Texts that the step keeps come back as the same array. Raises nothing: a project's step may raise anything.
    """
    import numpy as np
    import polars as pl
    import pyarrow as pa
    import pyarrow.compute as pc

    asked = ~np.asarray(pc.equal(texts, ""))
    if isinstance(step, ColumnStep):
        asked &= ~step.keeps(pl.Series(texts)).to_numpy()
    refused = np.zeros(len(texts), np.bool_)
    if not asked.any():
        return texts, refused
    made, refused[asked] = _made(step, texts.filter(pa.array(asked)))
    return pc.replace_with_mask(texts, pa.array(asked), made), refused


def _made(step: Callable[[str], Common], texts: Any) -> tuple[Any, Any]:
    """What a step makes of texts that it doesn't keep, by the column where it can."""
    import numpy as np
    import polars as pl
    import pyarrow as pa
    import pyarrow.compute as pc

    made = step.many(pl.Series(texts)).to_arrow() if isinstance(step, ColumnStep) and step.many else pa.nulls(len(texts))
    made = made.cast(pa.large_string())
    left, refused = np.asarray(made.is_null()), np.zeros(len(texts), np.bool_)
    if not left.any():
        return made, refused
    others = texts.filter(pa.array(left)).dictionary_encode()
    answers, bad = _one_by_one(step, others.dictionary)
    places = others.indices.to_numpy(zero_copy_only=False)
    refused[left] = bad[places]
    return pc.replace_with_mask(made, pa.array(left), answers.take(pa.array(places))), refused


def _one_by_one(step: Callable[[str], Common], texts: Any) -> tuple[Any, Any]:
    import numpy as np
    import pyarrow as pa

    refused = np.zeros(len(texts), np.bool_)
    blocks = (_block(step, texts.slice(start, _AT_ONCE).to_pylist(), refused[start:]) for start in range(0, len(texts), _AT_ONCE))
    return pa.concat_arrays([pa.array([], pa.large_string()), *(pa.array(block, pa.large_string()) for block in blocks)]), refused


def _block(step: Callable[[str], Common], texts: list[str], refused: Any) -> list[str]:
    made = []
    for number, text in enumerate(texts):
        try:
            made.append((step(text) or "") if text else "")
        except Exception:  # noqa: BLE001  a project's transform may raise anything; it is reported as a problem of the map
            made.append("")
            refused[number] = True
    return made


def phone(country: str) -> ColumnStep:
    """`phones.phone_e164` for one country."""
    import functools

    step = functools.partial(phones.phone_e164, country=country)
    return ColumnStep(step, _international, functools.partial(_phones, country=country))


def _international(texts: pl.Series) -> pl.Series:
    """Numbers in international form with nothing between the digits, as `phones` reads them from the library's tables."""
    starts = texts.str.slice(0, 4).unique().drop_nulls()
    found = dict(plan for start in starts.to_list() if start[:1] == "+" and (plan := phones.abroad_of(start[1:])))
    whole = [f"{calling}(?:{_lengths(plan)})" for calling, plan in found.items()]
    prefixed = [f"{calling}(?:{plan.prefix.pattern})" for calling, plan in found.items() if plan.prefix]
    known = texts.str.contains(rf"^\+(?:{'|'.join(whole)})$") & (texts.str.len_bytes() <= _DIGITS + 1) if whole else texts.is_null()
    return known & ~texts.str.contains(rf"^\+(?:{'|'.join(prefixed)})") if prefixed else known


def _lengths(plan: phones.Plan) -> str:
    return "|".join(f"[1-9][0-9]{{{length - 1}}}" for length in sorted(plan.lengths))


def _phones(texts: pl.Series, country: str) -> pl.Series:
    """The other plain shape: a number as it is dialled in its country."""
    compact = texts.str.replace_all(r"[ \-.()/]", "")
    abroad = compact.set(~_international(compact), None)
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
