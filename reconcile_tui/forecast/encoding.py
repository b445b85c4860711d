"""A field of all records as codes: transforms run once per distinct value, everything else is arithmetic on arrays.

What a value comes to is `columns.coded`, said there for one value; here it is the same for millions, and a test holds both equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reconcile_tui.forecast.columns import BLANK, ROUGH, STUCK, UNMAPPED, UNSTABLE, FieldColumn, Flags, Ints, plain
from reconcile_tui.forecast.fieldmap import MapProblem, map_problems
from reconcile_tui.forecast.values import FieldRule, Step
from reconcile_tui.model import Common
from reconcile_tui.transforms.columns import ColumnStep, applied
from reconcile_tui.transforms.distinct import numbered

Marks = npt.NDArray[np.uint8]
_PROBLEMS_KEPT = 20  # examples per field


def encode(rule: FieldRule, first: Any, second: Any, unmapped: Flags | None = None) -> FieldColumn:
    """A field's column from native text: `first` are the values of side 0, `second` those of side 1, which come after them.

    Both may be lists, Arrow arrays of strings, or of strings as dictionaries, whole or in chunks. `unmapped` marks rows (of both, in
    that order) whose table doesn't have the field.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    sides = [_side(first), _side(second)]
    if plain(rule):
        commons, marks = [side.texts for side in sides], [np.zeros(len(side.texts), np.uint8) for side in sides]
    else:
        commons, marks = _transformed(rule, sides)
    numbers, texts = numbered(commons)
    blank = pc.index(texts, pa.scalar("", texts.type)).as_py()
    for part in numbers:
        part[part == blank] = BLANK
    codes = np.concatenate([np.append(n, np.int32(BLANK))[side.index] for n, side in zip(numbers, sides, strict=True)])
    found = [mark.any() for mark in marks]
    row_marks = (
        np.concatenate([np.append(mark, np.uint8(0))[side.index] for mark, side in zip(marks, sides, strict=True)])
        if any(found)
        else np.broadcast_to(np.zeros(1, np.uint8), len(codes))
    )
    if unmapped is not None:
        codes[unmapped] = UNMAPPED
    return FieldColumn(codes, row_marks, Texts(texts), _problems(rule, sides, marks) if any(found) else ())


@dataclass(frozen=True, slots=True)
class _Side:
    """One system's values: `index` into `texts`, which may hold one text several times; -1 for a blank."""

    index: Ints
    texts: Any  # pa.LargeStringArray


def _side(values: Any) -> _Side:
    import pyarrow as pa

    chunks = [chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode() for chunk in _chunks(values)]
    parts, texts, start = [np.empty(0, np.int32)], [pa.array([], pa.large_string())], 0
    for chunk in chunks:
        index = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        parts.append(np.where(index < 0, np.int32(-1), index + np.int32(start)) if start else index)
        texts.append(chunk.dictionary.cast(pa.large_string()))
        start += len(chunk.dictionary)
    return _Side(parts[1], texts[1]) if len(chunks) == 1 else _Side(np.concatenate(parts), pa.concat_arrays(texts))


def _chunks(values: Any) -> list[Any]:
    import pyarrow as pa

    if isinstance(values, list | tuple):
        return [pa.array(values, pa.large_string())]
    return list(values.chunks) if isinstance(values, pa.ChunkedArray) else [values]


# -- transforms


def _transformed(rule: FieldRule, sides: list[_Side]) -> tuple[list[Any], list[Marks]]:
    """Per side the common form of each distinct value, and its marks: `columns.coded` for all of them."""
    forward, backward = _Way(rule.forward), _Way(rule.backward)
    second = _second(sides[1].texts, forward, backward)  # first, for the values of side 0 mostly come to what stands there
    found = [_first(rule, sides[0].texts, forward, backward), second]
    return [common for common, _ in found], [marks for _, marks in found]


def _first(rule: FieldRule, texts: Any, forward: _Way, backward: _Way) -> tuple[Any, Marks]:
    sent, stuck = forward(texts)
    back, lost = backward(sent)
    same = _equal(back, texts)
    again, bad = forward.some(back, ~same & ~stuck & ~lost)
    stable = same | (_equal(again, sent) & ~bad & ~lost)
    marks = np.where(stable, 0, UNSTABLE) | np.where(same, 0, ROUGH)
    marks = np.where(lost | bad, 0 if rule.direction == "forward" else UNSTABLE, marks)
    return _either(texts, sent, stuck), np.where(stuck, STUCK, marks).astype(np.uint8)


def _second(texts: Any, forward: _Way, backward: _Way) -> tuple[Any, Marks]:
    sent, stuck = backward(texts)
    common, lost = forward(sent)
    same = _equal(common, texts)
    back, bad = backward.some(common, ~same & ~stuck & ~lost)
    again, worse = forward.some(back, ~same & ~stuck & ~lost & ~bad)
    stable = same | (_equal(again, common) & ~bad & ~worse & ~lost)
    marks = np.where(stable, 0, UNSTABLE) | np.where(same, 0, ROUGH)
    marks = np.where(lost | bad | worse, UNSTABLE, marks)
    return _either(texts, common, stuck | lost), np.where(stuck, STUCK, marks).astype(np.uint8)


class _Way:
    """One way of a transform, over arrays: what it made of a value once is known from then on. Blank is empty text."""

    def __init__(self, step: Step | None) -> None:
        self._step = step
        self._known: tuple[Any, Any, Flags] | None = None

    def __call__(self, texts: Any) -> tuple[Any, Flags]:
        """The texts as the way makes them, and which of them it refuses (those come back empty)."""
        if self._step is None:
            return texts, np.zeros(len(texts), np.bool_)
        if isinstance(self._step, ColumnStep):  # quicker than looking up what is known
            return applied(self._step, texts)
        self._known = (texts, *applied(self._step, texts)) if self._known is None else self._known
        return self._looked_up(texts)

    def some(self, texts: Any, which: Flags) -> tuple[Any, Flags]:
        """The same for the marked texts only; the others come back as they are."""
        import pyarrow as pa

        if self._step is None or not which.any():
            return texts, np.zeros(len(texts), np.bool_)
        made, refused = self(texts.filter(pa.array(which)))
        bad = np.zeros(len(texts), np.bool_)
        bad[which] = refused
        place = np.arange(len(texts))
        place[which] = len(texts) + np.arange(len(made))
        return pa.concat_arrays([texts, made]).take(pa.array(place)), bad

    def _looked_up(self, texts: Any) -> tuple[Any, Flags]:
        import pyarrow as pa
        import pyarrow.compute as pc

        assert self._known is not None  # noqa: S101 (set by the call before)
        assert self._step is not None  # noqa: S101
        keys, made, refused = self._known
        if texts is keys:
            return made, refused
        place = pc.index_in(texts, keys)
        new = np.asarray(place.is_null())
        place = place.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        more, bad = applied(self._step, texts.filter(pa.array(new)))
        place[new] = len(made) + np.arange(len(more))
        return pa.concat_arrays([made, more]).take(pa.array(place)), np.concatenate([refused, bad])[place]


def _equal(left: Any, right: Any) -> Flags:
    import pyarrow.compute as pc

    return np.ones(len(left), np.bool_) if left is right else np.asarray(pc.equal(left, right))


def _either(own: Any, other: Any, where: Flags) -> Any:
    """`own` where marked, else `other`: a value that can't be transformed stands for itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(where), own, other) if where.any() else other


# -- what is wrong


def _problems(rule: FieldRule, sides: list[_Side], marks: list[Marks]) -> tuple[MapProblem, ...]:
    """The first values of each side that the transform refuses or that don't come back as they were sent."""
    samples: list[list[Common]] = []
    for side, mark in zip(sides, marks, strict=True):
        held = np.zeros(len(side.texts), np.bool_)
        held[side.index[side.index >= 0]] = True
        bad = np.flatnonzero(((mark & (STUCK | UNSTABLE)) > 0) & held)[: 2 * _PROBLEMS_KEPT]
        samples.append(side.texts.take(bad).to_pylist())
    found = map_problems([rule], {rule.name: (samples[0], samples[1])})
    return tuple(problem for problem in found if not problem.structural)[:_PROBLEMS_KEPT]


class Texts(Sequence[str]):
    """An Arrow array of strings as a sequence of `str`, decoded on demand."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, index: Any) -> Any:
        return self.array[index].as_py()
