"""Which texts of whole columns are the same: every text as a number."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl
    import pyarrow as pa

_KEY = secrets.randbits(64)


def numbered(parts: Sequence[pa.Array]) -> tuple[list[npt.NDArray[np.int32]], pa.Array]:
    """The texts of several arrays as numbers into one array in which each stands once; a null is -1.

    By hash, because a table of two million texts takes more time and memory than the texts. A second hash, with a key of this process,
    tells whether two different texts share the first one; then the table is made after all.
    """
    import numpy as np
    import pyarrow as pa

    kind = pa.large_string() if any(pa.types.is_large_string(part.type) for part in parts) else pa.string()
    whole = pa.concat_arrays([pa.array([], kind), *(part if part.type == kind else part.cast(kind) for part in parts)])
    series = as_series(whole)
    hashes = series.hash().to_numpy()
    order = np.argsort(hashes)
    new = np.diff(hashes[order], prepend=~hashes[order[:1]]) != 0
    again = series.hash(_KEY).to_numpy()[order]
    if (np.diff(again, prepend=again[:1])[~new] != 0).any():
        encoded = whole.dictionary_encode()
        texts, codes = encoded.dictionary, encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    else:
        codes = np.empty(len(whole), np.int32)
        codes[order] = np.cumsum(new) - 1
        texts = whole.take(pa.array(order[new]))
    if whole.null_count:
        codes[whole.is_null().to_numpy(zero_copy_only=False)] = -1
    return np.split(codes, np.cumsum([len(part) for part in parts])[:-1]) if parts else [], texts


def as_series(values: pa.Array) -> pl.Series:
    """An array of text as a series of it, not copied."""
    import polars as pl

    return pl.Series(values=pl.from_arrow(values), dtype=pl.String)
