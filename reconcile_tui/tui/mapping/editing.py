"""Changes of a field's settings, kept in the project file with its comments."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import ReconcileError
from reconcile_tui.project import MappedField, RecordType
from reconcile_tui.tui.dialogs.ask import Ask
from reconcile_tui.tui.dialogs.choose import Choose, Option
from reconcile_tui.tui.words import system_name

if TYPE_CHECKING:
    from reconcile_tui.project import Project
    from reconcile_tui.tui.app import ReconcileApp

Chosen = tuple[RecordType, MappedField]
OTHER = "\0other"


def keep(app: ReconcileApp, change: Callable[[], Project], told: str) -> None:
    """Change the project file and go on with what it says then; a change that is not valid changes nothing."""
    try:
        project = change()
    except ReconcileError as error:
        app.explain(error)
        return
    app.workspace.project = project
    app.workspace.records.forget()
    app.reader.follow(project)
    app.run_worker(app.helper.close(), exit_on_error=False)  # it had read the old file; the next question starts another
    app.changed()
    if app.work_screen is not None:
        app.work_screen.renew()
        app.work_screen.refresh_frame()
    app.tell(f"{told}; match (ctrl+n) and forecast (ctrl+f) again to see what that changes")


def set_field(app: ReconcileApp, chosen: Chosen, told: str, **changes: Any) -> None:
    """Change settings of one field."""
    from reconcile_tui.steps import project_edits

    record_type, field = chosen
    keep(app, lambda: project_edits.edit(app.workspace, record_type.name, field.name, **changes), f"{field.label}: {told}")


def choose_direction(app: ReconcileApp, chosen: Chosen) -> None:
    """Which way the field travels."""
    first, second = app.workspace.project.first, app.workspace.project.second or ""
    one, other = system_name(first), system_name(second)
    options = [
        Option("both ways", "whoever is saved last wins, unless the sync compares first", "both"),
        Option(f"{one} to {other}", f"{one} leads", f"{first}_to_{second}"),
        Option(f"{other} to {one}", f"{other} leads", f"{second}_to_{first}"),
        Option("does not travel", "kept for matching and golden values only", "none"),
    ]
    _choose(app, chosen, "direction", "Which way?", options)


def choose_blank(app: ReconcileApp, chosen: Chosen) -> None:
    """What an empty source does."""
    options = [
        Option("as the profile says", "the sync profile's own policy", "profile"),
        Option("ignored", "an empty value changes nothing", "ignore"),
        Option("copies", "an empty value empties the other side", "propagate"),
    ]
    _choose(app, chosen, "blank", "What does an empty value do?", options)


def choose_rule(app: ReconcileApp, chosen: Chosen) -> None:
    """Which value wins when records are merged."""
    from reconcile_tui.stewardship.survivorship import RULES

    systems = list(app.workspace.project.systems)
    named = [
        Option(f"{system_name(s)} is the system of record", "its value wins where it has one", f"system_of_record:{s}") for s in systems
    ]
    rules = [Option(rule.name.replace("_", " "), rule.summary, rule.name) for rule in RULES.values() if not rule.takes_argument]
    usual = Option("the usual rule", "the one for this kind of field", "")
    _choose(app, chosen, "survivorship", "Which value wins?", [usual, *rules, *named])


def choose_transform(app: ReconcileApp, chosen: Chosen) -> None:
    """What a value goes through on its way."""
    from reconcile_tui.transforms import MAKERS, REGISTRY

    made = [maker for maker in MAKERS.values() if not maker.optional]
    bare = [Option(t.name, t.summary, t.name) for t in REGISTRY.values()]
    bare += [Option(maker.name, maker.summary, maker.name) for maker in MAKERS.values() if maker.optional]
    typed = [Option("another, typed", f"with an argument: {', '.join(m.name for m in made)}; or several in a row", OTHER)]

    def answered(answer: str | None) -> None:
        if answer == OTHER:
            _type_transform(app, chosen)
        elif answer is not None:
            set_field(app, chosen, f"transform {answer}", transform=answer)

    app.ask(Choose(f"{chosen[1].label}: which transform?", [*bare, *typed]), answered)


def _type_transform(app: ReconcileApp, chosen: Chosen) -> None:
    def typed(text: str | None) -> None:
        if text:
            value = parsed(text)
            set_field(app, chosen, f"transform {text}", transform=value)

    hint = '{"cut": 50}, {"choice": {"1": "any"}}, ["visible", "trim"]'
    app.ask(Ask(f"{chosen[1].label}: transform as JSON", hint=hint, check=_unfit), typed)


def parsed(text: str) -> Any:
    """A transform as typed: JSON, or a name."""
    return json.loads(text) if text[:1] in '{["' else text


def _unfit(text: str) -> str:
    from reconcile_tui.transforms import build

    try:
        build(parsed(text))
    except json.JSONDecodeError as error:
        return f"That is not JSON: {error.msg}."
    except ReconcileError as error:
        return f"{error.what} {error.todo.partition('Known:')[0]}".strip()
    return ""


def _choose(app: ReconcileApp, chosen: Chosen, setting: str, question: str, options: list[Option]) -> None:
    def answered(answer: str | None) -> None:
        if answer is not None:
            label = next(option.label for option in options if option.value == answer)
            set_field(app, chosen, label, **{setting: answer or None})

    app.ask(Choose(f"{chosen[1].label}: {question}", options), answered)
