"""Another eligibility rule, tried before it is kept: who enters and leaves, and what the simulator says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile_tui.project import RecordType
from reconcile_tui.tui.dialogs.ask import Ask, told
from reconcile_tui.tui.dialogs.choose import Choose, Option
from reconcile_tui.tui.jobs import Job
from reconcile_tui.tui.mapping.editing import keep
from reconcile_tui.tui.words import system_name

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp

Place = tuple[RecordType, str, str]  # record type, system, table


def choose_table(app: ReconcileApp) -> None:
    """For which records?"""
    types = app.workspace.project.record_types.values()
    places: list[Place] = [(t, system, table) for t in types for system, tables in t.tables.items() for table in tables]
    options = [Option(f"{system_name(s)} {n}", _rule(t, s, n) or "every active record", str(i)) for i, (t, s, n) in enumerate(places)]

    def answered(answer: str | None) -> None:
        if answer is not None:
            ask_rule(app, places[int(answer)], _rule(*places[int(answer)]))

    app.ask(Choose("Another eligibility rule: for which records?", options), answered)


def _rule(record_type: RecordType, system: str, table: str) -> str:
    return record_type.eligible.get(system, {}).get(table, "")


def ask_rule(app: ReconcileApp, place: Place, rule: str) -> None:
    """Type a rule, and have it tried."""
    _, system, table = place

    def fits(text: str) -> str:
        return misfit(app.workspace, system, table, text)

    def typed(text: str | None) -> None:
        if text is not None:
            arguments = {"system": system, "table": table, "predicate": text}
            app.start(Job("what_if", "What if", arguments, on_end=lambda job: _tried(app, place, text, job)))

    from reconcile_tui.steps.project_edits import misfit

    text = told(("A SQL condition over the table's columns; empty: every active record. It is tried first, nothing is changed.", "dim"))
    keys = "enter tries it   esc leaves"
    app.ask(Ask(f"Who of {system_name(system)} {table} may travel?", text=text, value=rule, check=fits, keys=keys), typed)


def _tried(app: ReconcileApp, place: Place, rule: str, job: Job) -> None:
    if job.result is None:
        return
    record_type, system, table = place
    text = told(*job.result.splitlines())
    options = [
        Option("leave it", "nothing is changed", "leave"),
        Option("try another", "type the rule anew", "again"),
        Option("keep it", "write it into reconcile.toml", "keep"),
    ]

    def answered(answer: str | None) -> None:
        if answer == "again":
            ask_rule(app, place, rule)
        elif answer == "keep":
            from reconcile_tui.steps import project_edits

            change = lambda: project_edits.set_eligible(app.workspace, record_type.name, system, rule, table=table)  # noqa: E731
            keep(app, change, f"{system_name(system)} {table}: rule kept")

    app.ask(Choose(f"{system_name(system)} {table}: what if", options, text), answered)
