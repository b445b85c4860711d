"""The Merge action: the subordinate row is deactivated, what pointed to it points to the target."""

from __future__ import annotations

from typing import Any

from reconcile_tui.sandbox.dataverse import rows
from reconcile_tui.sandbox.dataverse.bodies import body_of, object_in, text_in
from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.errors import Refusal, bad_payload, no_record
from reconcile_tui.sandbox.dataverse.payload import GUID, accept
from reconcile_tui.sandbox.dataverse.schema import LOOKUPS, Table
from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.store import Row

MERGEABLE = ("account", "contact", "lead")
PARENT = {"contact": "parentcustomerid", "account": "parentaccountid", "lead": "parentaccountid"}
DEACTIVATED = {"lead": {"statecode": 2, "statuscode": 7}}
"""State of a merged row where it isn't 1 and 2."""

MESSAGES = {
    "0x80045300": "Merge could create cyclical parenting.",
    "0x80045301": "Merge is not allowed: caller does not have the privilege or access.",
    "0x80045302": "Merge cannot be performed on sub-entity that has active quote.",
    "0x80045304": "Merge cannot be performed on entity that is inactive.",
    "0x80045305": "Merge cannot be performed on master and sub-entities that are identical.",
    "0x80045316": "Merge warning: sub-entity will be differently parented.",
    "0x80045317": "Merge warning: sub-entity might lose parenting.",
}
"""What Merge refuses with, by code. Quotes are not part of the sandbox: 0x80045302 comes from a fault only."""


def refused(code: str) -> Refusal:
    """A merge that isn't done."""
    return Refusal(403 if code == "0x80045301" else 400, code, MESSAGES[code])


def merge(env: Environment, call: Call) -> Answer:
    """204, or one of `MESSAGES`."""
    body = body_of(call, "Merge")
    table, target = _referred(env, body, "Target")
    other, subordinate = _referred(env, body, "Subordinate")
    if other is not table or table.name not in MERGEABLE:
        raise Refusal(400, "0x80040203", "Merge is supported for two rows of account, contact or lead only.")
    privilege = f"prvMerge{table.schema_name}"
    if {privilege, "prvMerge"} & set(env.options.dataverse_denied):
        raise refused("0x80045301")
    env.demand("Write", table)
    if target[table.key] == subordinate[table.key]:
        raise refused("0x80045305")
    if target["statecode"] != 0 or subordinate["statecode"] != 0:
        raise refused("0x80045304")
    _check_parents(table, target, subordinate, warn=body.get("PerformParentingChecks") is True)
    content = accept(env, table, object_in(body, "UpdateContent"), creating=False)
    if env.options.dataverse_merge_flow == "fill_empty":
        content = {**_gaps(table, target, subordinate), **content}
    _merge(env, table, target, subordinate, content)
    return Answer(204, b"", {"odata-version": "4.0"})


def _referred(env: Environment, body: dict[str, Any], name: str) -> tuple[Table, Row]:
    reference = object_in(body, name)
    table = env.table(text_in(reference, "@odata.type").rpartition(".")[2])
    if table is None:
        raise bad_payload("Merge", f"The parameter '{name}' must name its type in '@odata.type'.")
    record_id = str(reference.get(table.key, ""))
    if not GUID.fullmatch(record_id):
        raise bad_payload("Merge", f"The parameter '{name}' must have '{table.key}'.")
    row = rows.fetch(env, table, record_id)
    if row is None:
        raise no_record(table.name, record_id)
    return table, row


def _check_parents(table: Table, target: Row, subordinate: Row, *, warn: bool) -> None:
    parent = PARENT[table.name]
    above, other = target[parent], subordinate[parent]
    if above == subordinate[table.key]:
        raise refused("0x80045300")
    if warn and other and not above:
        raise refused("0x80045317")
    if warn and other and above and other != above:
        raise refused("0x80045316")


def _gaps(table: Table, target: Row, subordinate: Row) -> dict[str, Any]:
    """The subordinate's values where the target has none."""
    names = [c.name for c in table.columns.values() if c.updatable and c.type not in (*LOOKUPS, "bool", "state", "status")]
    return {name: subordinate[name] for name in names if target[name] is None and subordinate[name] is not None}


def _merge(env: Environment, table: Table, target: Row, subordinate: Row, content: dict[str, Any]) -> None:
    loser, winner = subordinate[table.key], target[table.key]
    ended = {
        "merged": 1,
        "masterid": winner,
        "masterid__table": table.name,
        **DEACTIVATED.get(table.name, {"statecode": 1, "statuscode": 2}),
    }
    rows.update(env, table, target, content)
    rows.update(env, table, subordinate, ended, system=True)
    rows.repoint(env, table, loser, winner)
