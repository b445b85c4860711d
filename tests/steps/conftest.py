"""The sample data pulled from the sandbox and matched, once for the module."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile_tui.steps import demo
from reconcile_tui.workspace import Workspace

Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("steps") / "demo"
    demo.prepare(folder, fresh=True)
    with Workspace.open(folder) as workspace:
        demo.load(workspace)
        yield workspace


@pytest.fixture(scope="session")
def truth() -> dict[Key, dict[str, str]]:
    path: Path = demo.sample_folder() / "truth.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["system"], row["table"], row["id"]): row for row in csv.DictReader(file)}


def pull(workspace: Workspace) -> list[object]:
    from reconcile_tui.steps.connect import systems
    from reconcile_tui.steps.pull import pull as step

    async def work() -> list[object]:
        async with systems(workspace) as opened:
            return list(await step(workspace, opened))

    return asyncio.run(work())
