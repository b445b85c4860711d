"""What a system is given before records are written: link columns with their uniqueness, and duplicate detection rules.

Whoever wants something set up hands a list of `SettingUp` to the planner; from there it is shown, confirmed, journalled, resumed and
taken back like every other write. Writes of this kind belong to no group and touch no record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from reconcile_tui.model import Column, Native
from reconcile_tui.stewardship.document import Write
from reconcile_tui.systems.protocol import DuplicateRule

GROUP = ""
"""The group of writes that belong to no group."""

_NO_VALUES: Mapping[str, Native] = {}


@dataclass(frozen=True)
class SettingUp:
    """One thing to set up. `schema`: a link column called `name`, with its key. `key`: only the key, on a column that is there.
    `rule`: a duplicate detection rule called `name`."""

    kind: Literal["schema", "key", "rule"]
    system: str
    table: str
    name: str
    definition: Mapping[str, Native] = field(default_factory=lambda: _NO_VALUES)  # of a rule, as `rule_values` makes it
    why: str = "link column"

    def write(self) -> Write:
        """As a write of a plan, not numbered yet."""
        why = dict.fromkeys(self.definition or [self.name], self.why)
        return Write(0, self.kind, GROUP, self.system, self.table, self.name, leaves=self.definition, why=why)


def link_column(system: str, table: str, name: str, known: Mapping[str, Column], why: str = "link column") -> SettingUp | None:
    """What a link column lacks, from the columns a table is known to have; None when it is there and unique."""
    if name not in known:
        return SettingUp("schema", system, table, name, why=why)
    return None if known[name].unique else SettingUp("key", system, table, name, why=why)


def duplicate_rule(system: str, rule: DuplicateRule, why: str) -> SettingUp:
    """A duplicate detection rule as something to set up."""
    return SettingUp("rule", system, rule.table, rule.name, rule_values(rule), why)


def rule_values(rule: DuplicateRule) -> dict[str, Native]:
    """A rule as flat values: what a plan shows and its digest covers."""
    return {
        "matchingentityname": rule.matching,
        "excludeinactiverecords": rule.exclude_inactive,
        "iscasesensitive": rule.case_sensitive,
        "ignoreblankvalues": rule.ignore_blank,
        "conditions": "; ".join(f"{one} = {other}" for one, other in rule.conditions),
    }


def rule_of(table: str, name: str, values: Mapping[str, Native]) -> DuplicateRule:
    """Inverse of `rule_values`. Raises KeyError, ValueError."""
    pairs = [condition.split(" = ") for condition in str(values["conditions"]).split("; ")]
    return DuplicateRule(
        name=name,
        table=table,
        matching=str(values["matchingentityname"]),
        conditions=tuple((one, other) for one, other in pairs),
        exclude_inactive=bool(values["excludeinactiverecords"]),
        case_sensitive=bool(values["iscasesensitive"]),
        ignore_blank=bool(values["ignoreblankvalues"]),
    )


def ordered(wanted: Iterable[SettingUp]) -> list[Write]:
    """The writes, each thing once: columns before rules, by name. The same list in any order gives the same writes."""
    once = {(one.kind, one.system, one.table, one.name): one for one in wanted}
    return [once[key].write() for key in sorted(once, key=lambda key: (key[0] == "rule", *key[1:]))]
