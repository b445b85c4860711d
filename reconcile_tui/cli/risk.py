"""`simulate`, `check`, `accept`, `report`, `policy`: what would go wrong, and the sign-off."""

from __future__ import annotations

from pathlib import Path

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, say, table
from reconcile_tui.workspace import Workspace


@click.command()
@click.option("--profile", help="A sync profile other than the project's (preset name).")
@click.option("--diff", "other", help="Compare with a second profile.")
@click.option("--after-plan", is_flag=True, help="Launch after cleaning: the decisions made so far applied.")
@click.option("--group", help="Only the collision groups of this review group, with every step.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Groups shown as text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def simulate(
    options: Options, profile: str | None, other: str | None, after_plan: bool, group: str | None, limit: int, as_json: bool
) -> None:
    """Forecast what the sync would overwrite: certain, or depending on the order in which records are saved."""
    from reconcile_tui.steps import simulate as step

    with Workspace.open(options.folder) as workspace:
        with ProgressLines() as progress:
            if other:
                difference = step.difference(workspace, profile, other, after_plan=after_plan, progress=progress)
                if as_json:
                    out_json(difference.as_json())
                else:
                    out(difference.text())
                return
            forecast = step.simulate(workspace, profile=profile, after_plan=after_plan, group=group, progress=progress)
        if as_json:
            out_json(forecast.as_json())
            return
        out(forecast.text(limit=limit, witness=group is not None))
        if not group and forecast.groups:
            say("reconcile-tui simulate --group GROUP tells a group's story step by step.")


@click.command()
@click.option("--fail-on", type=click.Choice(["blocker", "high", "medium", "never"]), default="blocker", show_default=True)
@click.option("--only", multiple=True, metavar="ID", help="Only these checks.")
@click.option("--rows", type=click.IntRange(min=0), default=3, show_default=True, help="Rows shown per finding.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def check(options: Options, fail_on: str, only: tuple[str, ...], rows: int, as_json: bool) -> int:
    """Readiness findings by id; exit 1 when one at that severity or above is open and not accepted."""
    from reconcile_tui.steps import check as step

    with Workspace.open(options.folder) as workspace, ProgressLines() as progress:
        readiness = step.check(workspace, only=only or None, progress=progress)
    if as_json:
        out_json(readiness.as_json())
    else:
        out(readiness.text(rows=rows))
    return 1 if readiness.fails(fail_on) else 0


@click.command()
@click.argument("check_id", metavar="CHECK")
@click.option("--reason", required=True, help="Why this is all right; kept with your name and the time.")
@click.pass_obj
def accept(options: Options, check_id: str, reason: str) -> None:
    """Accept the findings of a CHECK by name; it counts as long as they do not grow."""
    from reconcile_tui.steps import check as step

    with Workspace.open(options.folder) as workspace:
        accepted = step.accept(workspace, check_id, reason)
    out(f"{accepted.check}: {accepted.count} findings accepted.")


@click.command()
@click.option("-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="A .html, .md or .json file (default: report.html).")
@click.pass_obj
def report(options: Options, output: Path | None) -> None:
    """The sign-off report: one self-contained page."""
    from reconcile_tui.steps import report as step

    target = output or options.folder / "report.html"
    with Workspace.open(options.folder) as workspace:
        step.write(workspace, target)
    out(str(target))


@click.command()
@click.option("-o", "output", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write to.")
@click.pass_obj
def policy(options: Options, output: Path) -> None:
    """Duplicate rules, keys, filters, field-map sheet, questionnaire and playbook as files."""
    from reconcile_tui.steps import policy as step

    with Workspace.open(options.folder) as workspace:
        files = step.write(workspace, output)
    out(table(["file", "what"], [(f.name, what) for f, what in files], longest=70))
    say("Nothing was sent to any system.")
