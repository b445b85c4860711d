"""Wrong use ends in a sentence on stderr and the documented exit code, never in a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconcile_tui.cli.app import COMMANDS

COMMAND = [sys.executable, "-m", "reconcile_tui"]


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in answer.stderr or "--debug" in arguments
    return answer


def test_the_version_is_told_without_importing_anything_heavy(tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['reconcile-tui', '--version']; from reconcile_tui.cli import main; main()\n"
    code += "print(sorted({'click', 'textual', 'httpx', 'msal', 'pydantic', 'sqlite3'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[1] == "[]"


def test_help_names_every_command_and_imports_none_of_them(tmp_path: Path) -> None:
    answer = run("--help", cwd=tmp_path)
    assert answer.returncode == 0
    for name in COMMANDS:
        assert f"  {name} " in answer.stdout


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help(command: str, tmp_path: Path) -> None:
    answer = run(command, "--help", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "Usage:" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["mach"], "Did you mean 'match'"),
        (["groups", "--limit", "0"], "limit"),
        (["plan", "--nonsense"], "No such option"),
        (["apply", "missing.json"], "missing.json"),
        (["pull"], "There is no reconcile.toml"),
        (["groups"], "There is no reconcile.toml"),
        ([], "There is no workspace"),
    ],
)
def test_wrong_use_ends_with_two_and_says_what_is_right(arguments: list[str], says: str, tmp_path: Path) -> None:
    answer = run(*arguments, cwd=tmp_path)
    assert answer.returncode == 2
    assert says in answer.stderr
    assert answer.stdout == ""


def test_without_a_terminal_the_screens_name_the_plain_commands(tmp_path: Path) -> None:
    (tmp_path / "reconcile.toml").write_text("")
    answer = run(cwd=tmp_path)
    assert answer.returncode == 2
    assert "need a terminal" in answer.stderr


def test_screens_that_would_be_drawn_into_a_file_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "reconcile.toml").write_text("")
    parent, child = os.openpty()
    try:
        command = [sys.executable, "-m", "reconcile_tui"]
        answer = subprocess.run(command, check=False, cwd=tmp_path, stdin=child, stdout=child, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(parent)
        os.close(child)
    assert answer.returncode == 2
    assert "need a terminal" in answer.stderr.decode()


def test_the_demo_refuses_a_folder_with_something_else_in_it(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    answer = run("demo", "--headless", str(tmp_path), cwd=tmp_path)
    assert answer.returncode == 2
    assert "not made by the demo" in answer.stderr
    assert (tmp_path / "precious.txt").read_text() == "mine"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo workspace after the whole headless way."""
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    answer = run("demo", "--headless", str(folder), cwd=folder.parent)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    (folder / "narration.txt").write_text(answer.stdout)
    return folder


def test_the_headless_demo_tells_every_step_of_the_way(demo: Path) -> None:
    told = (demo / "narration.txt").read_text()
    for step in ("Pull", "Match", "Forecast", "Decide", "Plan", "Apply", "Verify", "Forecast again"):
        assert step in told


def test_the_headless_demo_shows_what_its_decisions_have_bought(demo: Path) -> None:
    told = (demo / "narration.txt").read_text()
    before, after = (int(n) for n in re.findall(r"(?:before|after): +(\d+) values would be overwritten", told))
    assert after < before


def test_the_report_of_the_demo_compares_with_the_forecast_before_anything_was_written(demo: Path, tmp_path: Path) -> None:
    made = run("-C", str(demo), "report", "-o", str(tmp_path / "report.json"), cwd=demo)
    assert made.returncode == 0, made.stderr
    forecast = json.loads((tmp_path / "report.json").read_text())["forecast"]
    before, today = ({name: side[name] for name in ("certain", "order_dependent")} for side in (forecast["first"], forecast["now"]))
    assert sum(before.values()) > sum(today.values())


def test_groups_are_json_lines_with_the_documented_keys(demo: Path) -> None:
    answer = run("-C", str(demo), "groups", "--all", "--json", cwd=demo)
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(lines) > 50
    assert {"group", "class", "state", "score", "records", "differs", "cells_at_risk"} <= set(lines[0])
    assert {"system", "table", "id"} == set(lines[0]["records"][0])


def test_why_sums_to_its_score(demo: Path) -> None:
    first = json.loads(run("-C", str(demo), "groups", "--class", "differs", "--json", cwd=demo).stdout.splitlines()[0])
    answer = run("-C", str(demo), "why", first["group"], "--json", cwd=demo)
    for line in answer.stdout.splitlines():
        pair = json.loads(line)
        assert sum(field["bits"] for field in pair["fields"]) == pytest.approx(pair["score_bits"], abs=1e-6)


def test_simulate_speaks_the_documented_json(demo: Path) -> None:
    forecast = json.loads(run("-C", str(demo), "simulate", "--json", cwd=demo).stdout)
    assert {"groups", "confluent_groups", "cells_certain", "cells_order_dependent", "records_at_risk"} <= set(forecast["totals"])
    cell = forecast["groups"][0]["cells"][0]
    assert {"record", "field", "now", "after", "certainty", "overwritten_by", "witness"} <= set(cell)


def test_a_damaged_plan_no_longer_fits(demo: Path, tmp_path: Path) -> None:
    plan = json.loads((demo / "plan.json").read_text())
    plan["writes"][0]["body"] = {"firstname": "Mallory"}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    answer = run("-C", str(demo), "apply", str(tmp_path / "plan.json"), "--confirm", "1", cwd=demo)
    assert answer.returncode == 4, answer.stderr
    assert "digest" in answer.stderr


def test_apply_without_a_terminal_wants_the_number(demo: Path) -> None:
    answer = run("-C", str(demo), "apply", str(demo / "plan.json"), cwd=demo)
    assert answer.returncode == 2
    assert "--confirm" in answer.stderr


@pytest.mark.parametrize("option", ["--class", "--state", "--system", "--field"])
def test_a_filter_that_names_nothing_is_refused_instead_of_finding_nothing(option: str, demo: Path) -> None:
    answer = run("-C", str(demo), "groups", option, "nonsense", cwd=demo)
    assert answer.returncode == 2
    assert "nonsense" in answer.stderr
    assert answer.stdout == ""


def test_a_second_writer_ends_with_five(demo: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys; from pathlib import Path; from reconcile_tui.workspace import Workspace\n"
         "w = Workspace.open(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()", str(demo)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    try:
        answer = run("-C", str(demo), "match", cwd=demo)
        assert answer.returncode == 5
        assert str(holder.pid) in answer.stderr
    finally:
        holder.communicate()


def test_a_wrong_project_file_is_named_with_its_line(demo: Path, tmp_path: Path) -> None:
    text = (demo / "reconcile.toml").read_text().replace("transform = ", "transfrom = ", 1)
    (tmp_path / "reconcile.toml").write_text(text)
    answer = run("-C", str(tmp_path), "pull", cwd=tmp_path)
    assert answer.returncode == 2
    assert "line" in answer.stderr
    assert "Did you mean 'transform'" in answer.stderr


def test_an_unreachable_system_ends_with_three(demo: Path, tmp_path: Path) -> None:
    text = (demo / "reconcile.toml").read_text()
    text = text.replace('url = "sandbox:"', 'url = "http://127.0.0.1:9"').replace('prefix = "new"', 'client_id = "app"')
    (tmp_path / "reconcile.toml").write_text(text)
    answer = run("-C", str(tmp_path), "pull", cwd=tmp_path, HUBSPOT_TOKEN="pat-eu1-test", DYNAMICS_CLIENT_SECRET="x")
    assert answer.returncode == 3, answer.stderr


def test_a_missing_token_ends_with_three_and_names_the_variable(demo: Path, tmp_path: Path) -> None:
    text = (demo / "reconcile.toml").read_text()
    text = text.replace('url = "sandbox:"', 'url = "http://127.0.0.1:9"').replace('prefix = "new"', 'client_id = "app"')
    (tmp_path / "reconcile.toml").write_text(text)
    answer = run("-C", str(tmp_path), "pull", cwd=tmp_path)
    assert answer.returncode == 3, answer.stderr
    assert "HUBSPOT_TOKEN" in answer.stderr or "DYNAMICS_CLIENT_SECRET" in answer.stderr


def test_ctrl_c_ends_with_130_and_the_work_goes_on_later(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = subprocess.Popen(
        [*COMMAND, "demo", "--headless", str(folder)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (folder / "workspace.db").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, narration = process.communicate(timeout=60)
    assert process.returncode == 130, narration
    assert "Traceback" not in narration
    assert run("-C", str(folder), "pull", cwd=tmp_path).returncode == 0


def test_completions_are_made_for_three_shells(tmp_path: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        answer = run("completions", shell, cwd=tmp_path)
        assert answer.returncode == 0
        assert "reconcile" in answer.stdout


def test_a_decided_group_whose_records_changed_shows_what_it_was_decided_on(tmp_path: Path) -> None:
    from reconcile_tui.steps import decide
    from tests.stewardship.world import World, contact, hub

    world = World(tmp_path / "world")
    world.contact(1, firstname="Ada", lastname="Byron", emailaddress1="ada@ex.test", jobtitle="Analyst")
    world.hub(501, email="ada@ex.test", firstname="Ada", lastname="Byron")
    world.start()
    group = world.group(contact(1), hub(501))
    decide.decide(world.ws, group, "merge")
    world.edit(contact(1), jobtitle="Programmer")
    world.pull()
    decide.refresh(world.ws)
    world.ws.close()
    shown = run("show", group, cwd=tmp_path / "world")
    assert "Decided, changed since:" in shown.stdout
    assert "Analyst" in shown.stdout.split("Decided, changed since:")[1]
    document = json.loads(run("show", group, "--json", cwd=tmp_path / "world").stdout)
    [change] = document["changed_since"]
    assert change == {"record": contact(1).as_json(), "field": "job_title", "decided_on": "Analyst", "now": "Programmer"}
    world.sandbox.close()
