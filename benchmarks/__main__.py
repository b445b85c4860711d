"""All measurements, one after another, each in a process of its own: `make bench`, or `python -m benchmarks NAME…` for some.

Every suite prints (and keeps in benchmarks/results) one JSON document with the machine described in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RESULTS = Path(__file__).parent / "results"

SUITES: dict[str, list[str]] = {
    "pull": ["benchmarks.pull", "--records", "1000000", "--store"],
    "forecast": ["benchmarks.forecast"],
    "readiness": ["benchmarks.readiness"],
    "decisions": ["benchmarks.reliability.decisions_and_plan"],
    "screens": ["benchmarks.tui.measure", "--keys", "120", "--page", "docs/benchmarks.md"],
    "reliability": ["benchmarks.reliability.campaign"],
    "matching": ["benchmarks.matching"],
}
"""Name -> module and its options."""


def main(names: list[str]) -> int:
    """Run the suites named, or all. Returns the number of those that failed."""
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"There is no measurement {unknown[0]!r}. Known: {', '.join(SUITES)}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    failed = 0
    for name in names or SUITES:
        print(f"== {name}", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, "-m", *SUITES[name]], stdout=subprocess.PIPE, text=True, check=False)
        failed += done.returncode != 0
        print(done.stdout)
        if document := _json_of(done.stdout):
            (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return failed


def _json_of(text: str) -> object:
    start = text.find("{")
    try:
        return json.JSONDecoder().raw_decode(text[start:])[0] if start >= 0 else None
    except json.JSONDecodeError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
