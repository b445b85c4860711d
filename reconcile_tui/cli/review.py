"""`groups`, `show`, `decide`, `history`: the whole review as plain commands."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import out, out_json, say, table
from reconcile_tui.display import safe_text
from reconcile_tui.errors import UsageError
from reconcile_tui.model import Decision, Group, Record
from reconcile_tui.workspace import Workspace
from reconcile_tui.workspace.matches import CLASSES, ORDERS, STATES, Filter


@click.command()
@click.option("--class", "klass", type=click.Choice(CLASSES), help="Groups of this class.")
@click.option("--state", type=click.Choice(STATES), help="Groups in this state; todo is what is left.")
@click.option("--system", help="Groups with a record of this system.")
@click.option("--field", help="Groups in which this field differs.")
@click.option("--text", help="Groups whose title contains this.")
@click.option("--min-score", type=float)
@click.option("--max-score", type=float)
@click.option("--order", type=click.Choice(list(ORDERS)), default="value", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--all", "everything", is_flag=True, help="No limit.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines on stdout.")
@click.pass_obj
def groups(options: Options, /, order: str, limit: int, everything: bool, as_json: bool, **filters: Any) -> None:
    """The queue, with filters and order."""
    with Workspace.open(options.folder, "read") as workspace:
        _known("system", filters["system"], workspace.project.systems)
        _known("field", filters["field"], [field.name for kind in workspace.project.record_types.values() for field in kind.fields])
        chosen = Filter(**filters)
        rows = workspace.matches.page(chosen, order, limit=1 << 40 if everything else limit)
        if as_json:
            for row in rows:
                refs = workspace.records.refs(workspace.matches.members(row.id)).values()
                document = {
                    "group": row.id, "class": row.klass, "state": row.state, "outcome": row.outcome, "score": row.score,
                    "records": [ref.as_json() for ref in refs], "differs": list(row.differs),
                    "cells_at_risk": row.cells_at_risk, "title": row.title, "assignee": row.assignee,
                }  # fmt: skip
                out_json(document, line=True)
            return
        head = ["group", "score", "class", "state", "records", "at risk", "who", "differs"]
        out(table(head, [
            (r.id, f"{r.score:.2f}", r.klass, r.outcome or r.state, r.systems, r.cells_at_risk, r.title, " ".join(r.differs)) for r in rows
        ]))  # fmt: skip
        say(f"{len(rows):,} of {workspace.matches.count(chosen):,} groups. reconcile-tui show GROUP opens one.")


def _known(what: str, name: str | None, names: Collection[str]) -> None:
    """Raises UsageError for a name that nothing has: an empty list would look like an answer."""
    if name is not None and name not in names:
        raise UsageError(f"There is no {what} {name!r}.", todo=f"Known: {', '.join(dict.fromkeys(names))}.")


@click.command()
@click.argument("group")
@click.option("--all", "everything", is_flag=True, help="Also the fields that are the same everywhere.")
@click.option("--history", "field", metavar="FIELD", help="Instead: who changed this field, as HubSpot tells it now for each record.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def show(options: Options, group: str, everything: bool, field: str | None, as_json: bool) -> None:
    """One group: its records side by side and what would become of them."""
    from reconcile_tui.steps import decide as step

    with Workspace.open(options.folder, "read") as workspace:
        if field is not None:
            from reconcile_tui.cli import changes as told

            told.tell(workspace, group, field, as_json=as_json)
            return
        found = _group(workspace, group)
        records = workspace.records.load(found.keys)
        resolution = step.resolution(workspace, group)
        changes = step.difference(workspace, group)
        if as_json:
            out_json(
                {
                    "group": found.id, "class": found.klass, "state": found.state, "score": found.score,
                    "cells_at_risk": found.cells_at_risk,
                    "records": [
                        {**r.ref.as_json(), "active": r.active, "modified": r.modified_at, "modified_by": r.modified_by,
                         "eligible": r.eligible, "values": dict(r.values)}
                        for r in records
                    ],
                    "resolution": resolution.as_json(), "changed_since": [change.as_json() for change in changes],
                }
            )  # fmt: skip
            return
        row = workspace.matches.row(group)
        state = row.state if row else found.state
        out(f"Group {found.id}: {len(records)} records, {found.klass}, score {found.score:.2f}, {state}, at risk {found.cells_at_risk}")
        for number, entity in enumerate(resolution.entities, 1):
            if len(resolution.entities) > 1:
                out(f"\nPerson {number} of {len(resolution.entities)}")
            _show_entity(workspace, entity, [r for r in records if r.ref in entity.members], everything)
        for problem in resolution.problems:
            out(f"! {safe_text(str(problem))}")
        if changes:
            out("\nDecided, changed since:")
            rows = [(f"{c.ref.system} {c.ref.table} {c.ref.id[:8]}", c.field, c.decided_on or "∅", c.now or "∅") for c in changes]
            out(table(["record", "field", "decided on", "now"], rows))
        out("\nNotation: = same as RESULT, ≠ differs, ∅ empty, * survivor of its system")


def _show_entity(workspace: Workspace, entity: Any, records: list[Any], everything: bool) -> None:
    survivors = set(entity.survivors.values())
    heads = [f"{r.ref.system} {r.ref.table} {r.ref.id[:8]}{' *' if r.ref in survivors else ''}" for r in records]
    record_type = workspace.project.record_type_of(records[0].ref.system, records[0].ref.table)
    rows = []
    hidden = 0
    for field in record_type.fields:
        golden = entity.golden.get(field.name)
        result = golden.value if golden else None
        values = [r.values.get(field.name) for r in records]
        if not everything and all((v or None) == (result or None) for v in values):
            hidden += 1
            continue
        marks = ["∅" if not v else f"= {v}" if v == result else f"≠ {v}" for v in values]
        rows.append([field.label, result if result else "∅", *marks, golden.rule if golden else ""])
    rows.append(["last saved", "", *map(_last_saved, records), ""])
    out(table(["field", "RESULT", *heads, "rule"], rows, longest=30))
    if hidden:
        out(f"{hidden} fields are the same in all records (--all shows them)")


def _last_saved(record: Record) -> str:
    """The record's last change, which need not be that of any field shown."""
    if not record.modified_at:
        return "not told"
    return f"{record.modified_at[:10]} by {record.modified_by}" if record.modified_by else f"{record.modified_at[:10]}, by whom not told"


def _group(workspace: Workspace, group: str) -> Group:
    found = workspace.matches.group(group)
    if found is None:
        raise UsageError(f"There is no group {group!r}.", todo="reconcile-tui groups lists them.")
    return found


@click.command()
@click.argument("group", required=False)
@click.argument("outcome", required=False)
@click.option("--auto", metavar="CLASS", help="Accept all open groups of a class (identical) as shown.")
@click.option("--dry-run", is_flag=True, help="With --auto: only count, with a sample.")
@click.option("--confirm", type=int, help="With --auto: the number of groups the dry run named.")
@click.option("--add", "added", multiple=True, metavar="REF", help="A record that matching did not find: it joins the group.")
@click.option("--survivor", multiple=True, metavar="REF", help="The record that stays in its system (system/table/id).")
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", help="A value typed by hand; empty VALUE blanks it.")
@click.option("--take", "takes", multiple=True, metavar="FIELD=REF", help="A value taken from a record.")
@click.option("--rule", "rules", multiple=True, metavar="FIELD=RULE", help="A value by a survivorship rule; `default`: the project's own.")
@click.option("--for", "person_meant", metavar="REF", help="With --set, --take, --rule: the person meant, where a group has several.")
@click.option("--apart", multiple=True, metavar="REF,REF…", help="These records are one person, the others are not.")
@click.option("--join", "joined", multiple=True, metavar="REF", help="Put back together what --apart parted.")
@click.option("--owner", metavar="REF", help="shared_mailbox: who keeps the address.")
@click.option("--address", default="", help="shared_mailbox: the shared address, when the owner has several.")
@click.option("--remedy", multiple=True, metavar="REF=REMEDY[:VALUE]", help="shared_mailbox: alias:ADDRESS, secondary, blank or exclude.")
@click.option("--person", multiple=True, metavar="REF,REF…", help="split: the records of one person; give it once per person.")
@click.option("--exclude", "excluded", multiple=True, metavar="REF", help="exclude: which records (default: all).")
@click.option("--direction", default="both", show_default=True, help="exclude: out of which direction, e.g. dynamics_to_hubspot.")
@click.option(
    "--lead", type=click.Choice(["keep", "exclude", "qualify"]), default="keep", help="What becomes of a lead that is a contact too."
)
@click.option("--relink", is_flag=True, help="Links stored to records outside the group may be replaced.")
@click.option("--note", default="", help="A note kept with the decision.")
@click.option("--allow-weaker-consent", is_flag=True, help="Say explicitly that an opt-out may be dropped.")
@click.option("--undo", "take_back", is_flag=True, help="Take the last decision back.")
@click.option("--reopen", is_flag=True, help="Take the GROUP's decision back, wherever it stands in the log.")
@click.option("--redo", is_flag=True, help="Put back what was undone last.")
@click.option("--export", "export_to", type=click.Path(path_type=Path, dir_okay=False), help="Write all decisions as JSON lines.")
@click.option(
    "--import", "import_from", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Read decisions from another workspace."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def decide(options: Options, /, group: str | None, outcome: str | None, as_json: bool, **how: Any) -> int:
    """Decide a GROUP: merge, link, different, split, shared_mailbox, exclude, unsure or skip.

    With --auto identical all groups without a real difference are accepted; --undo takes the last decision back.
    """
    from reconcile_tui.cli import deciding

    with Workspace.open(options.folder) as workspace:
        result = deciding.carry_out(workspace, group, outcome, **how)
        if as_json:
            out_json(result.document)
        else:
            out(result.text)
    return result.exit_code


@click.command()
@click.argument("group", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="JSON lines on stdout.")
@click.pass_obj
def history(options: Options, group: str | None, limit: int, as_json: bool) -> None:
    """Every decision, newest first: who, when, what, and whether it is in force."""
    with Workspace.open(options.folder, "read") as workspace:
        undone = workspace.decisions.undone()
        log = workspace.decisions.log(group, limit=limit)
        if as_json:
            for d in log:
                out_json(
                    {"seq": d.seq, "at": d.at, "author": d.author, "group": d.group, "kind": d.kind, "payload": d.payload, "note": d.note,
                     "in_force": d.seq not in undone}, line=True,
                )  # fmt: skip
            return
        rows = [
            (d.seq, d.at, d.author, d.group, d.kind, _subject(d), "undone" if d.seq in undone else "", d.note)
            for d in log
        ]  # fmt: skip
        out(table(["no", "at", "who", "group", "kind", "what", "", "note"], rows))
        say(f"{len(log):,} entries.")


def _subject(decision: Decision) -> str:
    return str(decision.payload.get("outcome") or decision.payload.get("field") or decision.payload.get("of") or "")
