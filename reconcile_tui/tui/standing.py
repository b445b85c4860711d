"""Where a workspace stands: each step of the way, done or not, and what to do next. Read from the workspace, nothing computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile_tui.tui.words import ago, clock, plural, system_name

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way. `state`: done, part, todo. `act` is the action that leads there, `action` what it is for."""

    name: str
    state: str
    facts: tuple[str, ...]
    act: str
    action: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """All steps, and the next one in words."""

    stages: tuple[Stage, ...]
    next: str  # the action that comes next
    next_text: str
    trend: tuple[tuple[str, int], ...]  # (when, cells at risk if launched then)
    cleaned: tuple[tuple[str, int], ...]  # (when, cells at risk after the decisions made by then)
    ready: bool | None  # None: not checked


def cells_of(totals: dict[str, Any] | None) -> int | None:
    """Cells at risk of a forecast."""
    return int(totals.get("cells_certain", 0)) + int(totals.get("cells_order_dependent", 0)) if totals else None


def standing(workspace: Workspace) -> Standing:
    """Read where the workspace stands."""
    findings = workspace.settings.get("readiness")
    stages = (
        _pulled(workspace),
        _matched(workspace),
        _forecast(workspace),
        _decided(workspace),
        _findings(findings),
        _planned(workspace),
        _ran(workspace),
    )
    act, text = _next(stages)
    trend, cleaned = (tuple((t["at"], cells_of(t) or 0) for t in workspace.forecasts.trend(side)) for side in ("now", "after"))
    return Standing(stages, act, text, trend, cleaned, bool(findings["ready"]) if findings else None)


def _pulled(workspace: Workspace) -> Stage:
    tables = workspace.records.tables()
    counts = workspace.records.counts() if tables else {}
    if not counts:
        names = " and ".join(system_name(s) for s in workspace.project.systems)
        return Stage("Pulled", "todo", (f"nothing yet from {names}",), "app.pull", "pull both systems")
    pulls = [p for t in tables if (p := workspace.records.last_pull(t.system, t.name, finished=True))]
    unfinished = any(workspace.records.unfinished_pull(t.system, t.name) for t in tables)
    when = min((p["finished_at"] for p in pulls), default=None)
    facts = [f"{system_name(s)} {t} {n:,}" for (s, t), n in counts.items()]
    facts.append("a pull was interrupted" if unfinished else ago(when))
    return Stage("Pulled", "part" if unfinished else "done", tuple(facts), "app.pull", "pull what has changed")


def _matched(workspace: Workspace) -> Stage:
    total = workspace.matches.count()
    if not total:
        return Stage("Matched", "todo", ("no groups yet",), "app.match", "find who is the same person")
    classes = workspace.matches.counts_by("class")
    from reconcile_tui.tui.words import CLASSES

    named = sorted(classes.items(), key=lambda item: -item[1])
    return Stage("Matched", "done", (plural(total, "group"), *(f"{n:,} {CLASSES.get(k, k)}" for k, n in named)), "app.match", "match again")


def _forecast(workspace: Workspace) -> Stage:
    now, after = (workspace.forecasts.totals(side) for side in ("now", "after"))
    if now is None:
        return Stage("Forecast", "todo", ("unknown",), "app.simulate", "forecast what the sync would overwrite")
    facts = [f"launched today, the sync would overwrite {plural(cells_of(now) or 0, 'cell')}"]
    if after is not None:
        facts.append(f"after cleaning {cells_of(after):,}")
    if now["profile"] != workspace.project.sync.profile:
        facts.append(f"profile {now['profile']}")
    if any(run["finished_at"] and run["finished_at"] > now["at"] for run in workspace.runs.all()):
        facts.append("a run has changed records since")
        return Stage("Forecast", "part", tuple(facts), "app.simulate", "forecast again: what has the run bought?")
    return Stage("Forecast", "done", tuple(facts), "app.forecast", "see what would be overwritten")


def _decided(workspace: Workspace) -> Stage:
    states = workspace.matches.counts_by("state")
    total, done = sum(states.values()), states.get("decided", 0)
    if not total:
        return Stage("Decided", "todo", ("nothing to decide yet",), "app.review", "review")
    left = total - done
    named = [
        f"{states[s]:,} {word}" for s, word in (("skipped", "skipped"), ("unsure", "unsure"), ("changed", "changed since")) if states.get(s)
    ]
    state = "done" if not left else "part" if done else "todo"
    return Stage("Decided", state, (f"{done:,} of {total:,}", *named), "app.review", "review the queue", done / total)


def _findings(findings: dict[str, Any] | None) -> Stage:
    if not findings:
        return Stage("Findings", "todo", ("not checked yet",), "app.findings", "run the readiness checks")
    open_ = [f for f in findings["findings"] if not f["accepted"] and f["count"]]
    blockers = sum(f["severity"] == "blocker" for f in open_)
    facts = [plural(blockers, "open blocker"), plural(len(open_) - blockers, "other finding")]
    facts += [f"{findings['unknown']} unknown"] if findings["unknown"] else []
    facts += [plural(findings["open_questions"], "open question")] if findings["open_questions"] else []
    return Stage(
        "Findings", "part" if blockers or findings["unknown"] else "done", tuple(facts), "app.findings", "see what stands in the way"
    )


def _planned(workspace: Workspace) -> Stage:
    made = workspace.settings.get("tui.plan")
    if not made:
        return Stage("Planned", "todo", ("no plan yet",), "app.plan", "make the plan: a dry run")
    last = next(iter(workspace.decisions.log(limit=1)), None)
    when = workspace.settings.get("tui.plan.at")
    old = bool(last and when and last.at > when)
    summary = str(workspace.settings.get("tui.plan.summary") or made[:12]).partition(" (")[0]
    facts = (summary, "decisions were made since" if old else "")
    return Stage("Planned", "part" if old else "done", tuple(f for f in facts if f), "app.plan", "look at the plan")


def _ran(workspace: Workspace) -> Stage:
    runs = workspace.runs.all()
    if not runs:
        return Stage("Applied", "todo", ("nothing was sent to any system",), "app.run", "watch a run")
    last = runs[0]
    verified = workspace.settings.get(f"tui.verified.{last['id']}")
    named = f"run {last['id']}" + (f", taking back run {last['of_run']}" if last["kind"] == "undo" else "")
    if not last["finished_at"]:
        return Stage("Applied", "part", (f"{named} was interrupted",), "app.run", "go on with the interrupted run")
    facts = [f"{named} ended {clock(last['finished_at'])}"]
    if verified:
        facts.append("verified: as planned" if verified["as_planned"] else f"verified: {len(verified['differences'])} differences")
    else:
        facts.append("not verified yet")
    action = "see what read back differently" if verified else "verify the run: read everything back"
    return Stage("Applied", "done" if verified and verified["as_planned"] else "part", tuple(facts), "app.run", action)


def _next(stages: tuple[Stage, ...]) -> tuple[str, str]:
    pulled, matched, forecast, decided, findings, planned, ran = stages
    if ran.state == "part":
        return ran.act, ran.action
    for stage in (pulled, matched, forecast):
        if stage.state != "done":
            return stage.act, stage.action
    if decided.state == "todo":
        return "app.review", "begin to review: decide the groups"
    if planned.state != "done" and decided.state == "done":
        return "app.plan", "make the plan"
    if decided.state == "part":
        return "app.review", "go on reviewing, or apply the plan" if planned.state == "done" and ran.state == "todo" else "go on reviewing"
    if findings.state == "todo":
        return "app.findings", "check whether a launch is safe"
    return ("app.plan", "apply the plan") if ran.state == "todo" else ("app.findings", "see what is left before the launch")
