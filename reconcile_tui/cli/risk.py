"""`simulate`: what the sync would do."""

from __future__ import annotations

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, out_json_list, say
from reconcile_tui.errors import UsageError
from reconcile_tui.workspace import Workspace


@click.command()
@click.option("--profile", help="A sync profile other than the project's (preset name).")
@click.option("--diff", "other", help="Compare with a second profile.")
@click.option("--after-plan", is_flag=True, help="Launch after cleaning: the decisions made so far applied.")
@click.option("--group", help="Only the collision groups of this review group, with every step.")
@click.option(
    "--eligible",
    multiple=True,
    metavar="SYSTEM.TABLE=PREDICATE",
    help="Try another filter: who enters, leaves, leaks, collides, and what of it.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Groups told, most values at stake first (as text 20 by default, as JSON all).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def simulate(
    options: Options,
    profile: str | None,
    other: str | None,
    after_plan: bool,
    group: str | None,
    eligible: tuple[str, ...],
    limit: int | None,
    as_json: bool,
) -> None:
    """Forecast what the sync would overwrite: certain, or depending on the order in which records are saved."""
    from reconcile_tui.steps import simulate as step

    with Workspace.open(options.folder) as workspace:
        with ProgressLines() as progress:
            if eligible:
                _only(eligible=True, diff=other, after_plan=after_plan, group=group)
                tried = step.what_if(workspace, _predicates(workspace, eligible), profile=profile, progress=progress)
                out_json(tried.as_json()) if as_json else out(tried.text())
                return
            if other:
                difference = step.difference(workspace, profile, other, after_plan=after_plan, progress=progress)
                if as_json:
                    out_json(difference.as_json())
                else:
                    out(difference.text())
                return
            forecast = step.simulate(workspace, profile=profile, after_plan=after_plan, group=group, progress=progress)
            if as_json:
                told = forecast.groups_json(limit, progress)
                out_json_list({**forecast.head_json(), "problems": list(forecast.problems)}, "groups", told)
                return
        out(forecast.text(limit=limit or 20, witness=group is not None))
        if not group and forecast.groups:
            say("reconcile-tui simulate --group GROUP tells a group's story step by step.")


def _only(*, eligible: bool, **others: object) -> None:
    """What can't be asked together."""
    named = [name for name, value in others.items() if value]
    if eligible and named:
        flag = "--" + named[0].replace("_", "-")
        raise UsageError(f"--eligible and {flag} can't be asked together.", todo="Ask one after the other.")


def _predicates(workspace: Workspace, given: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """`system.table=predicate`, or `system=predicate` for all tables of a system."""
    found: dict[tuple[str, str], str] = {}
    for text in given:
        place, equals, predicate = text.partition("=")
        system, _, table = place.strip().partition(".")
        tables = [name for known, name in workspace.project.tables() if known == system and table in ("", name)]
        if not equals or not tables:
            listed = ", ".join(f"{s}.{t}" for s, t in workspace.project.tables())
            raise UsageError(f"--eligible {text!r} names no table.", todo=f"Write SYSTEM.TABLE=PREDICATE. Known: {listed}.")
        found |= {(system, name): predicate.strip() for name in tables}
    return found
