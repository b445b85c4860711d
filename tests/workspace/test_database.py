"""The file is private, versioned, and written to by one process at a time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from reconcile_tui.errors import WorkspaceError, WorkspaceInUse
from reconcile_tui.workspace import Workspace, explain
from reconcile_tui.workspace.database import migrations


def test_the_database_is_readable_by_its_owner_only(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        assert workspace.path.stat().st_mode & 0o777 == 0o600


def test_a_second_writer_is_told_who_writes(folder: Path) -> None:
    with Workspace.open(folder), pytest.raises(WorkspaceInUse, match="process"):
        Workspace.open(folder)
    Workspace.open(folder).close()


def test_the_lock_of_a_killed_process_is_free_again(folder: Path) -> None:
    code = "import sys, os, signal; from pathlib import Path; from reconcile_tui.workspace import Workspace\n"
    code += "Workspace.open(Path(sys.argv[1])); print('open', flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    killed = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, check=False)
    assert killed.stdout == b"open\n"
    assert killed.returncode == -9
    Workspace.open(folder).close()


def test_readers_may_look_while_somebody_writes(folder: Path) -> None:
    with Workspace.open(folder), Workspace.open(folder, "read") as reader:
        assert reader.matches.count() == 0


def test_reading_without_a_database_says_to_pull(folder: Path) -> None:
    with pytest.raises(WorkspaceError, match="pull"):
        Workspace.open(folder, "read")


def test_a_database_of_a_newer_version_is_left_alone(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        workspace.db.execute("PRAGMA user_version = 9999")
    with pytest.raises(WorkspaceError, match="newer version") as caught:
        Workspace.open(folder)
    assert caught.value.exit_code == 2
    assert sqlite3.connect(folder / "workspace.db").execute("PRAGMA user_version").fetchone() == (9999,)


def test_a_file_that_is_no_database_is_a_sentence(folder: Path) -> None:
    (folder / "workspace.db").write_bytes(b"not a database at all, but long enough to be looked at" * 100)
    with pytest.raises(WorkspaceError, match="damaged"):
        Workspace.open(folder)


def test_a_full_disk_keeps_what_was_committed(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        workspace.settings.set("kept", 1)
        pages = workspace.db.execute("PRAGMA page_count").fetchone()[0]
        workspace.db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(WorkspaceError, match="disk is full"):
            workspace.settings.set("large", "x" * 1_000_000)
        assert workspace.settings.get("kept") == 1
        assert workspace.settings.get("large") is None


def test_migrations_are_numbered_without_gaps() -> None:
    assert [number for number, _ in migrations()] == list(range(1, len(migrations()) + 1))


def test_an_older_database_is_brought_up_to_date_with_its_data(folder: Path) -> None:
    first = migrations()[0]
    db = sqlite3.connect(folder / "workspace.db")
    db.executescript(f"{first[1]}; PRAGMA user_version = {first[0]}; INSERT INTO setting VALUES ('kept', '7')")
    db.close()
    with Workspace.open(folder) as workspace:
        assert workspace.settings.get("kept") == 7
        assert workspace.db.execute("PRAGMA user_version").fetchone()[0] == migrations()[-1][0]


def test_an_error_of_somebody_elses_is_not_explained_away() -> None:
    assert explain(ValueError("x")) is None
