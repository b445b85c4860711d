"""Functions and actions that are not about one table: who am I, counts, publishing, duplicate rules."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from reconcile_tui.sandbox.dataverse import merge, rows
from reconcile_tui.sandbox.dataverse.address import Segment
from reconcile_tui.sandbox.dataverse.bodies import body_of, list_in, object_in, objects_in, text_in
from reconcile_tui.sandbox.dataverse.environment import BUSINESS_UNIT, ORGANIZATION, TENANT, USER, Environment
from reconcile_tui.sandbox.dataverse.errors import CONTENT_TYPE, Refusal, bad_payload, unsupported
from reconcile_tui.sandbox.exchange import Answer, Call, json_answer

ODATA = {"odata-version": "4.0"}


def answer(env: Environment, call: Call, segment: Segment) -> Answer | None:
    """The answer of a function or action by name; None when there is none of that name."""
    method, handler = _KNOWN.get(segment.name, ("", None))
    if handler is None:
        return None
    if method != call.method:
        raise Refusal(405, "0x8006088a", f"The requested resource does not support http method '{call.method}'.")
    return handler(env, call, segment)


def _context(call: Call, name: str) -> str:
    root = call.path[: call.path.index("/", len("/api/data/"))]
    return f"{call.origin}{root}/$metadata#Microsoft.Dynamics.CRM.{name}"


def _who_am_i(env: Environment, call: Call, segment: Segment) -> Answer:
    body = {
        "@odata.context": _context(call, "WhoAmIResponse"),
        "BusinessUnitId": BUSINESS_UNIT,
        "UserId": USER,
        "OrganizationId": ORGANIZATION,
    }
    return json_answer(200, body, CONTENT_TYPE, ODATA)


def _version(env: Environment, call: Call, segment: Segment) -> Answer:
    return json_answer(
        200, {"@odata.context": _context(call, "RetrieveVersionResponse"), "Version": "9.2.25104.00178"}, CONTENT_TYPE, ODATA
    )


def _organization(env: Environment, call: Call, segment: Segment) -> Answer:
    detail = {
        "OrganizationId": ORGANIZATION,
        "FriendlyName": "Sandbox",
        "OrganizationVersion": "9.2.25104.00178",
        "EnvironmentId": ORGANIZATION,
        "Geo": "EMEA",
        "TenantId": TENANT,
        "UrlName": "sandbox",
        "UniqueName": "sandbox",
        "State": "Enabled",
        "Endpoints": {"Count": 1, "Keys": ["WebApplication"], "Values": [call.origin + "/"]},
    }
    return json_answer(
        200, {"@odata.context": _context(call, "RetrieveCurrentOrganizationResponse"), "Detail": detail}, CONTENT_TYPE, ODATA
    )


def arguments(call: Call, segment: Segment) -> dict[str, str]:
    """A function's arguments as written; `@p1` stands for a query parameter."""
    aliases = {name: values[-1] for name, values in call.parameters().items() if name.startswith("@")}
    found: dict[str, str] = {}
    for part in re.findall(r"(\w+)\s*=\s*(\[[^\]]*\]|\{[^}]*\}|'(?:[^']|'')*'|[^,]+)", segment.inside or ""):
        found[part[0]] = aliases.get(part[1].strip(), part[1].strip())
    return found


def _total_count(env: Environment, call: Call, segment: Segment) -> Answer:
    names = re.findall(r"['\"]([^'\"]+)['\"]", arguments(call, segment).get("EntityNames", ""))
    tables = [env.table(name) for name in names]
    if not names or None in tables:
        raise Refusal(400, "0x80041102", f"The entity with a name = '{', '.join(names)}' was not found in the MetadataCache.")
    values = [env.store.value(f"SELECT count(*) FROM {table.sql}") for table in tables if table]
    kind = _context(call, "RetrieveTotalRecordCountResponse")
    body = {
        "@odata.context": kind,
        "EntityRecordCountCollection": {"Count": len(names), "IsReadOnly": False, "Keys": names, "Values": values},
    }
    return json_answer(200, body, CONTENT_TYPE, ODATA)


def _merge(env: Environment, call: Call, segment: Segment) -> Answer:
    return merge.merge(env, call)


def _publish(env: Environment, call: Call, segment: Segment) -> Answer:
    """Definitions made through the API are in force at once, so there is nothing left to do."""
    return Answer(204, b"", dict(ODATA))


def _rule(active: bool) -> Callable[[Environment, Call, Segment], Answer]:
    def set_state(env: Environment, call: Call, segment: Segment) -> Answer:
        table = env.schema.tables["duplicaterule"]
        rule = str(body_of(call, segment.name).get("DuplicateRuleId", ""))
        if not rule:
            raise bad_payload(segment.name, "The parameter 'DuplicateRuleId' is required.")
        state = {"statecode": 1, "statuscode": 2} if active else {"statecode": 0, "statuscode": 0}
        rows.update(env, table, rows.require(env, table, rule), state, system=True)
        return Answer(204, b"", dict(ODATA))

    return set_state


def _bound_rule(env: Environment, call: Call, rule: str) -> Answer:
    """`duplicaterules(<id>)/Microsoft.Dynamics.CRM.PublishDuplicateRule`: the job that publishes."""
    table = env.schema.tables["duplicaterule"]
    rows.update(env, table, rows.require(env, table, rule), {"statecode": 1, "statuscode": 2}, system=True)
    body = {"@odata.context": _context(call, "PublishDuplicateRuleResponse"), "JobId": rule}
    return json_answer(200, body, CONTENT_TYPE, ODATA)


def bound(env: Environment, call: Call, entity_set: str, inside: str, name: str) -> Answer:
    """A function or action bound to one row. Raises Refusal."""
    if entity_set == "duplicaterules" and name == "PublishDuplicateRule" and call.method == "POST":
        return _bound_rule(env, call, inside)
    if entity_set == "systemusers" and name.startswith("RetrieveUserPrivileges"):
        return _privileges(env, call)
    raise unsupported(f"{entity_set}(…)/Microsoft.Dynamics.CRM.{name}")


def _privileges(env: Environment, call: Call) -> Answer:
    """Every privilege the sandbox knows, but for those that the options deny."""
    schemas = [table.schema_name for name, table in env.schema.tables.items() if env.table(name)]
    names = [f"prv{verb}{schema}" for schema in schemas for verb in ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Merge")]
    names += ["prvMerge", "prvCreateAttribute", "prvWriteEntity"]
    granted = [
        {
            "Depth": "Global",
            "PrivilegeId": env.schema.tables["contact"].column_id(name),
            "BusinessUnitId": BUSINESS_UNIT,
            "PrivilegeName": name,
        }
        for name in names
        if name not in env.options.dataverse_denied
    ]
    body: dict[str, Any] = {"@odata.context": _context(call, "RetrieveUserPrivilegesResponse"), "RolePrivileges": granted}
    return json_answer(200, body, CONTENT_TYPE, ODATA)


def _bulk_delete(env: Environment, call: Call, segment: Segment) -> Answer:
    """Rows listed by id, as Microsoft's Python SDK asks for it; the job is done at once."""
    for query in objects_in(body_of(call, segment.name), "QuerySet"):
        table = env.table(text_in(query, "EntityName"))
        conditions = objects_in(object_in(query, "Criteria"), "Conditions")
        by_id = len(conditions) == 1 and conditions[0].get("Operator") == "In"
        if table is None or not by_id or conditions[0].get("AttributeName") != table.key:
            raise unsupported("BulkDelete other than by a list of ids")
        env.demand("Delete", table)
        for each in list_in(conditions[0], "Values"):
            row = rows.fetch(env, table, str(each.get("Value") if isinstance(each, dict) else each))
            if row is not None:
                rows.delete(env, table, row)
    body = {"@odata.context": _context(call, "BulkDeleteResponse"), "JobId": str(uuid.uuid4())}
    return json_answer(200, body, CONTENT_TYPE, ODATA)


def _unserved(env: Environment, call: Call, segment: Segment) -> Answer:
    raise unsupported(segment.name)


_KNOWN: dict[str, tuple[str, Callable[[Environment, Call, Segment], Answer]]] = {
    "WhoAmI": ("GET", _who_am_i),
    "RetrieveVersion": ("GET", _version),
    "RetrieveCurrentOrganization": ("GET", _organization),
    "RetrieveTotalRecordCount": ("GET", _total_count),
    "RetrieveDuplicates": ("GET", _unserved),
    "Merge": ("POST", _merge),
    "PublishXml": ("POST", _publish),
    "PublishAllXml": ("POST", _publish),
    "PublishDuplicateRule": ("POST", _rule(True)),
    "UnpublishDuplicateRule": ("POST", _rule(False)),
    "BulkDelete": ("POST", _bulk_delete),
    "QualifyLead": ("POST", _unserved),
}
"""Method and handler by name."""
