"""Phone numbers, standardised with the record's country; all phone fields in one vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from reconcile_tui.matching import phones
from reconcile_tui.matching.arrays import Codes
from reconcile_tui.matching.columns import Column, Records
from reconcile_tui.matching.encoding import encode


def columns(name: str, codes: Codes, texts: pl.Series, records: Records) -> dict[str, Column]:
    """The forms of one phone field, standardised on distinct pairs of number and country."""
    several = len(records.country_names) + 1
    pairs = np.where(codes < 0, np.int64(-1), codes.astype(np.int64) * several + records.countries + 1)
    encoded = pc.dictionary_encode(pa.array(pairs, mask=codes < 0))
    distinct_pairs = encoded.dictionary.to_numpy()
    countries = pl.Series([None, *records.country_names], dtype=pl.String).gather(distinct_pairs % several)
    forms = phones.numbers(texts.gather(distinct_pairs // several), countries)
    of_record = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    made: dict[str, Column] = {}
    for suffix, form in (("", "e164"), ("tail", "tail")):
        title = f"{name}.{suffix}" if suffix else name
        made[title] = encode(title, of_record, forms[form])
    return made


def share_vocabulary(records: Records, fields: Sequence[str]) -> None:
    """Put all phone fields in one vocabulary: a number is the same evidence wherever it stands."""
    for suffix in ("", ".tail") if len(fields) > 1 else ():
        together = [records.columns[f"{name}{suffix}"] for name in fields]
        encoded = pc.dictionary_encode(pa.concat_arrays([c.values for c in together]))
        joint = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        start = 0
        for column in together:
            of_value = np.append(joint[start : start + len(column.values)], np.int32(-1))
            start += len(column.values)
            column.codes, column.values = of_value[column.codes], encoded.dictionary
