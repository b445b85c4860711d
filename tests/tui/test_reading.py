"""What is read beside the screens: a question that a newer one has overtaken is broken off, and nobody else's."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui.reading import Reader
from reconcile_tui.workspace import Workspace

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT begun() UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


class Endless:
    """A read that never ends by itself. `begun` once SQLite is at it, `ended` with the error that ended it."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()
        self.error = ""

    def __call__(self, workspace: Workspace) -> None:
        workspace.db.create_function("begun", 0, self._begin)
        try:
            workspace.db.execute(ENDLESS).fetchone()
        except sqlite3.OperationalError as error:
            self.error = str(error)
            raise
        finally:
            self.ended.set()

    def _begin(self) -> int:
        self.begun.set()
        return 0


def tables(workspace: Workspace) -> int:
    return len(workspace.records.tables())


def test_a_read_nobody_waits_for_any_more_is_broken_off_and_the_next_one_is_answered(folder: Path) -> None:
    async def overtaken() -> tuple[int, str]:
        slow = Endless()
        asked = asyncio.create_task(reader.ask(slow))
        await asyncio.to_thread(slow.begun.wait, 30)
        asked.cancel()
        answer = await asyncio.wait_for(reader.ask(tables), 30)
        return answer, slow.error

    with Workspace.open(folder) as workspace:
        reader = Reader(workspace)
        try:
            assert asyncio.run(overtaken()) == (len(workspace.records.tables()), "interrupted")
        finally:
            reader.close()


def test_who_gives_up_waiting_for_a_turn_breaks_off_nothing(folder: Path) -> None:
    async def given_up() -> bool:
        slow, unheard = Endless(), threading.Event()
        first = asyncio.create_task(reader.ask(slow))
        await asyncio.to_thread(slow.begun.wait, 30)
        second = asyncio.create_task(reader.ask(lambda workspace: unheard.set()))
        await asyncio.wait([second], timeout=0)
        second.cancel()
        await asyncio.wait([second], timeout=30)
        still_at_it = not slow.ended.is_set()
        first.cancel()
        assert await asyncio.wait_for(reader.ask(tables), 30)
        return still_at_it and not unheard.is_set()

    with Workspace.open(folder) as workspace:
        reader = Reader(workspace)
        try:
            assert asyncio.run(given_up())
        finally:
            reader.close()


def test_a_read_that_fails_is_told_in_a_sentence(folder: Path) -> None:
    async def failing() -> str:
        try:
            await reader.ask(lambda workspace: workspace.db.execute("SELECT 1 FROM nowhere"))
        except ReconcileError as error:
            return error.what
        return ""

    with Workspace.open(folder) as workspace:
        reader = Reader(workspace)
        try:
            assert "no such table" in asyncio.run(failing())
        finally:
            reader.close()
