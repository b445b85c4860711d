"""`$batch`: reading the parts of a multipart body, and writing the answers as one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from reconcile_tui.sandbox.dataverse.errors import Refusal
from reconcile_tui.sandbox.exchange import Answer, Call

MOST = 1000
"""Operations in one batch."""


@dataclass(frozen=True, slots=True)
class Part:
    """One request inside a batch."""

    call: Call
    content_id: str


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Requests that succeed or fail together."""

    parts: tuple[Part, ...]


def malformed(what: str) -> Refusal:
    """A batch that can't be read."""
    return Refusal(400, "0x80060888", f"The batch request is malformed: {what}")


def boundary_of(content_type: str) -> str:
    """The boundary of a multipart content type. Raises Refusal."""
    match = re.search(r'boundary\s*=\s*(?:"([^"]+)"|([^;\s]+))', content_type, re.IGNORECASE)
    if not content_type.lower().startswith("multipart/mixed") or match is None:
        raise malformed("its content type must be multipart/mixed with a boundary")
    return match[1] or match[2]


def read(call: Call, root: str) -> list[Part | ChangeSet]:
    """The parts of a batch in order. Raises Refusal."""
    found: list[Part | ChangeSet] = []
    for headers, content in _pieces(call.body, boundary_of(call.headers.get("content-type", ""))):
        kind = headers.get("content-type", "")
        if kind.lower().startswith("multipart/mixed"):
            parts = [_part(call, root, inner, text) for inner, text in _pieces(content, boundary_of(kind))]
            if any(part.call.method == "GET" for part in parts):
                raise malformed("a change set can't hold GET requests")
            if len({part.content_id for part in parts}) < len(parts):
                raise malformed("every request of a change set needs its own Content-ID")
            found.append(ChangeSet(tuple(parts)))
        else:
            found.append(_part(call, root, headers, content))
    if not found:
        raise malformed("it has no parts")
    if sum(len(each.parts) if isinstance(each, ChangeSet) else 1 for each in found) > MOST:
        raise Refusal(400, "0x80040203", f"The batch holds more than the maximum of {MOST} operations.")
    return found


def _pieces(body: bytes, boundary: str) -> list[tuple[dict[str, str], bytes]]:
    text = body.replace(b"\r\n", b"\n")
    pieces = (b"\n" + text).split(b"\n--" + boundary.encode())
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise malformed("its closing boundary is missing")
    return [_split(piece.lstrip(b"\n")) for piece in pieces[1:-1]]


def _split(piece: bytes) -> tuple[dict[str, str], bytes]:
    head, _, content = piece.partition(b"\n\n")
    headers = dict(_header(line) for line in head.decode("utf-8", "replace").split("\n") if ":" in line)
    return headers, content


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _part(call: Call, root: str, outer: dict[str, str], content: bytes) -> Part:
    first, _, rest = content.lstrip(b"\n").partition(b"\n")
    match = re.fullmatch(r"(GET|POST|PATCH|PUT|DELETE) (\S+)(?: HTTP/1\.1)?", first.decode("utf-8", "replace").strip())
    if match is None:
        raise malformed("a part has no request line")
    headers, body = _split(rest) if not rest.startswith(b"\n") else ({}, rest[1:])
    url = re.sub(r"^https?://[^/]+", "", match[2])
    path, _, query = url.partition("?")
    if not path.startswith("/") or re.match(r"/?\$\d", path):
        path = f"{root}/{path.lstrip('/')}"
    inherited = {name: value for name, value in call.headers.items() if name in ("authorization", "mscrmcallerid", "callerobjectid")}
    content_id = outer.get("content-id", "")
    return Part(
        replace(call, method=match[1], path=path, query=query, headers={**inherited, **headers}, body=body.rstrip(b"\n")), content_id
    )


def refer(part: Part, created: dict[str, str], root: str) -> Call:
    """A part with `$1` replaced by the address of what the part with that Content-ID made."""
    call = part.call
    for content_id, url in created.items():
        mark = f"${content_id}"
        path = re.sub(rf"^{re.escape(root)}/{re.escape(mark)}(?![0-9])", re.sub(r"^https?://[^/]+", "", url), call.path)
        body = re.sub(rf'(?<=")/?{re.escape(mark)}(?=")'.encode(), url.encode(), call.body)
        call = replace(call, path=path, body=body)
    return call


def write(answers: Sequence[tuple[Answer, str] | list[tuple[Answer, str]]]) -> tuple[str, bytes]:
    """The content type and body of a batch's answer; a list is a change set."""
    boundary = f"batchresponse_{uuid.uuid4()}"
    pieces = []
    for each in answers:
        if isinstance(each, list):
            inner = f"changesetresponse_{uuid.uuid4()}"
            content = _closed(inner, [_written(answer, content_id) for answer, content_id in each])
            pieces.append(f"Content-Type: multipart/mixed; boundary={inner}\r\n\r\n".encode() + content)
        else:
            pieces.append(_written(*each))
    return f"multipart/mixed; boundary={boundary}", _closed(boundary, pieces)


def _closed(boundary: str, pieces: list[bytes]) -> bytes:
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + piece + b"\r\n" for piece in pieces) + mark + b"--\r\n"


_NAMES = {"odata-version": "OData-Version", "odata-entityid": "OData-EntityId", "content-type": "Content-Type", "location": "Location"}


def _written(answer: Answer, content_id: str) -> bytes:
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id:
        head.append(f"Content-ID: {content_id}")
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{_NAMES.get(name, name.title())}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*head, "", *lines, "", ""]).encode() + answer.body + b"\r\n"
