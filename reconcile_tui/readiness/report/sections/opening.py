"""The head of the page: the question, the verdict, four numbers."""

from __future__ import annotations

from html import escape

from reconcile_tui.readiness.check import SEVERITIES
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.readiness.report.content import Report
from reconcile_tui.readiness.report.markup import day, text, tile


def opening(report: Report) -> str:
    """What this page is about, and its answer."""
    ready = report.readiness.ready
    verdict = (
        f'<div class="verdict{" ready" if ready else ""}" role="status"><strong>{text(report.readiness.headline().split(":")[0])}</strong>'
    )
    first, second = (*report.systems, "", "")[:2]
    intro = (
        f"A two-way sync between {first} and {second} is to be switched on. It copies a record to “the one with the same address”, and "
        "what it writes can come back and replace what somebody else holds. Nobody deletes anything, and yet values vanish. This page "
        "says what would happen, what has been done about it, what remains, and who accepts it."
    )
    return (
        f"<header><h1>Is the sync safe to launch?</h1><p class=meta>{text(report.project)} · made {text(day(report.made_at))} by "
        f"{text(report.author)}</p><p>{escape(intro)}</p>{verdict}{text(_reasons(report), longest=2000)}</div>"
        f"<div class=tiles>{_tiles(report)}</div><!--nav--></header>"
    )


def _reasons(report: Report) -> str:
    if report.readiness.ready:
        return report.readiness.headline().partition(": ")[2]
    names = sorted(report.readiness.reasons, key=lambda name: (not CHECKS[name].hard, SEVERITIES.index(CHECKS[name].severity)))
    shown = "; ".join(f"{name} {CHECKS[name].title[0].lower()}{CHECKS[name].title[1:]}" for name in names[:4])
    more = f"; and {len(names) - 4} more checks" if len(names) > 4 else ""
    asked = len(report.readiness.open_questions)
    still = f" {asked} questions that only a person can answer are open." if asked else ""
    return f"{shown}{more}.{still}" if names else "The checks have not been run."


def _tiles(report: Report) -> str:
    now, after = report.now, report.after
    before = f"; {report.first.cells:,} before anything was written" if report.first else ""
    tiles = [tile(f"{now.cells:,}" if now else "unknown", f"values the sync would overwrite if it were launched today{before}")]
    tiles.append(tile(f"{after.cells:,}" if after else "unknown", "after the decisions made so far are applied"))
    tiles.append(tile(f"{report.throughput.decided:,} of {report.throughput.decided + report.throughput.open:,}", "groups decided"))
    tiles.append(tile(f"{sum(not f.accepted for f in report.readiness.findings):,}", "checks with open findings"))
    return "".join(tiles)
