"""A few records cut out of others, with all their forms: no value is standardised again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from reconcile_tui.matching.arrays import Codes, Longs
from reconcile_tui.matching.columns import COUNTRY, Column, Records

Texts = list[str | None]


def joined(sources: Sequence[tuple[Records, Longs]]) -> Records:
    """Records from several sources (each with the rows wanted), ordered by key; all sources have the same forms and fields."""
    sources = [(records, rows) for records, rows in sources if len(rows)] or list(sources[:1])
    first = sources[0][0]
    keys = np.concatenate([records.keys[rows] for records, rows in sources])
    order = np.argsort(keys)
    result = Records(
        keys[order],
        np.concatenate([records.systems[rows] for records, rows in sources])[order],
        np.concatenate([records.tables[rows] for records, rows in sources])[order],
        max((records.system_names for records, _ in sources), key=len),
        max((records.table_names for records, _ in sources), key=len),
        first.fields,
    )
    _add_table(result, sources, order)
    _add_countries(result, sources, order)
    _add_columns(result, sources, order)
    return result


def _add_table(result: Records, sources: Sequence[tuple[Records, Longs]], order: Longs) -> None:
    names = [f.name for f in result.fields if f.name in sources[0][0].raw]
    given = [*names, *({"country"} - {*names})]
    tables = [_selected(records.table, given).take(pa.array(rows)) for records, rows in sources if records.table is not None]
    result.table = pa.concat_tables(tables).take(pa.array(order))
    for name in names:
        result.raw[name] = _codes(result.table[name].to_pylist(), {})


def _selected(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """Some columns; empty where the table has none of that name."""
    return pa.table(
        {name: table[name].cast(pa.string()) if name in table.column_names else pa.nulls(len(table), pa.string()) for name in names}
    )


def _codes(texts: Texts, known: dict[str, int]) -> Codes:
    return np.array([-1 if text is None else known.setdefault(text, len(known)) for text in texts], dtype=np.int32)


def _add_countries(result: Records, sources: Sequence[tuple[Records, Longs]], order: Longs) -> None:
    texts: Texts = []
    for records, rows in sources:
        names = [*records.country_names, None]
        texts += [names[code] for code in records.countries[rows].tolist()]
    known: dict[str, int] = {}
    result.countries, result.country_names = _codes([texts[i] for i in order], known), list(known)


def _add_columns(result: Records, sources: Sequence[tuple[Records, Longs]], order: Longs) -> None:
    vocabularies: dict[str, dict[str, int]] = {}
    phones = {f.name for f in result.fields if f.kind == "phone"}
    made: dict[str, Codes] = {}
    family: dict[str, str] = {}
    for name in sources[0][0].columns:
        if name.endswith(".either"):
            continue
        texts = [text for records, rows in sources for text in _texts(records.columns.get(name), rows)]
        family[name] = _shared_with(name, phones)
        made[name] = _codes([texts[i] for i in order], vocabularies.setdefault(family[name], {}))
    values = {shared: pa.array(list(known), pa.string()) for shared, known in vocabularies.items()}
    for name, codes in made.items():
        result.columns[name] = Column(name, codes, values[family[name]])
    if COUNTRY in result.columns:
        result.columns[COUNTRY] = Column(COUNTRY, result.countries, pa.array(result.country_names, pa.string()))
    _add_either(result)


def _shared_with(name: str, phones: set[str]) -> str:
    """The name under which columns that can be compared with each other keep one vocabulary."""
    base, _, suffix = name.partition(".")
    if base in phones:
        return f"*phone.{suffix}"
    return "*names" if name.endswith(".shared") else name


def _texts(column: Column | None, rows: Longs) -> Texts:
    if column is None:
        return [None] * len(rows)
    codes = column.codes[rows]
    taken: Texts = column.values.take(pa.array(codes, mask=codes < 0)).to_pylist()
    return taken


def _add_either(result: Records) -> None:
    shared = [name for name in result.columns if name.endswith(".shared")]
    if len(shared) != 2:
        return
    a, b = (result.columns[name].codes.tolist() for name in shared)
    known: dict[str, int] = {}
    codes = _codes([None if x < 0 or y < 0 else f"{min(x, y)},{max(x, y)}" for x, y in zip(a, b, strict=True)], known)
    last = shared[1].removesuffix(".shared")
    result.columns[f"{last}.either"] = Column(f"{last}.either", codes, pa.nulls(len(known), pa.string()))
