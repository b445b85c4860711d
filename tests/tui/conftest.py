"""What the tests of the screens share: a filled workspace, a clock that stands still, and the app over a copy of the workspace."""

from __future__ import annotations

import inspect
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconcile_tui.tui import words
from reconcile_tui.tui.app import ReconcileApp
from reconcile_tui.workspace import Workspace
from tests.tui.filled import fill

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace every test copies; its folder is called `sample`."""
    return fill(tmp_path_factory.mktemp("filled") / "sample")


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(words, "present", lambda: NOON)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


Open = Callable[..., ReconcileApp]


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    """A copy of the filled workspace."""
    target = tmp_path / "sample"
    shutil.copytree(filled, target)
    return target


@pytest.fixture
def open_app(folder: Path) -> Iterator[Open]:
    """Makes apps over the copied workspace; closes it at the end."""
    opened: list[Workspace] = []

    def make(where: Path | None = None, *, mode: str = "write", **options: object) -> ReconcileApp:
        workspace = Workspace.open(where or folder, mode)  # type: ignore[arg-type]
        opened.append(workspace)
        return ReconcileApp(workspace, ascii=bool(options.pop("ascii", False)), **options)  # type: ignore[arg-type]

    yield make
    for workspace in opened:
        workspace.close()


@pytest.fixture
def anyio_backend() -> str:
    """Textual runs on asyncio."""
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coroutine tests of this folder run on the event loop."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj) and "tests/tui" in str(item.path):
            item.add_marker("anyio")
            item.fixturenames.append("anyio_backend") if "anyio_backend" not in item.fixturenames else None
