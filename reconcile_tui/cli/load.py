"""`pull` and `match`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, say, table
from reconcile_tui.display import safe_text
from reconcile_tui.workspace import Workspace

if TYPE_CHECKING:
    from reconcile_tui.steps.match import Matched


@click.command()
@click.option("--full", is_flag=True, help="Load everything again, not only the changes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def pull(options: Options, full: bool, as_json: bool) -> None:
    """Load both systems into the workspace; an interrupted pull goes on where it stopped."""
    from reconcile_tui.steps.connect import systems
    from reconcile_tui.steps.pull import missing_lines
    from reconcile_tui.steps.pull import pull as pull_step

    async def work() -> None:
        async with systems(workspace, prompt=say) as opened:
            with ProgressLines() as progress:
                pulled = await pull_step(workspace, opened, full=full, progress=progress)
        for line in missing_lines(pulled):
            say(f"! {line}")
        if as_json:
            out_json([{k: getattr(p, k) for k in p.__slots__} for p in pulled])
            return
        rows = [
            (p.system, p.table, "no such table" if p.absent else p.mode, p.records, p.changed, p.gone, "yes" if p.resumed else "")
            for p in pulled
        ]
        out(table(["system", "table", "pull", "records", "changed", "gone", "resumed"], rows))
        say("Next: reconcile-tui match")

    with Workspace.open(options.folder) as workspace:
        asyncio.run(work())


@click.command()
@click.option("--export", type=click.Path(path_type=Path, dir_okay=False), help="Write all pairs to a .csv, .parquet or .jsonl file.")
@click.option("--suggest", is_flag=True, help="Suggest blocking keys from the data, without matching.")
@click.option("--full", is_flag=True, help="Match everything again and train the model anew, not only what has changed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def match(options: Options, export: Path | None, suggest: bool, full: bool, as_json: bool) -> None:
    """Find who is the same person: pairs with their evidence, groups to review."""
    from reconcile_tui.steps import match as step

    with Workspace.open(options.folder) as workspace:
        if suggest:
            suggestions = step.suggest(workspace)
            if as_json:
                out_json(suggestions)
            else:
                for record_type, rules in suggestions.items():
                    out(f"{record_type}:")
                    rows = [(" + ".join(r["key"]), r["pairs"], r["probable"], r["new"]) for r in rules]
                    out(table(["blocking key", "pairs", "probable ones", "no earlier key brings"], rows))
            return
        if export:
            step.check(export)
        with ProgressLines() as progress:
            matched = step.match(workspace, full=full, progress=progress)
        if export:
            count = step.export(workspace, export)
            say(f"{count:,} pairs written to {export}.")
        if as_json:
            out_json([m.as_json() for m in matched])
            return
        for m in matched:
            out(f"{m.record_type}: {m.records:,} records, {m.pairs:,} pairs, {m.groups:,} groups")
            out(f"  {_mode(m)}")
            for klass, number in m.classes.items():
                out(f"  {klass:<16}{number:>8,}")
            for note in [*m.notes, *_learning(m.learning)]:
                out(f"  note: {safe_text(note)}")
    say("Next: reconcile-tui simulate, or reconcile-tui to review on the screens")


def _mode(m: Matched) -> str:
    """What was looked at, in a line."""
    if m.mode == "none":
        return "nothing has changed since the last run"
    if m.mode == "changes":
        return f"{m.changed:,} records have changed since the last run; {m.looked_at:,} were looked at again ({m.seconds:.1f} s)"
    return f"everything was matched: {m.reason} ({m.seconds:.1f} s)"


def _learning(report: dict[str, Any]) -> list[str]:
    """Whether judgements have re-weighed the model."""
    count = report.get("judgements", 0)
    if not count:
        return []
    if "held_back_before" not in report:
        return [f"{count:,} judgements so far. {report.get('why', '')}"]
    before, after = report["held_back_before"], report["held_back_after"]
    verdict = "the re-weighed model is used" if report["used"] else "the model stays as trained"
    return [f"learnt from {count:,} judgements: error on held-back ones {before:.3f} bits before, {after:.3f} after; {verdict}"]
