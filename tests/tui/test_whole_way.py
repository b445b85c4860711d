"""The demo on a real terminal, from the first screen to a verified run, with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

from reconcile_tui.steps import demo
from reconcile_tui.workspace import Workspace
from tests.tui.terminal import Terminal


def test_the_demo_can_be_worked_from_the_first_screen_to_a_verified_run(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    assert demo.prepare(folder, fresh=False)
    with Workspace.open(folder) as workspace:
        demo.load(workspace)
    with Terminal(folder, arguments=", guided=True") as terminal:
        terminal.wait_for("Two people, one e-mail")
        terminal.press("b")
        terminal.wait_for("Who keeps the address?")
        terminal.press("1")
        terminal.wait_for("What becomes of the address")
        terminal.press("2")
        terminal.wait_for("shared mailbox: ")
        terminal.press("f7")
        terminal.wait_for("No plan yet")
        terminal.press("m")
        terminal.wait_for("The plan is made")
        terminal.press("A")
        dialog = terminal.wait_for("Anything else cancels.")
        assert "All can be undone." in dialog
        asked = re.search(r"Type (\d+) and press enter", dialog)
        assert asked is not None
        terminal.read()
        terminal.press(*asked[1], "enter")
        terminal.wait_for("The run has ended")
        terminal.press("f1")
        terminal.wait_for("verify the run: read everything back")
        terminal.press("enter")
        terminal.wait_for("Not verified yet")
        terminal.press("v")
        terminal.wait_for("reads back as planned")
        terminal.press("f1")
        terminal.wait_for("forecast again")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
    with Workspace.open(folder, "read") as workspace:
        (run,) = workspace.runs.all()
        assert run["finished_at"]
        assert workspace.settings.get(f"tui.verified.{run['id']}")["as_planned"]
        written = [e for e in workspace.runs.journal(run["id"]) if e["phase"] == "outcome"]
        assert {e["detail"]["outcome"] for e in written} == {"done"}
