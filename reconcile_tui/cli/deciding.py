"""What `decide` was asked for, carried out: one act per function, all through the decide step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reconcile_tui.cli.text import say
from reconcile_tui.display import safe_text
from reconcile_tui.errors import UsageError
from reconcile_tui.model import Decision, Ref
from reconcile_tui.steps import decide as step
from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Done:
    """What happened, for a program and for a person."""

    document: dict[str, Any]
    text: str
    exit_code: int = 0


def carry_out(workspace: Workspace, group: str | None, outcome: str | None, **how: Any) -> Done:
    """Carry out one call of `decide`. Raises UsageError, DecisionRefused."""
    if how["take_back"] or how["redo"]:
        return _back_or_forth(workspace, redo=how["redo"])
    if how["reopen"]:
        return _reopen(workspace, group)
    if how["export_to"] or how["import_from"]:
        return _transfer(workspace, how["export_to"], how["import_from"])
    if how["auto"]:
        return _auto(workspace, how["auto"], dry_run=how["dry_run"], confirm=how["confirm"], note=how["note"])
    if not group:
        raise UsageError("Which group?", todo="reconcile-tui decide GROUP OUTCOME; reconcile-tui groups lists the groups.")
    with workspace.transaction():
        made = _details(workspace, group, how)
        if outcome:
            made.append(_outcome(workspace, group, outcome, how))
        elif how["note"] and not made:
            made.append(step.note(workspace, group, how["note"]))
    if not made:
        raise UsageError(
            "What is decided?", todo="Give an outcome (merge, link …), --add, --survivor, --set, --take, --rule, --apart or --note."
        )
    return _told(made)


def _told(made: list[Decision]) -> Done:
    documents = [{"seq": d.seq, "group": d.group, "kind": d.kind, "payload": dict(d.payload), "note": d.note} for d in made]
    words = [f"{d.seq}: {d.group} {d.kind} {d.payload.get('outcome') or d.payload.get('field') or ''}".rstrip() for d in made]
    return Done({"decisions": documents}, safe_text("\n".join(words)).replace("⏎", "\n") + "\nreconcile-tui decide --undo takes it back.")


def _details(workspace: Workspace, group: str, how: dict[str, Any]) -> list[Decision]:
    """Additions, who is who, survivors and values come before the outcome, so that the outcome is judged with them."""
    note = how["note"]
    made = [step.add(workspace, group, _ref(text), note=note) for text in how["added"]]
    made += [step.split(workspace, group, _refs(text), note=note) for text in how["apart"]]
    if how["joined"]:
        made.append(step.join(workspace, group, [_ref(text) for text in how["joined"]], note=note))
    made += [step.set_survivor(workspace, group, _ref(text), note=note) for text in how["survivor"]]
    person = _ref(how["person_meant"]) if how["person_meant"] else None
    for field, value in _values(how):
        said = {"person": person, "allow_weaker_consent": how["allow_weaker_consent"], "note": note}
        made.append(step.set_value(workspace, group, field, **value, **said))
    return made


def _values(how: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each field that gets a value, and where the value comes from."""
    for text in how["takes"]:
        field, ref = _split(text, "--take FIELD=REF")
        yield field, {"ref": _ref(ref)}
    for text in how["values"]:
        field, value = _split(text, "--set FIELD=VALUE")
        yield field, {"value": value or None}
    for text in how["rules"]:
        field, rule = _split(text, "--rule FIELD=RULE")
        yield field, {"rule": rule}


def _outcome(workspace: Workspace, group: str, outcome: str, how: dict[str, Any]) -> Decision:
    return step.decide(
        workspace,
        group,
        outcome,  # type: ignore[arg-type]  # an unknown one is refused with the known ones named
        people=[_refs(text) for text in how["person"]],
        owner=_ref(how["owner"]) if how["owner"] else None,
        address=how["address"],
        remedies={_ref(ref): remedy for ref, remedy in (_split(text, "--remedy REF=REMEDY") for text in how["remedy"])},
        refs=[_ref(text) for text in how["excluded"]],
        direction=_direction(workspace, how["direction"]),
        lead=how["lead"],
        relink=how["relink"],
        note=how["note"],
    )


def _direction(workspace: Workspace, text: str) -> str:
    names = {workspace.project.direction_name("forward"): "forward", workspace.project.direction_name("backward"): "backward"}
    known = {"both": "both", "forward": "forward", "backward": "backward", **names}
    if text not in known:
        raise UsageError(f"There is no direction {text!r}.", todo=f"Known: both, {', '.join(names)}.")
    return known[text]


def _back_or_forth(workspace: Workspace, *, redo: bool) -> Done:
    decision = step.redo(workspace) if redo else step.undo(workspace)
    if decision is None:
        return Done({"decision": None}, "There is nothing to redo." if redo else "There is nothing to undo.", 1)
    word = "back in force" if redo else "taken back"
    what = f"Decision {decision.seq} ({decision.kind} of {decision.group}) is {word}."
    if "bulk" in decision.payload:
        what = f"The bulk decision with decision {decision.seq} ({decision.note}) is {word} as a whole."
    return Done({"decision": decision.seq, "group": decision.group, "bulk": decision.payload.get("bulk", "")}, what)


def _auto(workspace: Workspace, klass: str, *, dry_run: bool, confirm: int | None, note: str) -> Done:
    if confirm is None and not dry_run and sys.stdin.isatty():
        confirm = _typed(step.auto(workspace, klass, dry_run=True), klass)
    done = step.auto(workspace, klass, dry_run=dry_run, confirm=confirm, note=note)
    document = {
        "class": klass, "count": done.count, "dry_run": dry_run, "sample": list(done.sample),
        "left": [{"group": group, "reason": reason} for group, reason in done.left],
    }  # fmt: skip
    word = "would be accepted" if dry_run else "accepted"
    lines = [f"{done.count:,} {klass} groups {word}; {len(done.left):,} are left to a person."]
    if dry_run and done.count:
        lines.append(f"Sample: {' '.join(done.sample)}. reconcile-tui decide --auto {klass} --confirm {done.count} accepts them.")
    lines += [f"  {group}: {safe_text(reason)}" for group, reason in done.left[:10]]
    return Done(document, "\n".join(lines))


def _reopen(workspace: Workspace, group: str | None) -> Done:
    if not group:
        raise UsageError("Which group?", todo="reconcile-tui decide GROUP --reopen")
    decision = step.reopen(workspace, group)
    return Done(
        {"decision": decision.seq, "group": group}, f"Group {safe_text(group)} is open again; decision {decision.seq} is taken back."
    )


def _typed(preview: step.Auto, klass: str) -> int:
    """The number of groups, typed by a person who has seen how many and which they are."""
    say(f"{preview.count:,} {klass} groups would be accepted as shown, e.g. {' '.join(preview.sample)}; {len(preview.left):,} are left.")
    typed = click.prompt("Type the number of groups to accept (anything else cancels)", default="", show_default=False, err=True)
    return int(typed) if typed.strip().isdigit() else -1


def _transfer(workspace: Workspace, target: Path | None, source: Path | None) -> Done:
    if target:
        lines = list(step.export_decisions(workspace))
        target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return Done({"exported": len(lines), "file": str(target)}, f"{len(lines):,} decisions written to {target}.")
    assert source is not None  # noqa: S101 - one of the two was given
    with source.open(encoding="utf-8") as file:
        done = step.import_decisions(workspace, file)
    conflicts = [{"line": line, "reason": reason} for line, reason in done.conflicts]
    text = [f"{done.taken:,} decisions taken over, {done.already:,} were here already, {len(conflicts):,} conflicts."]
    text += [f"  line {line}: {safe_text(reason)}" for line, reason in done.conflicts]
    return Done({"taken": done.taken, "already": done.already, "conflicts": conflicts}, "\n".join(text), 1 if conflicts else 0)


def _ref(text: str) -> Ref:
    try:
        return Ref.parse(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no record.", todo="A record is written as system/table/id, e.g. hubspot/contacts/501.") from error


def _refs(text: str) -> list[Ref]:
    return [_ref(part) for part in text.split(",")]


def _split(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} can't be understood.", todo=f"Write it as {form}.")
    return name, value
