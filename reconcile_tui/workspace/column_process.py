"""Columns of a stored table as Arrow streams on standard output: a program of its own, which `columns` starts and reads from.

The driver that makes Arrow arrays of rows brings a SQLite of its own, and two of them must not open one file in one process: when one
closes it, the locks of the other are gone (sqlite.org/howtocorrupt.html, "multiple copies of SQLite"). So it runs beside, in a process that
opens the file through it alone, reads, and ends. It imports nothing of the product, so that it starts in a tenth of a second.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 1024
"""Of one batch; its texts must stay below two gigabytes a column, so values may be two megabytes long."""
_PART = 1 << 17
"""Rows of text that are packed together."""


def main() -> None:
    """Read what is wanted from standard input; write one stream for each set of columns, all of them as of one moment."""
    import adbc_driver_sqlite.dbapi as driver
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())  # the others keep what was freed
    wanted = json.load(sys.stdin)
    with driver.connect(f"file:{quote(wanted['path'])}?mode=ro") as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_ROWS_AT_ONCE)})
        for columns in wanted["columns"]:
            cursor.execute(f"SELECT {', '.join(columns)} FROM {wanted['table']} ORDER BY _row")
            _write(cursor.fetch_record_batch(), sys.stdout.buffer, each_once=wanted["each_once"])


def _write(batches: pa.RecordBatchReader, sink: BinaryIO, *, each_once: bool) -> None:
    import pyarrow as pa

    packs = [_Pack(each_once=each_once) for _ in batches.schema]
    for batch in batches:
        batch.validate()
        for pack, values in zip(packs, batch.columns, strict=True):
            pack.add(values)
    made = pa.record_batch([pack.whole(field.type) for pack, field in zip(packs, batches.schema, strict=True)], batches.schema.names)
    with pa.ipc.new_stream(sink, made.schema) as stream:
        stream.write_batch(made)
    sink.flush()


class _Pack:
    """A column in the making: text as a dictionary, other values as they are.

    Without `each_once` text that is nearly all different stays as it is: finding the same ones would cost more than it saves.
    """

    def __init__(self, *, each_once: bool) -> None:
        self._each_once, self._rows, self._plain = each_once, 0, False
        self._waiting: list[pa.Array] = []
        self._parts: list[pa.Array] = []

    def add(self, values: pa.Array) -> None:
        self._waiting.append(values)
        self._rows += len(values)
        if self._rows >= _PART:
            self._pack()

    def _pack(self) -> None:
        import pyarrow as pa

        part = pa.concat_arrays(self._waiting)
        self._waiting.clear()
        if not pa.types.is_string(part.type):
            self._plain = True
        elif not self._parts and not self._each_once and self._rows >= _PART:
            self._plain = len(part.unique()) > len(part) // 2
        self._parts.append(part if self._plain else part.dictionary_encode())
        self._rows = 0

    def whole(self, kind: pa.DataType) -> pa.Array:
        import pyarrow as pa

        if self._waiting:
            self._pack()
        if not self._parts:
            return pa.array([], kind).dictionary_encode() if pa.types.is_string(kind) else pa.array([], kind)
        parts = pa.chunked_array(self._parts)
        self._parts.clear()
        return parts.combine_chunks() if self._plain else parts.unify_dictionaries().combine_chunks()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001  the top of a program: whoever started it tells what happened
        sys.exit(str(error).partition("\n")[0])
