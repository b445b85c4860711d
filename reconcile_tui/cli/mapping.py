"""`mapping`, `edit`, `eligible`: the field map with its facts, and changes of it and of who may leave, kept in the project file."""

from __future__ import annotations

import json
from typing import Any

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, say, table
from reconcile_tui.errors import UsageError
from reconcile_tui.workspace import Workspace

_ARROWS = {"both": "<->", "forward": "->", "backward": "<-", "none": "."}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def mapping(options: Options, as_json: bool) -> None:
    """The field map: direction, transform, how full both sides are, in how many formats, how often they agree; and who may leave."""
    from reconcile_tui.steps import mapping as step

    with Workspace.open(options.folder, "read") as workspace, ProgressLines() as progress:
        found = step.overview(workspace, progress).as_json()
    if as_json:
        out_json(found)
        return
    lines = [
        (e["system"], e["table"], f"{e['eligible']:,} of {e['records']:,}", e["predicate"] or "every active record")
        for e in found["eligible"]
    ]
    out(table(["from", "table", "may leave", "if"], lines, longest=70))
    head = ["field", "filled", "formats", "", "filled", "formats", "agree", "transform", "blank", "which value wins", "verdict"]
    out("\n" + table(head, [_field(field) for field in found["fields"]]))


def _field(field: dict[str, Any]) -> list[str]:
    sides = [part for side in field["sides"] for part in (_share(side["fill_rate"], side["columns"]), str(side["notations"] or ""))]
    sides += [""] * (4 - len(sides))
    agreement = f"{field['agreement']:.0%}" if field["agreement"] is not None else ""
    rest = [agreement, field["transform"], field["blank"], field["survivorship"], field["verdict"].replace("_", " ")]
    return [field["field"], *sides[:2], _ARROWS[field["direction"]], *sides[2:], *rest]


def _share(rate: float, columns: list[str]) -> str:
    return f"{rate:.0%}" if columns else "not mapped"


@click.command()
@click.argument("field")
@click.option("--record-type", help="Which record type's (needed where several have the field).")
@click.option("--direction", help="both, none, or dynamics_to_hubspot and the like.")
@click.option("--transform", help='A name, or JSON: {"choice": {"1": "any"}}, ["visible", "trim"].')
@click.option("--blank", type=click.Choice(["propagate", "ignore", "profile"]))
@click.option("--survivorship", help="The rule for the golden value; see docs or `mapping`.")
@click.option("--create-only/--always", default=None, help="Set when a record is created, and never again.")
@click.pass_obj
def edit(options: Options, /, field: str, record_type: str | None, transform: str | None, **changes: Any) -> None:
    """Change settings of a FIELD in reconcile.toml; comments and order are kept. Nothing is changed when the result is not valid."""
    from reconcile_tui.steps import project_edits as step

    named = {name: value for name, value in changes.items() if value is not None}
    if transform is not None:
        named["transform"] = _transform(transform)
    if not named:
        raise UsageError("Nothing to change was named.", todo="E.g. reconcile-tui edit phone --blank ignore")
    with Workspace.open(options.folder) as workspace:
        step.edit(workspace, record_type or _record_type(workspace, field), field, **named)
    out(f"{field}: {', '.join(named)} changed in reconcile.toml.")
    say("Match and simulate again: what was computed before was computed with the old map.")


def _transform(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in '{["' else text
    except json.JSONDecodeError as error:
        raise UsageError(f"--transform is not valid JSON: {error}.", todo="E.g. --transform '{\"cut\": 50}'") from error


def _record_type(workspace: Workspace, field: str) -> str:
    holding = [name for name, rt in workspace.project.record_types.items() if any(f.name == field for f in rt.fields)]
    if len(holding) != 1:
        known = sorted({f.name for rt in workspace.project.record_types.values() for f in rt.fields})
        todo = "Name one with --record-type." if holding else f"Known: {', '.join(known)}."
        raise UsageError(f"{'Several record types have' if holding else 'There is no'} field {field!r}.", todo=todo)
    return holding[0]


@click.command()
@click.argument("system")
@click.argument("table_name", metavar="TABLE")
@click.argument("predicate")
@click.pass_obj
def eligible(options: Options, system: str, table_name: str, predicate: str) -> None:
    """Keep another PREDICATE for who may leave a table in reconcile.toml. `simulate --eligible` tries one before."""
    from reconcile_tui.steps import project_edits as step

    with Workspace.open(options.folder) as workspace:
        if (system, table_name) not in workspace.project.tables():
            known = ", ".join(f"{s} {t}" for s, t in workspace.project.tables())
            raise UsageError(f"{system} {table_name} is no table of this project.", todo=f"Known: {known}.")
        record_type = workspace.project.record_type_of(system, table_name)
        step.set_eligible(workspace, record_type.name, system, predicate, table=table_name)
    out(f"{system} {table_name}: {predicate or 'every active record'}")
    say("Kept in reconcile.toml. Match and simulate again: what was computed before was computed with the old rule.")
