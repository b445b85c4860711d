"""Dataverse's error bodies and codes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reconcile_tui.sandbox.exchange import Answer, json_answer

CONTENT_TYPE = "application/json; odata.metadata=minimal"
HELP = "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a{code}&client=platform"


class Refusal(Exception):
    """A request that Dataverse refuses: HTTP status, code (`0x…`) and message."""

    def __init__(self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        """`headers` go with the answer, e.g. Retry-After."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def answer(self, *, annotated: bool = False) -> Answer:
        """The refusal as it goes over the wire; `annotated` adds what `odata.include-annotations="*"` asks for."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if annotated:
            error["@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus"] = "0"
            error["@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode"] = "2146233088"
            error["@Microsoft.PowerApps.CDS.HelpLink"] = HELP.format(code=self.code)
            error["@Microsoft.PowerApps.CDS.InnerError.Message"] = self.message
        return json_answer(self.status, {"error": error}, CONTENT_TYPE, {"odata-version": "4.0", **self.headers})


def no_record(table: str, record_id: str) -> Refusal:
    """A row that does not exist."""
    return Refusal(404, "0x80040217", f"Entity '{table}' With Id = {record_id} Does Not Exist")


def no_key_record() -> Refusal:
    """No row with these alternate key values."""
    return Refusal(404, "0x80060891", "A record with the specified key values does not exist in the table")


def no_segment(name: str) -> Refusal:
    """An address with an unknown part."""
    return Refusal(404, "0x8006088a", f"Resource not found for the segment '{name}'.")


def no_property(table: str, name: str) -> Refusal:
    """A column in $select, $filter or $orderby that does not exist."""
    return Refusal(400, "0x80060888", f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'.")


def bad_query(message: str) -> Refusal:
    """A query that can't be understood."""
    return Refusal(400, "0x80060888", message)


def bad_payload(entity_set: str, message: str) -> Refusal:
    """A body that does not fit the table."""
    text = (
        f"Error identified in Payload provided by the user for Entity :'{entity_set}', For more information on this error please "
        "follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : "
        f"Microsoft.OData.ODataException: {message}"
    )
    return Refusal(400, "0x80048d19", text)


def too_long(table: str, column: str, most: int) -> Refusal:
    """A text longer than its column."""
    text = (
        f"A validation error occurred.  The length of the '{column}' attribute of the '{table}' entity exceeded the maximum allowed "
        f"length of '{most}'."
    )
    return Refusal(400, "0x80044331", text)


def out_of_range(table: str, column: str, least: float, most: float, *, whole: bool) -> Refusal:
    """A number beyond what its column takes."""
    code = "0x8004432f" if whole else "0x80044330"
    text = (
        f"A validation error occurred. The value of '{column}' on record of type '{table}' is outside the valid range ({least} to {most})."
    )
    return Refusal(400, code, text)


def bad_option(table: str, column: str, value: Any, allowed: list[int]) -> Refusal:
    """A choice that the column doesn't have."""
    listed = ", ".join(map(str, allowed))
    text = (
        f"A validation error occurred. The value {value} of '{column}' on record of type '{table}' is outside the valid range. "
        f"Accepted Values: {listed}"
    )
    return Refusal(400, "0x8004431a", text)


def bad_status(table: str, schema: str, record_id: str, status: Any, state: Any) -> Refusal:
    """A status reason of another state."""
    text = f"{status} is not a valid status code for state code {schema}State.{state} on {table} with Id {record_id}."
    return Refusal(400, "0x80048408", text)


def changed() -> Refusal:
    """A write with a stale etag."""
    text = "The version of the existing record doesn't match the RowVersion property provided."
    return Refusal(412, "0x80060882", text)


def exists() -> Refusal:
    """A create with If-None-Match on a row that is there, or an alternate key value that is taken."""
    return Refusal(412, "0x80060892", "A record with matching key values already exists.")


def same_id() -> Refusal:
    """A create with a primary key that is there."""
    return Refusal(412, "0x80040237", "A record with matching key values already exists.")


def denied(privilege: str) -> Refusal:
    """A privilege that the caller lacks."""
    text = f"Principal user is missing {privilege} privilege for the requested operation."
    return Refusal(403, "0x80040220", text)


def inactive(table: str, record_id: str) -> Refusal:
    """A write to a row that is not active."""
    text = f"The {table} with Id = {record_id} is inactive and can't be updated. Activate the record first."
    return Refusal(400, "0x80040203", text)


def unsupported(message: str) -> Refusal:
    """What Dataverse can do and the sandbox can't: said, never pretended."""
    return Refusal(501, "0x80040216", f"The sandbox does not support this request: {message}")


PROTECTION = {
    "0x80072322": "Number of requests exceeded the limit of {requests} over time window of 300 seconds.",
    "0x80072321": "Combined execution time of incoming requests exceeded limit of {milliseconds} milliseconds over time window of 300 "
    "seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.",
    "0x80072326": "Number of concurrent requests exceeded the limit of {concurrency}.",
}
"""Service protection: message by code."""


def protected(code: str, retry_after: float, **limits: Any) -> Refusal:
    """429 under one of the three service protection limits."""
    known = {"requests": 6000, "milliseconds": "1,200,000", "concurrency": 52, **limits}
    return Refusal(429, code, PROTECTION[code].format(**known), headers={"retry-after": str(max(1, math.ceil(retry_after)))})
