"""recordlinkage's ECM classifier on FEBRL without social security number and birth date, run by the peers' own interpreter.

PEERS/bin/python peer_recordlinkage.py FILE OUT
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd
import recordlinkage
from recordlinkage.index import Block

FIELDS = ["given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state"]
BLOCKS = ["given_name", "surname", "postcode", "suburb", "address_1"]


def memory() -> float:
    """The most this process has held, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    source, target = sys.argv[1:3]
    frame = pd.read_parquet(source).set_index("key")
    two = frame["system"].nunique() > 1
    sides = [frame[frame["system"] == system] for system in sorted(frame["system"].unique())]
    started = time.perf_counter()
    indexer = recordlinkage.Index()
    for field in BLOCKS:
        indexer.add(Block(field))
    pairs = indexer.index(*sides)
    compare = recordlinkage.Compare(n_jobs=2)
    for field in FIELDS:
        if field in ("street_number", "state", "postcode"):
            compare.exact(field, field)
        else:
            compare.string(field, field, method="jarowinkler", threshold=0.85)
    features = compare.compute(pairs, *sides)
    classifier = recordlinkage.ECMClassifier(binarize=0.5)
    classifier.fit(features)
    chance = classifier.prob(features)
    seconds = time.perf_counter() - started
    found = chance[chance >= 0.02]
    left, right = found.index.get_level_values(0), found.index.get_level_values(1)
    out = pd.DataFrame({"left_key": left, "right_key": right, "probability": found.to_numpy()})
    out.to_parquet(target, index=False)
    print(json.dumps({"seconds": seconds, "two_systems": two, "rss_mb": memory()}))


main()
