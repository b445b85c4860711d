"""The ledger in bulk holds what it says group by group."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile_tui.forecast.columns import of_records
from reconcile_tui.forecast.everything import simulate_all
from reconcile_tui.forecast.ledger import LedgerCell
from reconcile_tui.forecast.pages import page_of, parts
from reconcile_tui.workspace.ledger import group_of
from tests.forecast import groups
from tests.forecast.test_everything import apart

FIRST, SECOND = 1, 2


@settings(max_examples=200)
@given(st.data())
def test_what_is_written_in_bulk_reads_back_as_each_group_alone(data: st.DataObject) -> None:
    made = data.draw(groups.rules())
    rules, profile = [rule for rule, _ in made], data.draw(groups.profiles())
    worlds = [[apart(r, n) for r in data.draw(groups.records(made))] for n in range(data.draw(st.integers(1, 4)))]
    columns = of_records([r for world in worlds for r in world], rules)
    columns.keys[:] += [(SECOND if side else FIRST) << 40 for side in columns.side.tolist()]
    ledger, names = simulate_all(columns, rules, profile), [rule.name for rule in rules]
    seen = 0
    for page in (page_of(ledger, part) for part in parts(ledger, size=10)):
        of = dict.fromkeys(page.groups["number"].to_list(), 0)
        for row in page.groups.to_dicts():
            entry = ledger.entry(row["number"])
            keys = [int(ledger.columns.keys[r]) for n, r in page.rows.rows() if n == row["number"]]
            told = group_of(
                {**row, "id": "g", "record_type": "t", "review_group": None, "records": json.dumps(keys)},
                {FIRST},
                [rule.name for rule in rules],
            )
            assert tuple(sorted(told.records)) == tuple(sorted(entry.keys))
            assert (told.confluent, told.exhaustive, told.collision) == (entry.confluent, entry.exhaustive, entry.collision)
            assert {(c.record_key, c.field): c for c in told.cells} == {(c.key, c.field): _same(c) for c in entry.cells}
            stored = told.stored({FIRST})
            for name in ("certain", "order_dependent", "intended", "wiped", "at_risk", "first"):
                assert row[name] == getattr(stored, name), name
            again = group_of({**row, **{name: getattr(stored, name) for name in stored.__slots__}}, {FIRST}, names)
            assert again.cells == told.cells
            assert row["blocked"] == ledger.blocked[row["number"]]
            of[row["number"]] = len(entry.cells)
        for number, count in of.items():
            assert page.fields.filter(number=number).select("certain", "order_dependent").sum().sum_horizontal().sum() == count
        seen += len(of)
    assert seen == len(ledger.at_stake())


def _same(cell: LedgerCell) -> object:
    from reconcile_tui.workspace.ledger import LedgerCell as Stored

    return Stored(cell.key, cell.field, cell.certainty, cell.now, cell.after, tuple(sorted(cell.overwritten_by)), cell.intended)
