"""`/__sandbox__/…`: what a test or a person does to the sandbox itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import ReconcileError, UsageError
from reconcile_tui.sandbox import generate, seeding
from reconcile_tui.sandbox.clock import iso_milliseconds, milliseconds, parse_moment
from reconcile_tui.sandbox.exchange import Answer, Call, json_answer

if TYPE_CHECKING:
    from reconcile_tui.sandbox.sandbox import Sandbox

Handler = Callable[["Sandbox", Call], Any]


def control(sandbox: Sandbox, call: Call) -> Answer:
    """Answer one control request; every answer is JSON."""
    name = call.plain_path.removeprefix("/__sandbox__").strip("/")
    methods = CONTROLS.get(name)
    if methods is None:
        known = ", ".join(f"/__sandbox__/{each}" for each in CONTROLS)
        return json_answer(404, {"error": f"There is no {call.plain_path}. Known: {known}."}, "application/json")
    if call.method not in methods:
        return json_answer(405, {"error": f"{call.plain_path} takes {', '.join(methods)}."}, "application/json")
    try:
        return json_answer(200, methods[call.method](sandbox, call), "application/json")
    except (ReconcileError, ValueError) as error:
        return json_answer(400, {"error": str(error)}, "application/json")


def _body(call: Call) -> dict[str, Any]:
    body = call.json()
    if not isinstance(body, dict):
        raise UsageError("The body must be a JSON object.")
    return body


def _reset(sandbox: Sandbox, call: Call) -> Any:
    sandbox.reset()
    return {"reset": True}


def _snapshot(sandbox: Sandbox, call: Call) -> Any:
    return sandbox.snapshot()


def _journal(sandbox: Sandbox, call: Call) -> Any:
    return {"entries": sandbox.journal(int(call.parameter("after", "0")))}


def _clear_journal(sandbox: Sandbox, call: Call) -> Any:
    with sandbox.store.transaction():
        sandbox.journals.clear()
    return {"entries": []}


def _requests(sandbox: Sandbox, call: Call) -> Any:
    return {"requests": [request.as_json() for request in sandbox.requests]}


def _faults(sandbox: Sandbox, call: Call) -> Any:
    return {"faults": sandbox.faults.as_json()}


def _add_fault(sandbox: Sandbox, call: Call) -> Any:
    settings = _body(call)
    sandbox.faults.add(str(settings.pop("kind", "")), **settings)
    return _faults(sandbox, call)


def _clear_faults(sandbox: Sandbox, call: Call) -> Any:
    sandbox.faults.clear()
    return _faults(sandbox, call)


def _options(sandbox: Sandbox, call: Call) -> Any:
    return sandbox.options.as_json()


def _set_options(sandbox: Sandbox, call: Call) -> Any:
    return sandbox.set_options(**_body(call)).as_json()


def _clock(sandbox: Sandbox, call: Call) -> Any:
    return {"now": iso_milliseconds(milliseconds(sandbox.clock.now()))}


def _set_clock(sandbox: Sandbox, call: Call) -> Any:
    """`{"advance": seconds}`, `{"freeze": true or a moment}`, `{"run": true}`."""
    body = _body(call)
    if "freeze" in body:
        sandbox.clock.freeze(parse_moment(body["freeze"]) if isinstance(body["freeze"], str) else None)
    if body.get("run"):
        sandbox.clock.run()
    sandbox.clock.advance(float(body.get("advance", 0)))
    return _clock(sandbox, call)


def _seed(sandbox: Sandbox, call: Call) -> Any:
    """A CSV body with `?file=dynamics_contacts.csv`; or `{"folder": …}`; or `{"generate": records per system, "seed": 1}`."""
    if name := call.parameter("file"):
        with sandbox.store.transaction():
            return {name: seeding.load_lines(sandbox, name, call.body.decode("utf-8-sig").splitlines(keepends=True))}
    body = _body(call)
    if "generate" in body:
        return generate.fill(sandbox, int(body["generate"]), seed=int(body.get("seed", 1)))
    return sandbox.seed(Path(str(body.get("folder", ""))))


def _edit(sandbox: Sandbox, call: Call) -> Any:
    """`{"record": "system/table/id", "values": {…}}`: a change by another user."""
    body = _body(call)
    sandbox.edit(str(body.get("record", "")), dict(body.get("values") or {}))
    return {"edited": body.get("record")}


CONTROLS: dict[str, dict[str, Handler]] = {
    "reset": {"POST": _reset},
    "snapshot": {"GET": _snapshot},
    "journal": {"GET": _journal, "DELETE": _clear_journal},
    "requests": {"GET": _requests},
    "faults": {"GET": _faults, "POST": _add_fault, "DELETE": _clear_faults},
    "options": {"GET": _options, "POST": _set_options, "PATCH": _set_options},
    "clock": {"GET": _clock, "POST": _set_clock},
    "seed": {"POST": _seed},
    "edit": {"POST": _edit},
}
"""Every control address: what each method does."""
