"""`plan`, `apply`, `verify`, `undo`: the dry run and the writes."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, say, table
from reconcile_tui.errors import UsageError
from reconcile_tui.steps.progress import Listener, Stop
from reconcile_tui.workspace import Workspace

if TYPE_CHECKING:
    from reconcile_tui.stewardship.outcomes import RunReport
    from reconcile_tui.systems.protocol import System

    Systems = Mapping[str, System]


@click.command()
@click.option("-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="Write the plan to this file.")
@click.option("--set-up", "set_up", is_flag=True, help="With duplicate rules, keys and unique properties (policy P1-P3).")
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON on stdout.")
@click.option("--markdown", is_flag=True, help="For people, as Markdown.")
@click.pass_obj
def plan(options: Options, output: Path | None, set_up: bool, as_json: bool, markdown: bool) -> None:
    """The dry run: every write, before and after. Nothing is sent."""
    from reconcile_tui.steps import import_files, setting_up
    from reconcile_tui.steps import plan as step

    with Workspace.open(options.folder) as workspace:
        with ProgressLines() as progress:
            made = step.make(workspace, progress=progress, setting_up=setting_up.wanted(workspace) if set_up else ())
        if output:
            step.write(made, output)
            say(f"Plan {made.digest[:12]} written to {output}. Nothing was sent.")
            for path in import_files.write(workspace, made, output.with_suffix("")):
                say(f"Import file for a folder of exports: {path}")
        if as_json:
            out(made.to_json())
        elif markdown:
            out(made.markdown())
        else:
            out(made.text())
        if output and not import_files.file_systems(workspace):
            say(f"Next: reconcile-tui apply {output}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--confirm", type=int, help="The number of records the plan touches.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run of this plan.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def apply(options: Options, file: Path, confirm: int | None, resume: bool, as_json: bool) -> int:
    """Apply exactly that plan. On a terminal the number of records is asked for; elsewhere --confirm N is required."""
    from reconcile_tui.steps import apply as step
    from reconcile_tui.steps import plan as plans

    made = plans.read(file)

    async def work(workspace: Workspace, opened: Systems, number: int, how: Progressing) -> RunReport:
        return await step.apply(workspace, made, opened, confirm=number, resume=resume, progress=how.progress, stop=how.stop)

    with Workspace.open(options.folder) as workspace:
        say(made.summary())
        return _carried_out(workspace, made.records, confirm, work, as_json, f"reconcile-tui apply {file} --resume")


@dataclass
class Progressing:
    """Where a run tells how far it is, and hears that it shall stop."""

    progress: Listener
    stop: Stop


Work = Callable[[Workspace, "Systems", int, Progressing], Awaitable["RunReport"]]


def _carried_out(workspace: Workspace, records: int, confirm: int | None, work: Work, as_json: bool, go_on: str) -> int:
    """A run after its number of records was confirmed; ctrl+c ends it after the writes under way. Returns the exit code."""
    from reconcile_tui.steps.connect import systems

    number = confirm if confirm is not None else _ask(records)
    stop_asked: list[bool] = []

    async def run() -> RunReport:
        def on_interrupt() -> None:
            stop_asked.append(True)
            say("Stopping after the current write. Press ctrl+c again to end at once (resumable).")
            loop.remove_signal_handler(signal.SIGINT)

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, on_interrupt)
        async with systems(workspace, prompt=say) as opened:
            with ProgressLines() as progress:
                return await work(workspace, opened, number, Progressing(progress, lambda: bool(stop_asked)))

    report = asyncio.run(run())
    if as_json:
        out_json(report.as_json())
    else:
        out(report.text())
    if stop_asked and report.left:
        say(f"Stopped on request. Go on with: {go_on}")
    return report.exit_code


def _ask(records: int) -> int:
    if not sys.stdin.isatty():
        raise UsageError(
            f"This plan touches {records} records; without a terminal the number must be given.",
            kept="Nothing was sent.",
            todo=f"Run the same command with --confirm {records}.",
        )
    typed = click.prompt("Type the number of records to write to (anything else cancels)", default="", show_default=False, err=True)
    return int(typed) if typed.strip().isdigit() else -1


@click.command()
@click.argument("run", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def verify(options: Options, run: int | None, as_json: bool) -> int:
    """Read back what a run wrote (default: the last one) and compare it with the plan."""
    from reconcile_tui.steps import verify as step
    from reconcile_tui.steps.connect import systems

    async def work(workspace: Workspace) -> Any:
        async with systems(workspace, prompt=say) as opened:
            with ProgressLines() as progress:
                return await step.verify(workspace, run, opened, progress=progress)

    with Workspace.open(options.folder) as workspace:
        report = asyncio.run(work(workspace))
    if as_json:
        out_json(report.as_json())
    else:
        out(report.text())
    return 0 if report.as_planned else 1


@click.command()
@click.argument("run", type=int)
@click.option("--confirm", type=int, help="The number of records to write to.")
@click.option("--dry-run", is_flag=True, help="Say what can be taken back and what can't; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def undo(options: Options, run: int, confirm: int | None, dry_run: bool, as_json: bool) -> int:
    """Take back what a run wrote, as far as the systems allow."""
    from reconcile_tui.steps import undo as step

    with Workspace.open(options.folder) as workspace:
        preview = step.preview(workspace, run)
        if dry_run:
            if as_json:
                out_json(preview.as_json())
            else:
                out(preview.text())
            return 0
        say(preview.text())

        async def work(workspace: Workspace, opened: Systems, number: int, how: Progressing) -> RunReport:
            return await step.undo(workspace, run, opened, confirm=number, progress=how.progress, stop=how.stop)

        return _carried_out(workspace, preview.records, confirm, work, as_json, f"reconcile-tui undo {run}")


@click.command()
@click.argument("run", type=int, required=False)
@click.option("-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="CSV if the name ends in .csv, else JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines on stdout.")
@click.pass_obj
def audit(options: Options, run: int | None, output: Path | None, as_json: bool) -> None:
    """Every value a run has written (default: the last apply): when, by whom, from which decision, before, after, request id."""
    from reconcile_tui.steps.audit import audit as step
    from reconcile_tui.stewardship.tables import save_audit

    with Workspace.open(options.folder, "read") as workspace:
        rows = step(workspace, run)
        if output:
            say(f"{save_audit(rows, output):,} written values in {output}.")
        elif as_json:
            for row in rows:
                out_json(row, line=True)
        else:
            out(table(["no", "at", "system", "record", "column", "before", "after", "decision", "request"], map(_told, rows), longest=28))


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    record, column = f"{row['table']} {row['id']}", row["column"] or row["kind"]
    return row["seq"], row["at"], row["system"], record, column, row["before"], row["after"], row["decision"], row["request_id"]
