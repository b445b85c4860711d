"""Reference pages are what the program says of itself, and the guides name only what exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reconcile_tui.cli import reference as commands
from reconcile_tui.cli.app import COMMANDS
from reconcile_tui.errors import ReconcileError
from reconcile_tui.matching import reference as matching
from reconcile_tui.project import parse
from reconcile_tui.project import reference as project_file

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize(
    ("page", "made", "module"),
    [
        ("project-file.md", project_file.page, "reconcile_tui.project.reference"),
        ("matching.md", matching.page, "reconcile_tui.matching.reference"),
        ("commands.md", lambda: commands.page().rstrip() + "\n", "reconcile_tui.cli.reference"),
    ],
)
def test_the_page_is_what_the_program_says(page: str, made: Callable[[], str], module: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made(), f"python -m {module} > docs/{page}"


def test_every_exit_code_of_an_error_is_on_the_page_of_commands() -> None:
    def all_of(error: type[ReconcileError]) -> set[int]:
        return {error.exit_code, *(code for child in error.__subclasses__() for code in all_of(child))}

    told = {int(code) for code in re.findall(r"^\| (\d+) \|", commands.page(), re.MULTILINE)}
    assert all_of(ReconcileError) | {0} == told


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_guides_name_commands_and_pages_that_exist(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    named = re.findall(r"`reconcile-tui (?:-C [^\s`]+ )?([a-z]+)|^reconcile-tui (?:-C [^\s`]+ )?([a-z]+)", text, re.MULTILINE)
    assert {a or b for a, b in named} <= COMMANDS.keys()
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (guide.parent / target).exists(), f"{guide.name} points to {target}"


def test_project_files_in_the_guides_are_valid() -> None:
    for guide in GUIDES:
        for block in re.findall(r"```toml\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL):
            if "[systems" in block and "record_types" in block:
                parse(block)
