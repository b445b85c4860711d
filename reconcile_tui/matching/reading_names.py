"""Names of the whole: parts of a full name where no parts are mapped, roots, and one vocabulary for given and family names."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.matching import names
from reconcile_tui.matching.columns import Column, Records
from reconcile_tui.matching.encoding import dense, distinct, encode
from reconcile_tui.matching.forms import family_forms, given_forms


def add_names(records: Records) -> None:
    """Names of the whole: parts of a full name where no parts are mapped, roots, and one vocabulary for given and family names."""
    first, last = records.of_kind("first_name")[:1], records.of_kind("last_name")[:1]
    full = [f.name for f in records.fields if f.kind == "full_name" and records.table is not None and f.name in records.table.column_names]
    if full and not (first and last) and records.table is not None:
        _part_names(records, full[0])
        first, last = [f"{full[0]}.first"], [f"{full[0]}.last"]
    for name in [*records.of_kind("first_name"), *(first if full else [])]:
        if name in records.columns:
            _add_root(records, name)
    if first and last and first[0] in records.columns and last[0] in records.columns:
        _share_vocabulary(records, first[0], last[0])


def _part_names(records: Records, full: str) -> None:
    assert records.table is not None  # noqa: S101 - a table was given where fields are read from it
    codes, values = distinct(records.table[full])
    given, family = names.parted(values)
    for name, forms in ((f"{full}.first", given_forms(given)), (f"{full}.last", family_forms(family))):
        for suffix, series in forms.items():
            records.columns[f"{name}.{suffix}".rstrip(".")] = encode(name, codes, series)


def _add_root(records: Records, name: str) -> None:
    token = records.columns[f"{name}.token"]
    records.columns[f"{name}.root"] = encode(f"{name}.root", token.codes, names.roots(pl.Series(values=token.values, dtype=pl.String)))


def _share_vocabulary(records: Records, first: str, last: str) -> None:
    """`first.shared` and `last.shared`: codes that can be compared with each other, to see swapped names."""
    a, b = records.columns[first], records.columns[last]
    encoded = pc.dictionary_encode(pa.concat_arrays([a.values, b.values]))
    joint = np.append(encoded.indices.to_numpy(zero_copy_only=False), -1).astype(np.int32)
    split = len(a.values)
    of_first, of_last = np.append(joint[:split], np.int32(-1)), joint[split:]
    for name, column, of_value in ((first, a, of_first), (last, b, of_last)):
        records.columns[f"{name}.shared"] = Column(f"{name}.shared", of_value[column.codes], encoded.dictionary)
    x, y = records.columns[f"{first}.shared"].codes.astype(np.int64), records.columns[f"{last}.shared"].codes.astype(np.int64)
    both = (x >= 0) & (y >= 0)
    either = (np.minimum(x, y) << 32) | np.maximum(x, y)
    records.columns[f"{last}.either"] = dense(f"{last}.either", np.where(both, either, -1))
