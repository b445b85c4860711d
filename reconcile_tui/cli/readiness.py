"""`check`, `accept`, `questions`, `answer`, `report`, `policy`: from findings to the sign-off."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, say, table
from reconcile_tui.display import safe_text
from reconcile_tui.errors import UsageError
from reconcile_tui.workspace import Workspace


@click.command()
@click.option("--fail-on", type=click.Choice(["blocker", "high", "medium", "never"]), default="blocker", show_default=True)
@click.option("--only", multiple=True, metavar="ID", help="Only these checks.")
@click.option("--answered", is_flag=True, help="Exit 1 as well while a question of the questionnaire has no answer.")
@click.option("--rows", type=click.IntRange(min=0), default=3, show_default=True, help="Rows shown per finding.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def check(options: Options, fail_on: str, only: tuple[str, ...], answered: bool, rows: int, as_json: bool) -> int:
    """Readiness findings by id; exit 1 when one at that severity or above is open and not accepted, or can't be computed."""
    from reconcile_tui.steps import check as step

    with Workspace.open(options.folder) as workspace, ProgressLines() as progress:
        readiness = step.check(workspace, only=only or None, progress=progress)
    if as_json:
        out_json(readiness.as_json())
    else:
        out(readiness.text(rows=rows))
    return 1 if readiness.fails(fail_on) or (answered and readiness.open_questions) else 0


@click.command()
@click.argument("check_id", metavar="CHECK")
@click.option("--reason", default="", help="Why this is all right; kept with your name and the time.")
@click.option("--withdraw", is_flag=True, help="Take an acceptance back.")
@click.option("--json", "as_json", is_flag=True, help="The acceptance as JSON.")
@click.pass_obj
def accept(options: Options, check_id: str, reason: str, withdraw: bool, as_json: bool) -> None:
    """Accept the findings of a CHECK by name; it counts as long as they do not grow."""
    from reconcile_tui.steps import check as step

    with Workspace.open(options.folder) as workspace:
        if withdraw:
            step.withdraw(workspace, check_id, reason)
            out(f"{check_id.upper()}: its findings are open again.")
            return
        accepted = step.accept(workspace, check_id, reason)
    if as_json:
        out_json({"check": accepted.check, "count": accepted.count, "reason": accepted.reason})
    else:
        out(f"{accepted.check}: {accepted.count} findings accepted.")


@click.command()
@click.option("--open", "only_open", is_flag=True, help="Only those nobody has answered.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def questions(options: Options, only_open: bool, as_json: bool) -> None:
    """The questionnaire: what no data can tell (settings of the connector, deletions, consent), with the answers given so far."""
    from reconcile_tui.steps import questionnaire as step

    with Workspace.open(options.folder, "read") as workspace:
        asked = [one for one in step.questions(workspace) if not (only_open and one.answer)]
    if as_json:
        out_json({"questions": [one.as_json() for one in asked], "open": sum(not one.answer for one in asked)})
        return
    for one in asked:
        told = f"{safe_text(one.answer)}{f'  ({safe_text(one.author)}, {one.at[:10]})' if one.author else ''}" if one.answer else "open"
        out(f"{one.id:<4}{one.question.severity:<8}{one.question.title}\n      {one.question.text}\n      -> {told}\n")
    say(f"{sum(not one.answer for one in asked)} of {len(asked)} are open. Answer with: reconcile-tui answer ID ANSWER")


@click.command()
@click.argument("question", required=False)
@click.argument("text", metavar="ANSWER", required=False)
@click.option("--json", "as_json", is_flag=True, help="The question with its answer as JSON.")
@click.pass_obj
def answer(options: Options, question: str | None, text: str | None, as_json: bool) -> None:
    """Answer a QUESTION of the questionnaire; kept with your name and the time, the newest answer stands.

    Without ANSWER it is asked for; without QUESTION all open ones are asked, one after another (empty: skip).
    """
    from reconcile_tui.steps import questionnaire as step

    with Workspace.open(options.folder) as workspace:
        if question is None:
            answer_all(workspace)
            return
        kept = step.answer(workspace, question, text if text is not None else typed("Answer"))
    if as_json:
        out_json(kept.as_json())
    else:
        out(f"{kept.id}: {safe_text(kept.answer)}")


def typed(prompt: str, *, may_be_empty: bool = False) -> str:
    """A line from the terminal. Raises UsageError when there is none."""
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask on.", todo='Give question and answer: reconcile-tui answer L5 "nothing is deleted".')
    return str(click.prompt(prompt, default="" if may_be_empty else None, show_default=False, err=True))


def answer_all(workspace: Workspace) -> None:
    """Ask every open question on the terminal."""
    from reconcile_tui.steps import questionnaire as step

    still = [one for one in step.questions(workspace) if not one.answer]
    for one in still:
        say(f"\n{one.id}  {one.question.text}")
        if text := typed("   ", may_be_empty=True).strip():
            step.answer(workspace, one.id, text)
    say("Every question has an answer." if not still else "")


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
