"""What each kind of fault does; the classes' docstrings name the settings each takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from reconcile_tui.errors import UsageError
from reconcile_tui.sandbox import entra
from reconcile_tui.sandbox.dataverse import errors as dataverse
from reconcile_tui.sandbox.dataverse.api import unauthenticated
from reconcile_tui.sandbox.dataverse.merge import refused as merge_refused
from reconcile_tui.sandbox.exchange import Answer, Call
from reconcile_tui.sandbox.hubspot import errors as hubspot

if TYPE_CHECKING:
    from reconcile_tui.sandbox.sandbox import Sandbox


class ConnectionDropped(ConnectionResetError):
    """The connection broke. In process it leaves the application as an exception, on loopback the socket is closed."""


class Settings(Protocol):
    """What a kind knows about the fault it acts for."""

    settings: Mapping[str, Any]


class Kind(Protocol):
    """What a kind of fault does: before the request is handled (an answer replaces it), or to its answer."""

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        """Act, and possibly answer, before anything happened."""
        ...

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        """Spoil the answer of a request that was carried out."""
        ...


class _Nothing:
    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        return None

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        return answer


class _Throttle(_Nothing):
    """429: `policy` (HubSpot's three, Dataverse's three codes), `retry_after` in seconds."""

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        policy, wait = str(fault.settings.get("policy", "")), fault.settings.get("retry_after")
        if call.system == "dynamics":
            return dataverse.protected(policy or "0x80072322", float(wait if wait is not None else 5)).answer()
        answer = hubspot.too_many(policy or "TEN_SECONDLY_ROLLING").answer()
        if wait is not None:
            answer.headers["retry-after"] = str(wait)
        return answer


HUBSPOT_TEXTS = {
    412: "Precondition failed",
    414: "Cannot have more than 250 identities on a profile",
    423: "This resource is locked; retry after a moment",
    477: "This account is being migrated between data centers",
}
DATAVERSE_CODES = {412: "0x80060882", 404: "0x80040217", 403: "0x80040220", 500: "0x80040216", 503: "0x80040216"}


class _Status(_Nothing):
    """Any `status`, in the vendor's shape.

    `code` (Dataverse, also of a merge), `message`, `retry_after`; with `after_commit` the write is done all the same.
    """

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        return None if fault.settings.get("after_commit") else self._made(call, fault)

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        return self._made(call, fault)

    def _made(self, call: Call, fault: Settings) -> Answer:
        status, code = int(fault.settings.get("status", 500)), str(fault.settings.get("code", ""))
        text = str(fault.settings.get("message") or HUBSPOT_TEXTS.get(status, "internal error"))
        if code.startswith("0x80045"):
            answer = merge_refused(code).answer()
        elif call.system == "dynamics":
            message = dataverse.changed().message if status == 412 and "message" not in fault.settings else text
            answer = dataverse.Refusal(status, code or DATAVERSE_CODES.get(status, "0x80040216"), message).answer()
        elif call.system == "entra":
            answer = entra.Refusal(status, "temporarily_unavailable", 90033, text).answer()
        else:
            answer = hubspot.Refusal(status, text).answer()
        if "retry_after" in fault.settings:
            answer.headers["retry-after"] = str(fault.settings["retry_after"])
        return answer


class _DropBefore(_Nothing):
    """The connection breaks before the request is handled."""

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        raise ConnectionDropped("connection dropped before the request was handled")


class _DropAfter(_Nothing):
    """The request is carried out, then the connection breaks."""

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        raise ConnectionDropped("connection dropped after the request was handled")


class _Slow(_Nothing):
    """The answer takes `seconds` longer."""

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        await sandbox.clock.sleep(float(fault.settings.get("seconds", 1)))
        return None


class _Truncated(_Nothing):
    """The body ends in the middle."""

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        return Answer(answer.status, answer.body[: len(answer.body) // 2], answer.headers)


class _WrongContentType(_Nothing):
    """A web page instead of the answer, as a proxy or a captive portal gives it."""

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to continue.</body></html>"
        return Answer(200, page, {"content-type": "text/html; charset=utf-8"})


class _ExpiredToken(_Nothing):
    """401, as for a token that ended in the middle of a run."""

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        if call.system == "dynamics":
            return unauthenticated(call)
        text = "The OAuth token used to make this call expired 1 second(s) ago."
        return hubspot.Refusal(401, text, category="EXPIRED_AUTHENTICATION").answer()


class _ForeignNextLink(_Nothing):
    """The link to the next page points to another host (`origin`)."""

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        origin = str(fault.settings.get("origin", "https://attacker.example"))
        try:
            body = orjson.loads(answer.body)
        except ValueError:
            return answer
        if "@odata.nextLink" in body:
            body["@odata.nextLink"] = body["@odata.nextLink"].replace(call.origin, origin, 1)
        elif "paging" in body and "link" in body["paging"]["next"]:
            body["paging"]["next"]["link"] = body["paging"]["next"]["link"].replace(call.origin, origin, 1)
        return Answer(answer.status, orjson.dumps(body), answer.headers)


class _StaleSearch(_Nothing):
    """This search sees the index as it was `seconds` ago."""

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        sandbox.hubspot.portal.stale_seconds = float(fault.settings.get("seconds", 30))
        return None

    def after(self, call: Call, answer: Answer, fault: Settings) -> Answer:
        return answer


class _ChangeRecord(_Nothing):
    """Just before the request somebody else sets `values` on `record` (`system/table/id`; default: the one in the address)."""

    async def before(self, sandbox: Sandbox, call: Call, fault: Settings) -> Answer | None:
        record = fault.settings.get("record") or sandbox.record_in(call)
        if not record:
            raise UsageError("The fault change_record needs a record: system/table/id.")
        sandbox.edit(str(record), dict(fault.settings.get("values") or {}))
        return None


KINDS: dict[str, Kind] = {
    "throttle": _Throttle(),
    "status": _Status(),
    "drop_before": _DropBefore(),
    "drop_after_commit": _DropAfter(),
    "slow": _Slow(),
    "truncated": _Truncated(),
    "wrong_content_type": _WrongContentType(),
    "expired_token": _ExpiredToken(),
    "foreign_next_link": _ForeignNextLink(),
    "stale_search": _StaleSearch(),
    "change_record": _ChangeRecord(),
}
"""Every kind of fault by name."""
