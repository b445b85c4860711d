"""Writes that change a system's definitions: link columns, their keys, duplicate detection rules. Each looks first and after.

The systems' own functions for these find what is there already, so that going on after a lost answer or a crash makes nothing twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from reconcile_tui.stewardship.document import Write
from reconcile_tui.stewardship.outcomes import Item, Unexpected
from reconcile_tui.stewardship.setting_up import rule_of
from reconcile_tui.systems.protocol import LinkStatus, System


async def _column(system: System, write: Write, doubt: bool) -> Item:
    before = await system.link_state(write.table, write.id)
    if before.status == "ready":
        return Item(write.seq, "done" if doubt else "already", before.detail)
    if before.status == "missing" and write.kind == "key":
        raise Unexpected(before.detail)
    if before.status == "keyless" and write.kind == "schema" and not doubt:
        raise Unexpected("The column is there already, without a key; a new plan takes that into account.")
    after = await system.ensure_link(write.table, write.id)
    return _defined(write, after.status, after.detail)


async def _drop_column(system: System, write: Write, doubt: bool) -> Item:
    key_only = write.kind == "drop_key"
    gone = ("missing", "keyless") if key_only else ("missing",)
    before = await system.link_state(write.table, write.id)
    if before.status in gone:
        return Item(write.seq, "done" if doubt else "already", before.detail)
    after = await system.drop_link(write.table, write.id, key_only=key_only)
    return _defined(write, "ready" if after.status in gone else after.status, after.detail)


async def _rule(system: System, write: Write, doubt: bool) -> Item:
    rule = rule_of(write.table, write.id, write.leaves)
    before = await system.rule_state(rule)
    if before.status == "ready":
        return Item(write.seq, "done" if doubt else "already", before.detail)
    after = await system.ensure_rule(rule)
    return _defined(write, after.status, after.detail)


async def _drop_rule(system: System, write: Write, doubt: bool) -> Item:
    rule = rule_of(write.table, write.id, write.leaves)
    before = await system.rule_state(rule)
    if before.status == "missing":
        return Item(write.seq, "done" if doubt else "already", before.detail)
    if before.status == "unfit":
        raise Unexpected(before.detail)
    after = await system.drop_rule(rule)
    return _defined(write, "ready" if after.status == "missing" else after.status, after.detail)


def _defined(write: Write, status: LinkStatus, detail: str) -> Item:
    """The outcome of changing a definition: what is not as wanted yet is tried again by `--resume`."""
    return Item(write.seq, "done" if status == "ready" else "refused" if status == "unfit" else "failed", detail)


DEFINING: Mapping[str, Callable[[System, Write, bool], Awaitable[Item]]] = {
    "schema": _column,
    "key": _column,
    "drop_schema": _drop_column,
    "drop_key": _drop_column,
    "rule": _rule,
    "drop_rule": _drop_rule,
}
"""By kind of write; the last argument: an earlier attempt may have been sent."""
