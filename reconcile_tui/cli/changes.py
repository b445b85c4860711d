"""`show GROUP --history FIELD`: who changed a value, as linear text or JSON."""

from __future__ import annotations

import asyncio

from reconcile_tui.cli.text import out, out_json, say
from reconcile_tui.display import safe_text
from reconcile_tui.steps.connect import systems
from reconcile_tui.steps.field_history import RecordHistory, field_history
from reconcile_tui.systems.protocol import FieldVersion
from reconcile_tui.workspace import Workspace


def tell(workspace: Workspace, group: str, field: str, *, as_json: bool) -> None:
    """Ask the systems and print what they tell. Raises UsageError, SystemFailure."""

    async def asked() -> list[RecordHistory]:
        async with systems(workspace, prompt=say) as opened:
            return await field_history(workspace, group, field, opened)

    found = asyncio.run(asked())
    if as_json:
        out_json({"group": group, "field": field, "records": [record.as_json() for record in found]})
        return
    for record in found:
        out(safe_text(f"{record.ref.system} {record.ref.table} {record.ref.id}"))
        for version in record.versions:
            out(f"  {_version(version)}")
        if record.note:
            out(f"  {record.note}")
        if not record.versions and record.saved_at:
            by = f" by {record.saved_by}" if record.saved_by else ""
            out(safe_text(f"  The record was saved last {record.saved_at}{by}."))


def _version(version: FieldVersion) -> str:
    value = "(empty)" if version.value is None else safe_text(version.value)
    told = safe_text(f"{version.told}: {version.label}" if version.label else version.told)
    return f"{safe_text(version.at)}  {value}  {told}" + (f", user {safe_text(version.user)}" if version.user else "")
