"""A whole forecast: all records of all types under one profile, and keeping what it says for the queue and the screens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import polars as pl

from reconcile_tui.cores import each
from reconcile_tui.forecast.everything import simulate_all
from reconcile_tui.forecast.group import GroupForecast
from reconcile_tui.forecast.ledger import Ledger
from reconcile_tui.forecast.pages import Page, page_of, parts
from reconcile_tui.forecast.profiles import Profile
from reconcile_tui.forecast.simulate import simulate_group
from reconcile_tui.forecast.verdict import Totals
from reconcile_tui.project import RecordType
from reconcile_tui.steps.deciding.consequences import refresh
from reconcile_tui.steps.forecasting.columns import columns_of
from reconcile_tui.steps.forecasting.eligible import eligible_rows, predicates_of
from reconcile_tui.steps.forecasting.records import Projected, rules_and_gaps, sim_record
from reconcile_tui.steps.forecasting.results import AtStake, Forecast
from reconcile_tui.steps.progress import Listener, Progress, Stage, Stop
from reconcile_tui.workspace.forecasts import MERGED_AWAY
from reconcile_tui.workspace.ledger import COLUMNS
from reconcile_tui.workspace.matches import NewGroup

if TYPE_CHECKING:
    from reconcile_tui.forecast.columns import Columns
    from reconcile_tui.forecast.values import FieldRule
    from reconcile_tui.workspace import Workspace


PROBLEMS = 20
"""Sentences about the field map and the filters that are kept with the totals."""


class Side:
    """One side of the forecast in the making: `now`, or with `projected` records `after`."""

    def __init__(self, workspace: Workspace, profile: Profile, projected: Projected, *, after_plan: bool) -> None:
        """Begin with nothing forecast."""
        self._workspace, self._profile, self._projected, self._after_plan = workspace, profile, projected, after_plan
        self.ledgers: dict[str, Ledger] = {}
        self.problems: list[str] = []
        self._rules: dict[str, tuple[FieldRule, ...]] = {}

    def run(self, record_type: RecordType, progress: Listener, stop: Stop) -> Columns:
        """Forecast one record type. Returns its columns, for another profile on the same data."""
        started = time.monotonic()
        progress(Progress("read records", 0, None))
        rules, told = rules_and_gaps(self._workspace, record_type)
        self.problems += told
        eligible = eligible_rows(self._workspace, predicates_of(record_type), self.problems)
        columns = columns_of(self._workspace, record_type, rules, self._projected, eligible)
        self.problems += [f"field map of {record_type.name}: {p}" for column in columns.fields for p in column.problems[:1]]
        progress(Progress("read records", len(columns), len(columns), time.monotonic() - started))
        self.run_on(record_type, rules, columns, progress, stop)
        return columns

    def run_on(self, record_type: RecordType, rules: Sequence[FieldRule], columns: Columns, progress: Listener, stop: Stop) -> None:
        """Forecast one record type whose columns are known."""
        started = time.monotonic()

        def told(done: int, total: int) -> None:
            progress(Progress("forecast", done, total, time.monotonic() - started))

        self._rules[record_type.name] = tuple(rules)
        self.ledgers[record_type.name] = simulate_all(columns, rules, self._profile, progress=told, stop=stop)

    @property
    def totals(self) -> Totals:
        """The totals of all record types."""
        return sum((ledger.totals for ledger in self.ledgers.values()), Totals())

    def forecast(self) -> Forecast:
        """What was found."""
        groups = _Groups(self._workspace, self.ledgers)
        return Forecast(self._profile.name, self._after_plan, self.totals, groups, tuple(self.problems), self._tell)

    def _tell(self, at_stake: AtStake) -> GroupForecast:
        project = self._workspace.project
        record_type = project.record_types[at_stake.record_type]
        records = [self._projected.get(record.ref, record) for record in self._workspace.records.load(at_stake.keys)]
        sims = [sim_record(project, record_type, record) for record in records if record is not None]
        return simulate_group(sims, self._rules[record_type.name], self._profile)

    def keep(self, progress: Listener, stop: Stop) -> None:
        """Store the ledger and what the queue shows of it; whole or not at all."""
        side = "after" if self._after_plan else "now"
        stage = Stage("keep", progress, stop, total=sum(len(ledger.at_stake()) for ledger in self.ledgers.values()))
        with self._workspace.transaction():
            kept = self._workspace.forecasts
            kept.clear(side)
            queue = _Queue(self._workspace)
            for name, ledger in self.ledgers.items():
                for page, named, rows in self._pages(name, ledger, queue):
                    kept.add(side, rows)
                    if self._after_plan:
                        kept.touched(_members(ledger, page, named, self._touched(ledger)))
                    if not self._after_plan:
                        queue.note(name, ledger, page, named)
                    stage.advance(page.groups.height)
            gone = (self._workspace.records.key_of(ref) for ref, record in self._projected.items() if record is None)
            kept.touched([(MERGED_AWAY, [key for key in gone if key is not None])])
            fields: dict[str, list[int]] = {}
            for ledger in self.ledgers.values():
                for field, counts in ledger.by_field().items():
                    fields[field] = [a + b for a, b in zip(fields.get(field, [0, 0]), counts, strict=True)]
            first = sum(ledger.first_cells for ledger in self.ledgers.values())
            counted = {"fields": fields, "first": first, "problems": self.problems[:PROBLEMS]}
            kept.finish(side, {**self.totals.as_json(), **counted}, profile=self._profile.name)
            if not self._after_plan:
                queue.keep()

    def _pages(self, name: str, ledger: Ledger, queue: _Queue) -> Iterator[tuple[Page, pl.DataFrame, list[tuple[Any, ...]]]]:
        """The ledger a page at a time, with the names of its groups and the rows to be stored."""

        def made(groups: Any) -> tuple[Page, pl.DataFrame, list[tuple[Any, ...]]]:
            page = page_of(ledger, groups)
            named = queue.named(ledger, page)
            return page, named, _stored(name, page, named)

        return each(made, parts(ledger, self._touched(ledger)), ahead=0)

    def _touched(self, ledger: Ledger) -> Any:
        """Rows that decisions have changed: their groups are kept also with nothing at stake, so that one decision can be taken back."""
        keys = [record.key for record in self._projected.values() if record is not None]
        return np.flatnonzero(np.isin(ledger.columns.keys, np.array(keys, np.int64)))


def _stored(record_type: str, page: Page, named: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Rows of the ledger: `ledger.COLUMNS` in order."""
    frame = page.groups.join(named, on="number", maintain_order="left").with_columns(pl.lit(record_type).alias("record_type"))
    return frame.select(COLUMNS).rows()


def _members(ledger: Ledger, page: Page, named: pl.DataFrame, touched: Any) -> Iterator[tuple[str, list[int]]]:
    """Id and records' keys of the page's groups that have a touched row."""
    ids = dict(named.select("number", "id").iter_rows())
    for number in np.intersect1d(ledger.group[touched], page.groups["number"].to_numpy()).tolist():
        yield ids[number], ledger.columns.keys[ledger.rows(number)].tolist()


class _Queue:
    """What the review queue gets from the forecast: the review group of each group, cells at stake, and collisions nobody matched."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        parts = list(workspace.matches.members_by_key())
        self._groups = pl.concat([pl.Series([], dtype=pl.String), *(pl.Series(groups, dtype=pl.String) for groups, _ in parts)])
        self._keys = np.concatenate([np.empty(0, np.int64), *(np.array(keys, np.int64) for _, keys in parts)])
        self._risks: list[pl.DataFrame] = []
        self._letters = [system[0].upper() for system in workspace.project.systems]
        self._added: set[str] = set()
        fields = [f.name for t in workspace.project.record_types.values() for f in t.fields_of_kind("consent")]
        self._consent = frozenset(fields)

    def named(self, ledger: Ledger, page: Page) -> pl.DataFrame:
        """Per group: review_group (that of its first record that has one, else a name from its own), id, records (JSON), new."""
        keys = ledger.columns.keys[page.rows["row"].to_numpy()]
        rows = page.rows.with_columns(pl.Series("key", keys), self._reviewed(keys).alias("review_group"))
        named = rows.group_by("number", maintain_order=True).agg(
            pl.col("review_group").drop_nulls().first(),
            pl.col("key").min().alias("least"),
            pl.concat_str(pl.lit("["), pl.col("key").cast(pl.String).str.join(", "), pl.lit("]")).first().alias("records"),
        )
        least = pl.Series("hex", [f"{key:x}" for key in named["least"].to_list()], dtype=pl.String)
        return named.with_columns(
            pl.col("review_group").is_null().alias("new"), pl.col("review_group").fill_null(pl.lit("c") + least)
        ).with_columns((pl.col("review_group") + pl.lit("/") + least).alias("id"))

    def _reviewed(self, keys: Any) -> pl.Series:
        """The review group of each key; null where it has none."""
        place = np.searchsorted(self._keys, keys)
        known = np.append(self._keys, -1)[place] == keys
        return (
            self._groups.gather(pl.Series(np.where(known, place, 0)).set(pl.Series(~known), None))
            if len(self._keys)
            else pl.Series([None] * len(keys), dtype=pl.String)
        )

    def note(self, record_type: str, ledger: Ledger, page: Page, named: pl.DataFrame) -> None:
        """Count what is at stake per review group, and add a group for each collision in which matching saw nobody alike."""
        consent = [number for number, rule in enumerate(ledger.fields) if rule.name in self._consent]
        per_field = page.fields.with_columns((pl.col("certain") + pl.col("order_dependent")).alias("cells"))
        per_field = per_field.with_columns(pl.when(pl.col("field").is_in(consent)).then("cells").otherwise(0).alias("consents"))
        counted = per_field.group_by("number").agg(pl.col("cells").sum(), pl.col("consents").sum())
        self._risks.append(counted.join(named, on="number").select("review_group", "cells", "consents"))
        fresh = named.filter(pl.col("new")).join(counted, on="number", how="semi")["number"].to_list()
        names = dict(named.select("number", "review_group").iter_rows())
        groups = list(_new_groups(record_type, ledger, page, names, fresh, self._letters))
        self._added |= {group.id for group in groups}
        self._workspace.matches.add_groups(groups)

    def keep(self) -> None:
        """Write the cells at stake to the queue. What was decided on a group that matching has dropped meanwhile counts again."""
        if not self._added.isdisjoint(self._workspace.decisions.decided_groups()):
            refresh(self._workspace)
        if self._risks:
            risks = pl.concat(self._risks).group_by("review_group").sum().sort("review_group")
            self._workspace.matches.set_risk(risks.iter_rows())


def _new_groups(
    record_type: str, ledger: Ledger, page: Page, names: dict[int, str], fresh: Sequence[int], letters: Sequence[str]
) -> Iterator[NewGroup]:
    """Groups to review for collisions of several records; described by what the columns say of them. `letters`: one per system."""
    order = page.fields.sort("number", "field").group_by("number", maintain_order=True).agg("field")
    differs = dict(order.filter(pl.col("number").is_in(list(fresh))).iter_rows())
    for number in fresh:
        rows = ledger.rows(number).astype(np.int64)
        if len(rows) > 1:
            keys = tuple(ledger.columns.keys[rows].tolist())
            fields = tuple(ledger.fields[field].name for field in differs[number])
            systems = "+".join(letters[int(side)] for side in ledger.columns.side[rows])
            newest = _time(int(ledger.columns.modified[rows].max()))
            yield NewGroup(names[number], record_type, "collision", 0.0, keys, systems, _title(ledger, int(rows[0])), fields, 0.0, newest)


def _title(ledger: Ledger, row: int) -> str:
    """The first three fields of a record: enough to recognise it by."""
    texts = (column.text(int(column.codes[row])) for column in ledger.columns.fields[:3])
    return " ".join(text for text in texts if text)


def _time(instant: int) -> str:
    from datetime import UTC, datetime, timedelta

    if instant < 0:
        return ""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Groups(Sequence[AtStake]):
    """Groups at stake, most cells first, put together when they are asked for."""

    def __init__(self, workspace: Workspace, ledgers: dict[str, Ledger]) -> None:
        self._workspace = workspace
        self._places = [(name, ledger, ledger.with_cells()) for name, ledger in ledgers.items()]

    def __len__(self) -> int:
        return sum(len(groups) for _, _, groups in self._places)

    @overload
    def __getitem__(self, index: int) -> AtStake: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AtStake]: ...
    def __getitem__(self, index: int | slice) -> AtStake | Sequence[AtStake]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        for name, ledger, groups in self._places:
            if 0 <= index < len(groups):
                return self._at(name, ledger, int(groups[index]))
            index -= len(groups)
        raise IndexError(index)

    def _at(self, name: str, ledger: Ledger, group: int) -> AtStake:
        keys = tuple(ledger.columns.keys[ledger.rows(group)].tolist())
        reviewed = next((found for key in keys if (found := self._workspace.matches.group_of(key))), f"c{min(keys):x}")
        return AtStake(reviewed, name, keys)
