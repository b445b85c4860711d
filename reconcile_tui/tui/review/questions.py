"""Questions that some outcomes need: who owns a shared address, what becomes of a lead, which records to exclude and which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reconcile_tui.model import Ref
from reconcile_tui.tui.dialogs.ask import Ask
from reconcile_tui.tui.dialogs.choose import Choose, Option
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.review.view import Column, GroupView
from reconcile_tui.tui.words import record_name, system_name

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp

Then = Callable[[dict[str, Any]], None]

REMEDIES = (
    Option("move it aside", "a second address, where there is room", "secondary"),
    Option("blank it", "the record loses the address", "blank"),
    Option("an address of its own", "type an alias, e.g. info+rita@acme.test", "alias"),
    Option("exclude", "keeps the address, stays out of the sync", "exclude"),
)


def ask_mailbox(app: ReconcileApp, view: GroupView, then: Then) -> None:
    """Ask for the owner, then for a remedy for everybody else; nothing happens before the last answer."""
    options = [Option(_name(c), record_name(c.record.ref), str(n)) for n, c in enumerate(view.columns)]
    text = [
        Line().cell(shared := _shared(view), min(40, Line().value(shared).width), "strong").add(" is used by several people.", "dim"),
        Line("A sync by e-mail would confuse them. ", "dim").add("Who keeps the address?"),
    ]

    def owner(answer: str | None) -> None:
        if answer is not None:
            chosen = view.columns[int(answer)].record.ref
            others = [c for c in view.columns if c.record.ref != chosen and c.record.ref.system == chosen.system]
            _ask_remedy(app, others, {}, lambda remedies: then({"owner": chosen, "remedies": remedies}))

    app.ask(Choose("Shared mailbox", options, text), owner)


def _shared(view: GroupView) -> str:
    """The address that most of the records hold."""
    names = [field.name for field in view.record_type.fields_of_kind("email")]
    held = Counter(value for c in view.columns for name in names if (value := c.record.values.get(name)))
    return held.most_common(1)[0][0] if held else "One address"


def _ask_remedy(app: ReconcileApp, others: list[Column], found: dict[Ref, tuple[str, str]], then: Callable[[Any], None]) -> None:
    if not others:
        then(found)
        return
    column, rest = others[0], others[1:]

    def answered(answer: str | None) -> None:
        if answer == "alias":
            app.ask(Ask(f"An address for {_name(column)}", hint="name@example.com", check=_address), aliased)
        elif answer is not None:
            _ask_remedy(app, rest, {**found, column.record.ref: (answer, "")}, then)

    def aliased(value: str | None) -> None:
        if value:
            _ask_remedy(app, rest, {**found, column.record.ref: ("alias", value)}, then)

    text = [Line("What becomes of the address of ").value(_name(column), "strong").add("?"), Line(record_name(column.record.ref), "dim")]
    app.ask(Choose("Shared mailbox", REMEDIES, text), answered)


def _address(text: str) -> str:
    return "" if "@" in text.strip("@") else "That is no e-mail address."


def _name(column: Column) -> str:
    values = column.record.values
    return " ".join(v for v in (values.get("first_name"), values.get("last_name")) if v) or values.get("email") or column.record.ref.id


def ask_exclude(app: ReconcileApp, view: GroupView, selected: Column | None, then: Then) -> None:
    """Ask which records stay out of the sync, and in which direction."""
    project = app.workspace.project
    options = [Option("all records of this group", "in both directions", "all both")]
    if selected is not None:
        options.insert(0, Option(f"only {record_name(selected.record.ref)}", "in both directions", "one both"))
    if project.second is not None:
        first, second = system_name(project.first), system_name(project.second)
        options.append(Option(f"all, {first} → {second} only", "changes still come back", "all forward"))
        options.append(Option(f"all, {second} → {first} only", "changes still go out", "all backward"))

    def answered(answer: str | None) -> None:
        if answer is not None:
            which, direction = answer.split()
            refs = [selected.record.ref] if which == "one" and selected is not None else []
            then({"refs": refs, "direction": direction})

    app.ask(Choose("Exclude from the sync", options), answered)


def ask_lead(app: ReconcileApp, then: Then) -> None:
    """A lead and a contact are one person, and can't be merged: ask what becomes of the lead."""
    options = [
        Option("keep both", "both stay, linked to the HubSpot contact", "keep"),
        Option("exclude the lead", "it stays in Dynamics and out of the sync", "exclude"),
        Option("close it as qualified", "it has become the contact", "qualify"),
    ]
    text = [Line("A lead and a contact lie in different tables and can't be merged.", "dim"), Line("What becomes of the lead?")]
    app.ask(Choose("A lead that is also a contact", options, text), lambda answer: then({"lead": answer}) if answer else None)
