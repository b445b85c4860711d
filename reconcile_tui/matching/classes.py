"""What kind of group, or of pair: identical, differing, a lead and a contact, a shared mailbox, a chain of look-alikes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from reconcile_tui.matching.arrays import Codes, Flags, Longs
from reconcile_tui.matching.columns import Records
from reconcile_tui.matching.compare import Comparison
from reconcile_tui.matching.mailboxes import unlike_at_one_address


def group_classes(records: Records, rows: Codes, starts: Longs, several: Flags, chained: Flags) -> list[str]:
    """shared_mailbox, then chain, lead_contact, identical, differs: the first that applies."""
    order = [
        (several, "shared_mailbox"),
        (chained, "chain"),
        (_two_tables(records, rows, starts), "lead_contact"),
        (_all_equal(records, rows, starts), "identical"),
    ]
    names = [*(name for _, name in order), "differs"]
    return [names[place] for place in np.select([flags for flags, _ in order], range(len(order)), len(order)).tolist()]


def _two_tables(records: Records, rows: Codes, starts: Longs) -> Flags:
    """Whether one system takes part with records of two tables (lead and contact)."""
    result = np.zeros(len(starts), dtype=bool)
    for system in range(len(records.system_names)):
        mine = records.systems[rows] == system
        low = np.minimum.reduceat(np.where(mine, records.tables[rows], np.int32(1 << 30)), starts)
        high = np.maximum.reduceat(np.where(mine, records.tables[rows], np.int32(-1)), starts)
        result |= (high >= 0) & (low != high)
    return result


def _all_equal(records: Records, rows: Codes, starts: Longs) -> Flags:
    """One record per system, and every field the same in all records whose table has it, once transformed.

    A value against none is a difference: the sync would fill it. Records of one system are never *identical* beside another system,
    because one of them has to be merged away; in a workspace of one system they are.
    """
    sizes = np.diff(np.append(starts, len(rows)))
    result = np.ones(len(starts), dtype=bool) if len(records.system_names) == 1 else _one_each(records, rows, starts, sizes)
    for name, codes in records.raw.items():
        bound = records.bound(name)
        values = codes[rows]
        here = bound[rows]
        low = np.minimum.reduceat(np.where(here, values, np.int32(1 << 30)), starts)
        high = np.maximum.reduceat(np.where(here, values, np.int32(-2)), starts)
        result &= (high == -2) | (low == high)
    return result


def _one_each(records: Records, rows: Codes, starts: Longs, sizes: Longs) -> Flags:
    systems = records.systems[rows]
    result = sizes <= len(records.system_names)
    for system in range(len(records.system_names)):
        result &= np.add.reduceat((systems == system).astype(np.int64), starts) <= 1
    return np.asarray(result)


PAIR_CLASSES = pa.array(["differs", "identical", "lead_contact", "shared_mailbox"], pa.string())


def pair_classes(records: Records, comparisons: Sequence[Comparison], left: Codes, right: Codes) -> pa.Array:
    """The class of single pairs: shared_mailbox (equal address, unlike given names), lead_contact, identical, differs."""
    same_system = records.systems[left] == records.systems[right]
    equal = ~same_system if len(records.system_names) > 1 else np.ones(len(left), dtype=bool)
    for name, codes in records.raw.items():
        bound = records.bound(name)
        equal &= (codes[left] == codes[right]) | ~bound[left] | ~bound[right]
    lead = same_system & (records.tables[left] != records.tables[right])
    mailbox = unlike_at_one_address(comparisons, left, right)
    return PAIR_CLASSES.take(pa.array(np.select([mailbox, lead, equal], [3, 2, 1], 0)))
