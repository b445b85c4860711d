"""`simulate`: what the sync would do."""

from __future__ import annotations

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, say
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
