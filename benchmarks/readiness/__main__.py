"""All checks on many records, and the re-check after one decision.

    python -m benchmarks.readiness [--records 1000000] [--keep FOLDER] [-o FILE.json]

Peak memory is that of the checking process alone: records are made by another one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from pathlib import Path

from benchmarks.readiness.measuring import machine, make, measure


def main() -> int:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records per system")
    parser.add_argument("--keep", help="a folder for the records, made when it is empty and used again")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        if not (Path(folder) / "workspace.db").exists():
            maker = context.Process(target=make, args=(folder, options.records))
            maker.start()
            maker.join()
        queue = context.Queue()
        worker = context.Process(target=measure, args=(folder, queue))
        worker.start()
        worker.join()
        if worker.exitcode:
            return 1
        measured = queue.get()
    document = {"what": "readiness checks", "records_per_system": options.records, **measured, "machine": machine()}
    text = json.dumps(document, indent=1)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if document["seconds"] <= 60 and document["peak_mb"] <= 1024 and document["recheck_ms"]["p95"] <= 100 else 1


if __name__ == "__main__":
    sys.exit(main())
