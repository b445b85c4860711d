"""`why`: the evidence for a group, or for any two records, as a waterfall of bits."""

from __future__ import annotations

from shutil import get_terminal_size
from typing import Any

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import out, out_json, say, table
from reconcile_tui.display import safe_text
from reconcile_tui.errors import UsageError
from reconcile_tui.model import Ref
from reconcile_tui.steps.matching.story import CLASSES, chance, name, story
from reconcile_tui.workspace import Workspace

_SHOWN = 3
"""Pairs beside the links that a group's text shows; `--all` shows the rest."""

_WIDE = 120
"""Columns of a terminal from which on bars and whole values have room."""
_APART = ("shared_mailbox", "collision")
"""Classes whose records are not taken for one person."""


@click.command()
@click.argument("group")
@click.argument("left", required=False)
@click.argument("right", required=False)
@click.option("--all", "everything", is_flag=True, help="Every pair of a large group, not only the links that hold it together.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines on stdout, one per pair.")
@click.pass_obj
def why(options: Options, group: str, left: str | None, right: str | None, everything: bool, as_json: bool) -> None:
    """The evidence: bits per field for the pairs of a GROUP, or for two records given as system/table/id.

    Bits are added up from what any two records start with to the pair's score: 0 bits is probability one half, 10 bits a thousand to one.
    """
    from reconcile_tui.steps import match as step

    with Workspace.open(options.folder, "read") as workspace:
        wanted = _records(group, left, right)
        pairs = step.why_records(workspace, *wanted) if wanted else step.why(workspace, _known(workspace, group))
        if as_json:
            for pair in pairs:
                out_json(pair, line=True)
        elif wanted:
            _tell(pairs[0])
        else:
            _tell_group(workspace, group, pairs, everything)


def _records(group: str, left: str | None, right: str | None) -> tuple[Ref, Ref] | None:
    """The two records asked about: `LEFT RIGHT`, with or without a group before them."""
    try:
        if left and right:
            return Ref.parse(left), Ref.parse(right)
        return (Ref.parse(group), Ref.parse(left)) if left else None
    except ValueError as error:
        raise UsageError("A record is written as system/table/id, e.g. hubspot/contacts/501.") from error


def _known(workspace: Workspace, group: str) -> str:
    if workspace.matches.group(group) is None:
        raise UsageError(f"There is no group {group!r}.", todo="reconcile-tui groups lists them; two records are given as system/table/id.")
    return group


def _tell_group(workspace: Workspace, group: str, pairs: list[dict[str, Any]], everything: bool) -> None:
    found = workspace.matches.group(group)
    klass = found.klass if found else ""
    told = story(pairs)
    out(f"Group {group}: {len(told.links) + 1} records, {klass}: {CLASSES.get(klass, '')}.")
    if len(told.links) > 1:
        out("The closest pairs among them:" if klass in _APART else "Joined by these links, the strongest first:")
        for link in told.links:
            out(f"  {link['score_bits']:+8.2f} bits  {_names(link)}")
    if (weakest := told.weakest) is not None and klass not in _APART and told.others:
        out(f"Weakest link: {_names(weakest)}, {chance(weakest['probability'])}.")
    out()
    others = told.others if everything else told.others[-_SHOWN:]
    for pair in [*told.links, *others]:
        _tell(pair)
    if hidden := len(told.others) - len(others):
        say(f"{hidden:,} other pairs are not shown (--all shows them).")


def _names(pair: dict[str, Any]) -> str:
    return f"{safe_text(name(pair['left']))}  ~  {safe_text(name(pair['right']))}"


def _tell(pair: dict[str, Any]) -> None:
    out(f"{_names(pair)}: {pair['score_bits']:+.2f} bits, {chance(pair['probability'])}")
    rows, silent, total = [], [], 0.0
    wide = get_terminal_size((140, 24)).columns >= _WIDE
    for field in pair["fields"]:
        total += field["bits"]
        if field["level"] == "missing":
            silent.append(field["field"])
            continue
        title = "to begin with" if field["field"] == "prior" else field["field"]
        bar = [_bar(field["bits"])] if wide else []
        rows.append((title, field["level"], f"{field['bits']:+.2f}", f"{total:+.2f}", *bar, field["left"], field["right"]))
    out(table(["field", "level", "bits", "sum", *([""] if wide else []), "left", "right"], rows, longest=34 if wide else 14))
    if silent:
        out(f"Not known on both sides, so it weighs nothing: {', '.join(silent)}.")
    if rule := pair.get("blocked_by"):
        out(f"Compared because of the same {safe_text(rule)}.")
    if note := pair.get("note"):
        out(safe_text(note))
    out()


def _bar(bits: float) -> str:
    return ("+" if bits >= 0 else "-") * min(12, round(abs(bits)))
