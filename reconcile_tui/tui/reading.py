"""Reading beside the screens: what scans a large workspace runs on a thread and a connection of its own, so that keys never wait.

Reads follow one another. A read whose asker waits no more (a newer question of the same kind has come) is broken off, or not begun.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from reconcile_tui.errors import ReconcileError

if TYPE_CHECKING:
    from reconcile_tui.project import Project
    from reconcile_tui.workspace import Workspace

T = TypeVar("T")


class Reader:
    """One thread with one read-only connection, opened at the first question."""

    def __init__(self, workspace: Workspace) -> None:
        """Nothing is opened yet."""
        self._folder, self._project = workspace.folder, workspace.project
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._own: Workspace | None = None
        self._turn = threading.Lock()  # held while `_reading` changes, so that nobody else's read is broken off
        self._reading: object = None

    async def ask(self, read: Callable[[Workspace], T]) -> T:
        """What `read` makes of the workspace. Raises ReconcileError. Cancelled, it has SQLite leave its statement."""
        question = object()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._answer, read, question)
        except asyncio.CancelledError:
            self._break_off(question)
            raise

    def _break_off(self, question: object) -> None:
        with self._turn:
            if self._reading is question and self._own is not None:
                self._own.db.interrupt()

    def forget(self) -> None:
        """Another process has written: what is kept of tables and counts is read again."""
        self._pool.submit(self._forget)

    def follow(self, project: Project) -> None:
        """The project file was edited: read under what it says now."""
        self._pool.submit(self._follow, project)

    def _follow(self, project: Project) -> None:
        self._project = project
        if self._own is not None:
            self._own.project = project
            self._own.records.forget()

    def _forget(self) -> None:
        if self._own is not None:
            self._own.records.forget()

    def close(self) -> None:
        """End the thread; a read in progress is broken off, those that wait are dropped."""
        if self._own is not None:
            self._own.db.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._own is not None:
            self._own.close()

    def _answer(self, read: Callable[[Workspace], T], question: object) -> T:
        from reconcile_tui.workspace import Workspace, explain

        try:
            if self._own is None:
                self._own = Workspace(self._folder, self._project, "read")
                self._own.slim()
            self._now(question)
            return read(self._own)
        except ReconcileError:
            raise
        except Exception as error:
            raise explain(error) or error from error
        finally:
            self._now(None)

    def _now(self, question: object) -> None:
        with self._turn:
            self._reading = question
