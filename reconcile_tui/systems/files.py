"""A folder of exports as a system: `<table>.csv`, `.jsonl` or `.parquet`, any columns, no credentials.

Every pull is a full one; its cursor is the number of rows read. Writes are not requests here: a plan for such a system is written as
import-ready files, so `update` and `merge` refuse.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NoReturn

import orjson

from reconcile_tui.errors import RequestRefused, SystemUnreachable
from reconcile_tui.model import Column, Common, Native, Page, PulledRecord
from reconcile_tui.project import SystemSettings
from reconcile_tui.systems.formats import BATCH, NAMES, READERS, Row
from reconcile_tui.systems.protocol import Answer, Capabilities, Draft, DuplicateRule, FieldVersion, Finding, LinkState, Reading, RuleState


class Files:
    """One folder of exports."""

    kind = "files"
    capabilities = Capabilities(can_write=False, can_merge=False, knows_changes=False, batch_read=BATCH)

    def __init__(self, name: str, settings: SystemSettings, folder: Path) -> None:
        """Relative folders start at `folder`."""
        self.name = name
        self._settings = settings
        self._folder = folder / Path(settings.folder or settings.url).expanduser()

    async def close(self) -> None:
        """Nothing is kept open."""

    async def describe(self, table: str) -> tuple[Column, ...]:
        """The columns in the file's order; empty when there is no such file."""
        path = self._path(table)
        if path is None:
            return ()
        names = await asyncio.to_thread(self._names, path)
        return tuple(Column(name, unique=name == self._settings.id, label=name) for name in names)

    def standing_columns(self, table: str) -> tuple[str, ...]:
        """The id, and the time of modification where the settings name one."""
        del table
        return tuple(name for name in (self._settings.id, self._settings.modified) if name)

    async def pull(self, table: str, columns: Sequence[str], *, cursor: str | None = None, since: str | None = None) -> AsyncIterator[Page]:
        """The file's rows in batches. `since` is not used: a file does not tell what changed."""
        del since
        path = self._path(table)
        if path is None:
            return
        wanted = tuple(dict.fromkeys([*columns, *self.standing_columns(table)]))
        stamp = await asyncio.to_thread(_stamp, path)
        done = _position(cursor, stamp)
        batches = self._batches(path, wanted, skip=done)
        batch = await asyncio.to_thread(next, batches, None) or []
        while True:
            following = await asyncio.to_thread(next, batches, None)
            done += len(batch)
            yield Page(table, tuple(batch), None if following is None else f"{done}@{stamp}")
            if following is None:
                return
            batch = following

    async def read(self, table: str, ids: Sequence[str], columns: Sequence[str]) -> dict[str, Reading | None]:
        """The records as the file has them now, found in one pass."""
        found: dict[str, Reading | None] = dict.fromkeys(ids)
        async for page in self.pull(table, columns):
            for record in page.records:
                if record.id in found:
                    found[record.id] = Reading(record.id, record.native, modified_at=record.modified_at)
        return found

    async def check(self, tables: Sequence[str]) -> list[Finding]:
        """Files, the id column, and ids that are blank or stand twice."""
        findings: list[Finding] = []
        for table in tables:
            try:
                findings += await asyncio.to_thread(self._check, table)
            except SystemUnreachable as error:
                findings.append(Finding("table", "failed", error.what, error.todo))
        return findings

    async def history(self, table: str, ids: Sequence[str], column: str) -> dict[str, tuple[FieldVersion, ...] | None]:
        """A folder of exports keeps no former values."""
        del table, ids, column
        return {}

    def draft_update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Draft:
        """Refused: a folder takes no requests."""
        _no_requests(table, id_, values, etag)

    def draft_merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Draft:
        """Refused: a folder takes no requests."""
        _no_requests(table, keep, lose, values)

    async def update(self, table: str, id_: str, values: Mapping[str, Native], *, etag: str | None = None) -> Answer:
        """Refused: a folder takes no requests."""
        _no_requests(table, id_, values, etag)

    async def merge(self, table: str, keep: str, lose: str, values: Mapping[str, Native]) -> Answer:
        """Refused: a folder takes no requests."""
        _no_requests(table, keep, lose, values)

    async def link_state(self, table: str, column: str) -> LinkState:
        """Ready when the file has the column; its values are not held unique by anybody."""
        names = {known.name for known in await self.describe(table)}
        return LinkState("ready" if column in names else "missing", column)

    async def ensure_link(self, table: str, column: str, *, label: str = "") -> LinkState:
        """Nothing is created: the import-ready files bring the column."""
        del label
        return await self.link_state(table, column)

    async def drop_link(self, table: str, column: str, *, key_only: bool = False) -> LinkState:
        """Nothing is removed."""
        del key_only
        return await self.link_state(table, column)

    async def rule_state(self, rule: DuplicateRule) -> RuleState:
        """A folder of exports detects no duplicates."""
        return RuleState("unfit", "A folder of exports has no duplicate detection rules.")

    async def ensure_rule(self, rule: DuplicateRule) -> RuleState:
        """Nothing is created."""
        return await self.rule_state(rule)

    async def drop_rule(self, rule: DuplicateRule) -> RuleState:
        """Nothing is removed."""
        return await self.rule_state(rule)

    def to_native(self, column: Column, value: Common) -> Native:
        """Text stays text."""
        del column
        return value or None

    # -- parts

    def _path(self, table: str) -> Path | None:
        if not self._folder.is_dir():
            raise SystemUnreachable(f"{self._folder} is no folder.", todo=f"Correct systems.{self.name}.folder in reconcile.toml.")
        return next((path for ending in READERS if (path := self._folder / f"{table}{ending}").is_file()), None)

    def _names(self, path: Path) -> list[str]:
        with _explained(path):
            return NAMES[path.suffix](path)

    def _batches(self, path: Path, wanted: tuple[str, ...], *, skip: int) -> Iterator[list[PulledRecord]]:
        with _explained(path):
            id_column, modified = self._settings.id, self._settings.modified
            if id_column not in NAMES[path.suffix](path):
                raise SystemUnreachable(
                    f"{path} has no column {id_column!r}.", todo=f"Name its id column as systems.{self.name}.id in reconcile.toml."
                )
            rows = islice(READERS[path.suffix](path, wanted), skip, None)
            while batch := [_record(row, id_column, modified) for row in islice(rows, BATCH)]:
                yield batch

    def _check(self, table: str) -> list[Finding]:
        path = self._path(table)
        if path is None:
            listed = ", ".join(f"{table}{ending}" for ending in READERS)
            return [Finding("table", "note", f"There is none of {listed} in {self._folder}; the table counts as empty.")]
        seen: set[str] = set()
        count = blank = 0
        for batch in self._batches(path, (self._settings.id,), skip=0):
            count += len(batch)
            blank += sum(not record.id for record in batch)
            seen.update(record.id for record in batch)
        findings = [Finding("table", "ok", f"{path.name} has {count} rows.")]
        if twice := count - blank - len(seen - {""}):
            findings.append(Finding("table", "failed", f"{path.name}: {twice} rows repeat the id of another.", "Make ids unique."))
        if blank:
            findings.append(Finding("table", "failed", f"{path.name}: {blank} rows have no {self._settings.id}.", "Give each an id."))
        return findings


def _record(row: Row, id_column: str, modified: str) -> PulledRecord:
    id_ = row.get(id_column)
    stamp = row.get(modified) if modified else None
    return PulledRecord("" if id_ is None else str(id_), row, modified_at=None if stamp is None else str(stamp))


def _position(cursor: str | None, stamp: str) -> int:
    """Rows already read, unless the file has changed since: then from the start."""
    count, _, of = (cursor or "").partition("@")
    return int(count) if count.isdigit() and of == stamp else 0


def _stamp(path: Path) -> str:
    status = path.stat()
    return hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:10]


def _no_requests(*_: object) -> NoReturn:
    raise RequestRefused(
        "A folder of exports takes no requests.", status=0, code="files", todo="The plan is written as import-ready files instead."
    )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what can be wrong with a file into a sentence."""
    import pyarrow as pa

    try:
        yield
    except (OSError, UnicodeDecodeError, csv.Error, orjson.JSONDecodeError, pa.ArrowException, TypeError) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SystemUnreachable(f"{path} can't be read: {detail}.", todo="Export it again, as UTF-8.") from error
