"""Check: run the readiness rules over the workspace, keep what they find, accept findings by name, ask what data can't tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.errors import UsageError
from reconcile_tui.memory import give_back
from reconcile_tui.readiness.check import ROWS_KEPT, Check, FindingRow
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.readiness.readiness import Readiness
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.steps.progress import Listener, Stage, Stop, never, silent
from reconcile_tui.steps.questionnaire import questions
from reconcile_tui.workspace.checks import Checks, StoredFinding

if TYPE_CHECKING:
    from reconcile_tui.readiness.context import Context
    from reconcile_tui.workspace import Workspace

__all__ = ["Accepted", "Readiness", "accept", "catch_up", "check", "kept", "recheck", "rows", "stored", "withdraw"]

STANDING = "readiness"
"""The setting that holds the newest result in short."""

_SEEN = "check.decisions_seen"
"""The setting that holds the newest decision whose group has been re-checked."""

MANY = 500
"""Groups decided at once from which a run of the checks is quicker than re-checking each."""

_ON_FORECAST = {"T1", "T2"}
_LAST_TO_TRANSFORM = "F11"
"""After this check no other one needs whole columns in common form: their memory goes back."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance as it was kept."""

    check: str
    count: int
    reason: str


def check(ws: Workspace, *, only: Iterable[str] | None = None, progress: Listener = silent, stop: Stop = never) -> Readiness:
    """Run all checks, or only some, on the records as pulled, and keep the result. Raises UsageError, ProjectError, Interrupted.

    A forecast that is missing or older than the last pull is made first, for the checks that read it.
    """
    from reconcile_tui.steps.checking import feeding, settling

    wanted = _wanted(only)
    if _ON_FORECAST & set(wanted):
        feeding.renew_forecast(ws, progress)
    stage = Stage("check", progress, stop, total=len(wanted) + 1)
    context = feeding.context(ws)
    give_back()
    stage.advance(note="read")
    found = [_found(CHECKS[name], context, stage) for name in wanted if CHECKS[name].rule]
    del context
    seen = ws.decisions.newest()
    settled = settling.of_all(ws, wanted)
    Checks(ws).replace(found, settled, whole=only is None)
    if only is None:
        ws.settings.set(_SEEN, seen)
    result = stored(ws)
    _keep_standing(ws, result)
    return result if only is None else result.narrowed(wanted)


def _wanted(only: Iterable[str] | None) -> list[str]:
    named = list(dict.fromkeys(name.upper() for name in only)) if only else list(CHECKS)
    for name in named:
        _known(name)
    return named


def _known(name: str) -> Check:
    if name not in CHECKS:
        raise UsageError(f"There is no check {name!r}.", todo=f"Known: {', '.join(CHECKS)}.")
    return CHECKS[name]


def _found(one: Check, context: Context, stage: Stage) -> StoredFinding:
    found, unknown = one.run(context)
    if one.id == _LAST_TO_TRANSFORM:
        context.forget_transformed()
    give_back()
    stage.advance(note=one.id)
    return StoredFinding(one.id, found.count, unknown, tuple(found.rows[: ROWS_KEPT.get()]))


def recheck(ws: Workspace, group_id: str) -> dict[str, int]:
    """What the decisions in force on one group settle, computed anew and kept: {check: how many findings}. For after a decision."""
    from reconcile_tui.steps.checking import settling

    settled = settling.of_group(ws, group_id)
    Checks(ws).settle(group_id, settled)
    return settled


def catch_up(ws: Workspace) -> int:
    """Re-check every group that was decided, undone or redone since the checks or this ran last; returns how many. A whole class decided
    at once waits for the next run of the checks; before the first one there is nothing to settle."""
    from reconcile_tui.steps.checking import settling

    seen = ws.settings.get(_SEEN)
    if seen is None:
        return 0
    newest, groups = ws.decisions.newest(), ws.decisions.groups_since(seen)
    if len(groups) > MANY:
        return 0
    known = [group for group in groups if ws.matches.row(group) is not None]
    settled = settling.of_groups(ws, known)
    with ws.transaction():
        for group in groups:
            Checks(ws).settle(group, settled.get(group, {}))
        ws.settings.set(_SEEN, newest)
    return len(groups)


def stored(ws: Workspace, *, rows: int | None = None) -> Readiness:
    """The result of the newest run, without computing anything. Acceptances, answers and decisions since then count.

    `rows`: at most so many rows of each finding are read; 0 makes it a matter of milliseconds, for screens.
    """
    checks = Checks(ws)
    acceptances, settled, previous = ws.decisions.acceptances(), checks.settled(), checks.previous_pull_run()
    findings = checks.findings(rows=rows)
    refs = ws.records.refs({key for f in findings for keys, _ in f.rows for key in keys})
    last = checks.last_run()
    result = [_finding(f, acceptances, settled, previous, refs.__getitem__) for f in findings if f.count and f.check in CHECKS]
    order = list(CHECKS)
    return Readiness(
        findings=tuple(sorted(result, key=lambda f: order.index(f.check))),
        unknown=_unknown(findings) if last else {},
        questions=questions(ws),
        at=last["at"] if last else "",
        resolved=_resolved(previous, {f.check for f in result}),
    )


def _keep_standing(ws: Workspace, readiness: Readiness) -> None:
    """Keep the result in short, for screens that only tell how it stands."""
    found = [{"check": f.check, "severity": f.severity, "count": f.count, "accepted": f.accepted} for f in readiness.findings]
    counts = {"unknown": len(readiness.unknown), "open_questions": len(readiness.open_questions)}
    ws.settings.set(STANDING, {"ready": readiness.ready, "findings": found, **counts})


def _unknown(findings: Sequence[StoredFinding]) -> dict[str, str]:
    """Checks that could not be computed, or have not been run on this workspace (a newer version brings new ones)."""
    ran = {f.check: f.unknown for f in findings}
    not_run = "It has not been run yet: `reconcile-tui check` runs all."
    return {one.id: why for one in CHECKS.values() if one.rule and (why := ran.get(one.id, not_run))}


def _finding(
    kept: StoredFinding,
    acceptances: Mapping[str, Mapping[str, object]],
    settled: Mapping[str, int],
    previous: Mapping[str, Mapping[str, Sequence[int]]] | None,
    ref: Callable[[int], object],
) -> Finding:
    one = CHECKS[kept.check]
    given = acceptances.get(one.id)
    before = previous["totals"].get(one.id, [0])[0] if previous else None
    return Finding(
        check=one.id,
        question=one.of,
        severity=one.severity,
        count=kept.count,
        accepted=given is not None and int(str(given["count"])) >= kept.count,
        rows=tuple(FindingRow(tuple(ref(key) for key in keys), detail) for keys, detail in kept.rows),  # type: ignore[misc]
        detail_columns=one.columns,
        settled=min(settled.get(one.id, 0), kept.count),
        before=before,
        reason=str(given["reason"]) if given else "",
        author=str(given["author"]) if given else "",
        accepted_at=str(given["at"]) if given else "",
        accepted_count=int(str(given["count"])) if given else 0,
    )


def _resolved(previous: Mapping[str, Mapping[str, Sequence[int]]] | None, found: set[str]) -> tuple[str, ...]:
    return tuple(name for name, counts in (previous["totals"] if previous else {}).items() if counts[0] and name not in found)


def accept(ws: Workspace, check_id: str, reason: str) -> Accepted:
    """Accept the findings of a check by name; it counts as long as there are not more of them. Raises UsageError."""
    one = _known(check_id.upper())
    if not reason.strip():
        raise UsageError("An acceptance needs a reason.", todo='E.g. --reason "agreed with sales on Monday".')
    found = next((f for f in Checks(ws).findings(rows=0) if f.check == one.id), None)
    if found is None or not found.count:
        raise UsageError(f"{one.id} has no findings to accept.", todo="`reconcile-tui check` computes them.")
    ws.decisions.accept(one.id, reason=reason.strip(), count=found.count)
    _keep_standing(ws, stored(ws, rows=0))
    return Accepted(one.id, found.count, reason.strip())


def withdraw(ws: Workspace, check_id: str, reason: str = "taken back") -> None:
    """Take an acceptance back: the findings are open again. The acceptance stays in the record. Raises UsageError."""
    one = _known(check_id.upper())
    if one.id not in ws.decisions.acceptances():
        raise UsageError(f"{one.id} is not accepted.", todo="`reconcile-tui check` shows what is.")
    ws.decisions.accept(one.id, reason=reason.strip() or "taken back", count=0)
    _keep_standing(ws, stored(ws, rows=0))


def kept(ws: Workspace, check_id: str) -> int:
    """How many rows of a finding were kept."""
    return Checks(ws).kept(_known(check_id).id)


def rows(ws: Workspace, check_id: str, *, limit: int = 100, offset: int = 0) -> list[FindingRow]:
    """Kept rows of one finding, page by page."""
    page = Checks(ws).rows(_known(check_id).id, limit=limit, offset=offset)
    refs = ws.records.refs({key for keys, _ in page for key in keys})
    return [FindingRow(tuple(refs[key] for key in keys), detail) for keys, detail in page]
