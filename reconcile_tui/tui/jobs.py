"""Work that runs beside the screens: started, watched and stopped here; done by the worker process."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconcile_tui.tui.glyphs import DOT, FULL, SHADE
from reconcile_tui.tui.line import Line

LIMIT = 1 << 26
"""Bytes of one answer line: a group's evidence or a run's report fits, a runaway does not."""

AGAIN = "R on the Run screen (F8) goes on with it; nothing is sent twice."
"""How to go on with a run whose process has died."""


@dataclass
class Job:
    """One piece of work. `on_end` gets the result, or None with `error` set; `again` says how to go on when its process dies."""

    task: str
    title: str
    arguments: dict[str, Any] = field(default_factory=dict)
    on_end: Callable[[Job], None] | None = None
    again: str = "Start it again; it goes on from there."
    quiet: bool = False  # a question answered in the background, not work one waits for
    progress: dict[str, Any] = field(default_factory=dict)
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)  # what became of single writes, as they come
    result: Any = None
    error: dict[str, Any] | None = None
    stopping: bool = False
    process: asyncio.subprocess.Process | None = None

    @property
    def fraction(self) -> float | None:
        """How much of the present stage is done; None when its end is not known."""
        total = self.progress.get("total")
        return min(1.0, self.progress["done"] / total) if total else None

    async def run(self, folder: Path, on_progress: Callable[[Job], None], on_say: Callable[[str], None]) -> None:
        """Start the process and listen until it ends."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "reconcile_tui.tui.worker", str(folder), self.task, json.dumps(self.arguments),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=LIMIT, start_new_session=True,
        )  # fmt: skip
        try:
            await self._listen(on_progress, on_say)
            await self.process.wait()
        finally:
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
        if self.result is None and self.error is None:
            self.error = {
                "what": f"{self.title} ended without an answer.",
                "kept": "What was committed is kept.",
                "todo": self.again,
            }

    async def _listen(self, on_progress: Callable[[Job], None], on_say: Callable[[str], None]) -> None:
        assert self.process is not None  # noqa: S101 (set by run)
        assert self.process.stdout is not None  # noqa: S101
        async for raw in self.process.stdout:
            message = json.loads(raw)
            if "progress" in message:
                self.progress = message["progress"]
                self.stages[self.progress["stage"]] = self.progress
                on_progress(self)
            elif "item" in message:
                self.items.append(message["item"])
            elif "say" in message:
                on_say(message["say"])
            elif "error" in message:
                self.error = message["error"]
            elif "result" in message:
                self.result = message["result"]

    def stop(self) -> None:
        """Ask the process to stop after its current step."""
        self.stopping = True
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


class Helper:
    """A process that answers questions about single groups; started at the first question, so that its memory is not the screens'."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started yet."""
        self.folder = folder
        self.process: asyncio.subprocess.Process | None = None
        self._asked = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._listener: asyncio.Task[None] | None = None

    async def ask(self, task: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The answer as a mapping with `result`, or `error` in a sentence."""
        if self.process is None or self.process.returncode is not None:
            await self._start()
        assert self.process is not None  # noqa: S101 (just started)
        assert self.process.stdin is not None  # noqa: S101
        self._asked += 1
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[self._asked] = future
        self.process.stdin.write(json.dumps({"id": self._asked, "task": task, "arguments": arguments}).encode() + b"\n")
        return await future

    async def _start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "reconcile_tui.tui.worker", str(self.folder), "answer", "{}",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=LIMIT, start_new_session=True,
        )  # fmt: skip
        self._listener = asyncio.create_task(self._listen(self.process))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101
        async for raw in process.stdout:
            content = json.loads(raw)["answer"]
            future = self._waiting.pop(content["id"], None)
            if future is not None and not future.done():
                future.set_result(content)
        for future in self._waiting.values():
            if not future.done():
                future.set_result({"error": "The helper process ended; ask again."})
        self._waiting.clear()

    async def close(self) -> None:
        """Let the process end."""
        if self.process is not None and self.process.returncode is None:
            if self.process.stdin is not None:
                self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), 2)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        if self._listener is not None:
            await self._listener


def bar(fraction: float, cells: int) -> Line:
    """A progress bar."""
    filled = round(max(0.0, min(1.0, fraction)) * cells)
    return Line(FULL * filled, "bar").add(SHADE * (cells - filled), "track")


def duration(seconds: float) -> str:
    """Seconds for people."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def work_line(job: Job, width: int) -> Line:
    """A job in one line: stage, bar, share, rate, time left, how to stop."""
    moment = job.progress
    line = Line(job.title, "strong")
    if not moment:
        return line.add(" stopping" if job.stopping else " starting", "dim")
    line.add(f" {moment['stage']}  ")
    if (fraction := job.fraction) is not None:
        line.join(bar(fraction, 12 if width < 100 else 20)).add(f" {fraction:4.0%}")
        if moment.get("left") and width >= 100:
            line.add(f" {DOT} {duration(moment['left'])} left", "dim")
    else:
        line.add(f"{moment['done']:,}")
    if moment.get("rate") and width >= 100:
        line.add(f" {DOT} {moment['rate']:,.0f}/s", "dim")
    return line.add("  stopping", "warn") if job.stopping else line.add("  ctrl+c", "key").add(" stops", "dim")
