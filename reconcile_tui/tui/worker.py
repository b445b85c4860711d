"""Long work in a process of its own: `python -m reconcile_tui.tui.worker FOLDER TASK ARGUMENTS`.

The screens start it, read JSON lines from its stdout (`progress`, `say`, then `result` or `error`) and stop it by writing a line to its
stdin or closing it. So keys stay live, the memory of matching is not the screens' memory, and a killed terminal stops the work.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import Interrupted, ReconcileError
from reconcile_tui.tui.wire import Wire

if TYPE_CHECKING:
    from reconcile_tui.workspace import Workspace


POLITE = 10
"""How far this process stands behind the screens when both want a core: work of minutes can wait a millisecond, a key can't."""


Task = Callable[["Workspace", Mapping[str, Any], Wire], Any]


def _pull(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps.connect import systems
    from reconcile_tui.steps.pull import missing_lines, pull

    async def work() -> dict[str, Any]:
        async with systems(workspace, prompt=wire.say) as opened:
            pulled = await pull(workspace, opened, full=bool(arguments.get("full")), progress=wire.progress, stop=wire.stop)
        return {"pulled": [{name: getattr(p, name) for name in p.__slots__} for p in pulled], "missing": missing_lines(pulled)}

    return asyncio.run(work())


def _match(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import match

    matched = match.match(workspace, full=bool(arguments.get("full")), progress=wire.progress, stop=wire.stop)
    return [m.as_json() for m in matched]


def _simulate(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import simulate
    from reconcile_tui.workspace import addresses

    told = {}
    for after in arguments.get("sides", [False, True]):
        forecast = simulate.simulate(workspace, profile=arguments.get("profile"), after_plan=after, progress=wire.progress, stop=wire.stop)
        told["after" if after else "now"] = forecast.headline()
    addresses.prepare(workspace)
    return told


def _check(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import check

    return check.check(workspace, progress=wire.progress, stop=wire.stop).as_json()


def _plan(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import plan, setting_up

    wanted = setting_up.wanted(workspace) if arguments.get("set_up") else ()
    made = plan.make(workspace, progress=wire.progress, stop=wire.stop, setting_up=wanted)
    workspace.runs.keep_plan(made.digest, made.to_json())
    from reconcile_tui.workspace.decisions import now

    for name, value in (("tui.plan", made.digest), ("tui.plan.at", now()), ("tui.plan.summary", made.summary())):
        workspace.settings.set(name, value)
    return {"digest": made.digest, "summary": made.summary()}


def _made(workspace: Workspace, digest: str) -> Any:
    from reconcile_tui.stewardship.document import Plan

    document = workspace.runs.plan(digest)
    if document is None:
        raise ReconcileError("That plan is not kept in this workspace.", todo="Make it anew.")
    return Plan.from_json(document)


def _apply(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import apply
    from reconcile_tui.steps.connect import systems

    made = _made(workspace, arguments["digest"])
    confirm = made.records if arguments.get("resume") else arguments["confirm"]  # a resumed run was confirmed when it began

    async def work() -> Any:
        async with systems(workspace, prompt=wire.say) as opened:
            return await apply.apply(
                workspace, made, opened, confirm=confirm, resume=bool(arguments.get("resume")),
                progress=wire.progress, stop=wire.stop, on_item=wire.item,
            )  # fmt: skip

    return asyncio.run(work()).as_json()


def _verify(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import verify
    from reconcile_tui.steps.connect import systems

    async def work() -> Any:
        async with systems(workspace, prompt=wire.say) as opened:
            return await verify.verify(workspace, arguments["run"], opened, progress=wire.reading)

    return asyncio.run(work()).as_json()


def _undo(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import undo
    from reconcile_tui.steps.connect import systems

    run = arguments["run"]
    # one that is gone on with was confirmed when it began
    confirm = undo.preview(workspace, run).records if arguments.get("resume") else arguments["confirm"]

    async def work() -> Any:
        async with systems(workspace, prompt=wire.say) as opened:
            return await undo.undo(workspace, run, opened, confirm=confirm, progress=wire.progress, stop=wire.stop, on_item=wire.item)

    return asyncio.run(work()).as_json()


def _undo_preview(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import undo

    preview = undo.preview(workspace, arguments["run"])
    return {"text": preview.text(), "records": preview.records}


def _why(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import match

    return list(match.why(workspace, arguments["group"]))


def _field_history(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps.connect import systems
    from reconcile_tui.steps.field_history import field_history

    async def work() -> list[dict[str, Any]]:
        async with systems(workspace, prompt=wire.say) as opened:
            return [told.as_json() for told in await field_history(workspace, arguments["group"], arguments["field"], opened)]

    return asyncio.run(work())


def _after(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    """What the sync would still overwrite after cleaning, in all and in one group, with everything decided by now."""
    from reconcile_tui.steps import check, simulate

    totals = simulate.catch_up(workspace)
    check.catch_up(workspace)
    if totals is None:
        return None
    group = arguments.get("group")
    held = workspace.forecasts.groups("after", review_group=group) if group else []
    return {"cells": totals.cells, "group": group, "group_cells": sum(len(one.cells) for one in held)}


def _walk(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import simulate

    return simulate.walk(
        workspace, arguments["record_type"], arguments["keys"], arguments["number"], after_plan=bool(arguments.get("after_plan"))
    )


def _compare(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import simulate

    compared = simulate.difference(workspace, None, arguments["profile"], progress=wire.reading)
    return {"text": compared.text(), "caveat": simulate.profile_of(workspace.project, arguments["profile"]).caveat}


def _mapping(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import mapping

    mapping.overview(workspace, wire.progress, stop=wire.stop)
    return True


def _what_if(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps import simulate

    predicates = {(arguments["system"], arguments["table"]): arguments["predicate"]}
    return simulate.what_if(workspace, predicates, progress=wire.progress, stop=wire.stop).text()


def _index(workspace: Workspace, arguments: Mapping[str, Any], wire: Wire) -> Any:
    from reconcile_tui.steps.progress import Stage
    from reconcile_tui.workspace.search import Search

    stage = Stage("index", wire.progress, wire.stop, total=sum(workspace.records.counts().values()))
    return Search(workspace).build(stage.advance)


TASKS: dict[str, Task] = {
    "compare": _compare,
    "index": _index,
    "pull": _pull,
    "match": _match,
    "simulate": _simulate,
    "check": _check,
    "mapping": _mapping,
    "what_if": _what_if,
    "plan": _plan,
    "apply": _apply,
    "verify": _verify,
    "undo": _undo,
    "undo_preview": _undo_preview,
    "why": _why,
    "walk": _walk,
    "after": _after,
    "field_history": _field_history,
}
"""What can be asked of this process."""


def answer(folder: str) -> int:
    """Answer questions until stdin ends: one JSON line in (`id`, `task`, `arguments`), one out (`id`, `result` or `error`)."""
    from reconcile_tui.workspace import Workspace

    wire = Wire()
    with Workspace.open(Path(folder), "join") as workspace:
        workspace.writes_derived_only()
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                wire.send("answer", {"id": asked["id"], "result": TASKS[asked["task"]](workspace, asked["arguments"], Wire())})
            except Exception as error:  # noqa: BLE001 (the worker boundary)
                told = error.what if isinstance(error, ReconcileError) else f"An error nobody expected: {type(error).__name__}."
                wire.send("answer", {"id": asked["id"], "error": told})
            workspace.records.forget()
    return 0


def main(folder: str, task: str, arguments: str) -> int:
    """Do one task; every failure becomes an `error` line."""
    from reconcile_tui.workspace import Workspace, explain

    if hasattr(os, "nice"):
        os.nice(POLITE)
    if task == "answer":
        return answer(folder)
    wire = Wire()
    wire.listen()
    try:
        with Workspace.open(Path(folder), "join") as workspace:
            wire.send("result", TASKS[task](workspace, json.loads(arguments), wire))
    except BaseExceptionGroup as group:
        return _failed(wire, next((e for e in _leaves(group) if isinstance(e, ReconcileError)), group))
    except Exception as error:  # noqa: BLE001 (the worker boundary)
        return _failed(wire, explain(error) or error)
    return 0


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _failed(wire: Wire, error: BaseException) -> int:
    if isinstance(error, ReconcileError):
        told = {"what": error.what, "kept": error.kept, "todo": error.todo, "stopped": isinstance(error, Interrupted)}
    else:
        told = {
            "what": f"An error nobody expected: {type(error).__name__}.",
            "kept": "What was committed is kept.",
            "todo": "Run the same step on the command line with --debug and report what it prints, after removing personal data.",
        }
    wire.send("error", told)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
