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
_SAMPLE = 1 << 17


def main() -> None:
    """Read what is wanted from standard input; write one stream for each set of columns, all of them as of one moment."""
    import adbc_driver_sqlite.dbapi as driver

    wanted = json.load(sys.stdin)
    with driver.connect(f"file:{quote(wanted['path'])}?mode=ro") as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_ROWS_AT_ONCE)})
        for columns in wanted["columns"]:
            cursor.execute(f"SELECT {', '.join(columns)} FROM {wanted['table']} ORDER BY _row")
            _write(cursor.fetch_record_batch(), sys.stdout.buffer, each_once=wanted["each_once"])


def _write(batches: pa.RecordBatchReader, sink: BinaryIO, *, each_once: bool) -> None:
    import pyarrow as pa

    read = []
    for batch in batches:
        batch.validate()
        read.append(batch)
    table = pa.Table.from_batches(read, batches.schema)
    read.clear()
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        table = table.drop_columns([name])
        columns[name] = packed(column, each_once=each_once) if pa.types.is_string(column.type) else column.combine_chunks()
        del column
    made = pa.record_batch(columns)
    with pa.ipc.new_stream(sink, made.schema) as stream:
        stream.write_batch(made)
    sink.flush()


def packed(texts: pa.ChunkedArray, *, each_once: bool) -> pa.Array:
    """A column as a dictionary of its texts. Without `each_once` one of nearly only different texts stays as it is: finding the same ones
    would cost more than it saves."""
    if not each_once and len(texts) > _SAMPLE and len(texts.slice(0, _SAMPLE).unique()) > _SAMPLE // 2:
        return texts.combine_chunks()
    return texts.combine_chunks().dictionary_encode()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001  the top of a program: whoever started it tells what happened
        sys.exit(str(error).partition("\n")[0])
