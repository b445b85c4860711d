"""Duplicate detection rules of Dataverse: a rule, its conditions, and publishing, which is what puts it into force.

A rule can only be changed while it is unpublished, and at most five are published per table (Microsoft Learn, "Set up duplicate detection
rules"). Rules are found by name and table; whatever is missing is added, and a rule of that name which says something else is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from reconcile_tui.errors import AnswerLost, RecordGone
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.protocol import DuplicateRule, RuleState

EXACT = 0  # duplicaterulecondition.operatorcode
PUBLISHED = 2  # duplicaterule.statuscode
_FIELDS = "duplicateruleid,name,baseentityname,matchingentityname,excludeinactiverecords,iscasesensitive,statuscode"
_CONDITION = "baseattributename,matchingattributename,operatorcode,ignoreblankvalues"


async def look(http: Http, base: str, rule: DuplicateRule) -> RuleState:
    """How a rule stands now."""
    found = await _found(http, base, rule)
    if found is None:
        return RuleState("missing", f"There is no rule {rule.name!r} yet.")
    return await _state(http, base, rule, found)


async def ensure(http: Http, base: str, rule: DuplicateRule) -> RuleState:
    """Create what is missing, then publish. Going on after a crash or a lost answer finds what is there already."""
    if (found := await _found(http, base, rule)) is None:
        await _send(http, f"{base}/duplicaterules", definition(rule))
        if (found := await _found(http, base, rule)) is None:
            return RuleState("missing", "No answer to its creation, and the rule is not there.")
    state = await _state(http, base, rule, found)
    if state.status != "pending":
        return state
    id_ = str(found["duplicateruleid"])
    held = {(c["baseattributename"], c["matchingattributename"]) for c in await _conditions(http, base, id_)}
    for one, other in rule.conditions:
        if (one, other) not in held:
            await _send(http, f"{base}/duplicateruleconditions", condition(rule, id_, one, other))
    await _send(http, f"{base}/duplicaterules({id_})/Microsoft.Dynamics.CRM.PublishDuplicateRule", {})
    return await look(http, base, rule)


async def drop(http: Http, base: str, rule: DuplicateRule) -> RuleState:
    """Unpublish and delete a rule that is as described."""
    found = await _found(http, base, rule)
    if found is None or (state := await _state(http, base, rule, found)).status == "unfit":
        return RuleState("missing") if found is None else state
    id_ = str(found["duplicateruleid"])
    await _send(http, f"{base}/UnpublishDuplicateRule", {"DuplicateRuleId": id_})
    with suppress(AnswerLost, RecordGone):
        await http.write("DELETE", f"{base}/duplicaterules({id_})", parsed=False)
    return await look(http, base, rule)


async def _found(http: Http, base: str, rule: DuplicateRule) -> Mapping[str, Any] | None:
    condition = f"name eq {_quoted(rule.name)} and baseentityname eq {_quoted(rule.table)}"
    answer = await http.read(f"{base}/duplicaterules", params={"$select": _FIELDS, "$filter": condition})
    return next(iter(answer.get("value", [])), None)


async def _conditions(http: Http, base: str, id_: str) -> list[Mapping[str, Any]]:
    params = {"$select": _CONDITION, "$filter": f"_regardingobjectid_value eq {id_}"}
    return list((await http.read(f"{base}/duplicateruleconditions", params=params)).get("value", []))


async def _state(http: Http, base: str, rule: DuplicateRule, found: Mapping[str, Any]) -> RuleState:
    wanted = (rule.matching, rule.exclude_inactive, rule.case_sensitive)
    if (found.get("matchingentityname"), found.get("excludeinactiverecords"), found.get("iscasesensitive")) != wanted:
        return RuleState("unfit", f"A rule {rule.name!r} exists and says something else.")
    held = await _conditions(http, base, str(found["duplicateruleid"]))
    if not all(_fits(rule, condition) for condition in held):
        return RuleState("unfit", f"A rule {rule.name!r} exists with other conditions.")
    if len(held) < len(rule.conditions):
        return RuleState("pending", "The rule exists, not all of its conditions do.")
    if found.get("statuscode") != PUBLISHED:
        return RuleState("pending", "The rule exists and is not published.")
    return RuleState("ready")


def _fits(rule: DuplicateRule, condition: Mapping[str, Any]) -> bool:
    pair = (condition.get("baseattributename"), condition.get("matchingattributename"))
    same_blanks = bool(condition.get("ignoreblankvalues")) == rule.ignore_blank
    return pair in rule.conditions and condition.get("operatorcode") == EXACT and same_blanks


async def _send(http: Http, url: str, body: Mapping[str, Any]) -> None:
    """One request; when its answer is lost, the next look tells what became of it."""
    with suppress(AnswerLost):
        await http.write("POST", url, body=body, parsed=False)


def definition(rule: DuplicateRule) -> dict[str, Any]:
    """The body that creates a rule."""
    return {
        "name": rule.name,
        "baseentityname": rule.table,
        "matchingentityname": rule.matching,
        "excludeinactiverecords": rule.exclude_inactive,
        "iscasesensitive": rule.case_sensitive,
    }


def condition(rule: DuplicateRule, id_: str, one: str, other: str) -> dict[str, Any]:
    """The body that adds a condition to the rule with this id."""
    return {
        "baseattributename": one,
        "matchingattributename": other,
        "operatorcode": EXACT,
        "ignoreblankvalues": rule.ignore_blank,
        "regardingobjectid@odata.bind": f"/duplicaterules({id_})",
    }


def _quoted(text: str) -> str:
    """A text of an OData filter."""
    return "'" + text.replace("'", "''") + "'"
