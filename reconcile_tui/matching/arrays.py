"""Array types of the matching engine: record indices and codes are int32 (-1: no value), weights float32, levels uint8."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Levels = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Anything = npt.NDArray[Any]

GRAIN = 128.0
"""Weights are multiples of 1/128 bit: sums of such numbers are exact in floating point, so an explanation adds up exactly."""


def grained(bits: Any) -> Bits:
    """Weights rounded to the grain in which sums are exact."""
    return (np.rint(np.asarray(bits, dtype=np.float64) * GRAIN) / GRAIN).astype(np.float32)


class FieldLike(Protocol):
    """What matching needs to know of a mapped field."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...
