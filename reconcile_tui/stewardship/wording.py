"""The plan for people: text for the terminal, Markdown for a ticket. CRM values are made safe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from reconcile_tui.display import safe_text
from reconcile_tui.model import Native
from reconcile_tui.stewardship.document import KINDS, SETTING_UP, Plan, Write

UNDO = {
    "full": "can be undone",
    "partial": "the merged record can be re-activated; what hung on it (activities, notes, opportunities) stays with the survivor",
    "none": "can't be undone",
}
SHOWN = 400
"""Groups a human form lists; the JSON file has them all."""


def seconds_text(seconds: float) -> str:
    """Seconds for people: `8 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def summary(plan: Plan) -> str:
    """One paragraph: how much, how long, what can't be taken back."""
    if not plan.writes:
        blocked = f" {len(plan.blocked):,} groups are blocked." if plan.blocked else ""
        return f"Nothing to write.{blocked}"
    kinds = ", ".join(f"{count:,} x {KINDS[kind]}" for kind, count in plan.counts().items())
    undo = plan.undoable()
    limits = (
        f" {undo['none']:,} can't be undone, {undo['partial']:,} only in part." if undo["none"] + undo["partial"] else " All can be undone."
    )
    final = limits if plan.kind != "undo" else ""  # what an undo can't bring back is told by its preview, write by write
    calls = ", ".join(f"{count:,} to {system}" for system, count in plan.calls().items())
    blocked = f" {len(plan.blocked):,} groups are blocked." if plan.blocked else ""
    return (
        f"{len(plan.writes):,} writes to {plan.records:,} records ({kinds}).{final}"
        f" Requests: about {calls}, {seconds_text(plan.seconds())} at the documented limits.{blocked}"
    )


def shown(value: Native) -> str:
    """A value as the plan shows it."""
    return "(blank)" if value is None or value == "" else safe_text(value, longest=60)


def title(write: Write) -> str:
    """What a write does, in a line."""
    where = f"{write.system} {write.table} {safe_text(write.id, longest=40)}"
    if write.kind == "merge":
        return f"merge {safe_text(write.lose, longest=40)} into {where}"
    if write.kind == "schema":
        return f"create the link column {write.id} in {write.system} {write.table}"
    if write.kind in SETTING_UP:
        return f"{KINDS[write.kind]}: {safe_text(write.id, longest=60)} in {write.system}"
    return f"{KINDS[write.kind]}: {where}"


def changes(write: Write) -> Iterator[str]:
    """Before and after, a line per column."""
    for name, value in write.leaves.items():
        before = write.expects.get(name)
        if before == value and write.kind == "merge":
            continue
        reason = f"  ({safe_text(write.why[name], longest=60)})" if write.why.get(name) else ""
        after = f"the id that record has then (now {shown(value)})" if name in write.id_from else shown(value)
        yield f"{name}: {shown(before)} -> {after}{reason}"


def by_group(plan: Plan) -> dict[str, list[Write]]:
    """Writes per group, in order."""
    grouped: dict[str, list[Write]] = defaultdict(list)
    for write in plan.writes:
        grouped[write.group].append(write)
    return grouped


def as_text(plan: Plan) -> str:
    """For a terminal."""
    lines = [summary(plan), f"Digest {plan.digest}", ""]
    grouped = by_group(plan)
    for group in list(grouped)[:SHOWN]:
        lines.append(f"Group {group}" if group else "Before anything else")
        for write in grouped[group]:
            lines.append(f"  {write.seq:>5}  {title(write)}; {UNDO[write.undo]}")
            lines += [f"         {line}" for line in changes(write)]
    lines += _rest(plan, len(grouped))
    return "\n".join(lines)


def _rest(plan: Plan, groups: int) -> list[str]:
    lines = [f"... and {groups - SHOWN:,} more groups; the JSON file has every write."] if groups > SHOWN else []
    if plan.notes:
        lines += ["", "To know"] + [f"  {group}: {safe_text(note)}" for group, note in plan.notes[:SHOWN]]
    if plan.blocked:
        lines += ["", "Blocked"] + [f"  {group}: {safe_text(reason)}" for group, reason in plan.blocked[:SHOWN]]
    if plan.excluded:
        lines += ["", "Excluded from the sync: nothing is written; its filter has to name them (`reconcile-tui policy` makes the list)"]
        lines += [f"  {safe_text(str(ref))}: not picked up from {ref.system}" for ref, _ in plan.excluded[:SHOWN]]
    return lines


def as_markdown(plan: Plan) -> str:
    """For a ticket or a review."""
    lines = ["# Plan", "", summary(plan), "", f"Digest `{plan.digest}`", ""]
    grouped = by_group(plan)
    for group in list(grouped)[:SHOWN]:
        lines += [f"## Group {group}" if group else "## Before anything else", "", "| no | write | column | before | after | undo |"]
        lines += ["|---|---|---|---|---|---|"]
        for write in grouped[group]:
            lines += _rows(write)
        lines.append("")
    return "\n".join(lines + _rest(plan, len(grouped))) + "\n"


def _rows(write: Write) -> list[str]:
    columns = [(n, v) for n, v in write.leaves.items() if not (write.kind == "merge" and write.expects.get(n) == v)] or [("", None)]
    return [
        f"| {write.seq} | {_cell(title(write))} | {_cell(name)} | {_cell(shown(write.expects.get(name)) if name else '')} |"
        f" {_cell(shown(value) if name else '')} | {UNDO[write.undo]} |"
        for name, value in columns
    ]


def _cell(text: str) -> str:
    """Text inside a Markdown table: nothing in it may end the cell or start markup."""
    for char in "\\`*_[]<>|":
        text = text.replace(char, "\\" + char)
    return text
