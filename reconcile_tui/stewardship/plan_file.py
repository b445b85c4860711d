"""The plan's file: one JSON document with a digest, one write a line, written and read piece by piece.

A plan of a hundred thousand groups is some hundreds of megabytes: neither side ever holds the whole text, and every write is rendered
once. What was changed after the plan was made is refused, also when the shown request and the values it is rendered from disagree.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

from reconcile_tui.errors import PlanOutdated
from reconcile_tui.model import Ref
from reconcile_tui.stewardship.document import Plan, Write
from reconcile_tui.stewardship.render import Target

_OPENING = b'{"digest":"'
_WRITES = b',"writes":['
_END = b"]}"
_BLANK = b"0" * 64


def lines(plan: Plan) -> Iterator[bytes]:
    """Every write as the file holds it."""
    for write in plan.writes:
        yield orjson.dumps(write.as_json(plan.targets[write.system]))


def digest_of(head: Mapping[str, Any]) -> Any:
    """A SHA-256 over everything before the writes, to be fed with each of them."""
    return hashlib.sha256(orjson.dumps(head, option=orjson.OPT_SORT_KEYS))


def pieces(plan: Plan) -> Iterator[bytes]:
    """The file piece by piece."""
    yield _head(plan, plan.digest.encode())
    for number, line in enumerate(lines(plan)):
        yield (b",\n" if number else b"\n") + line
    yield b"\n" + _END + b"\n"


def save(plan: Plan, file: BinaryIO) -> None:
    """Write the file. The digest comes first and is known last, so its place is filled in at the end."""
    start, head = file.tell(), plan.head()
    digest = digest_of(head)
    file.write(_head(plan, _BLANK, head))
    for number, line in enumerate(lines(plan)):
        file.write(b",\n" if number else b"\n")
        file.write(line)
        digest.update(b"\n" + line)
    file.write(b"\n" + _END + b"\n")
    plan.known_digest(digest.hexdigest())
    file.seek(start + len(_OPENING))
    file.write(plan.digest.encode())
    file.seek(0, io.SEEK_END)


def _head(plan: Plan, digest: bytes, head: Mapping[str, Any] | None = None) -> bytes:
    return _OPENING + digest + b'",' + orjson.dumps(head or plan.head())[1:-1] + _WRITES


def load(file: BinaryIO) -> Plan:
    """Read a plan. Raises PlanOutdated when the file is not a plan or was changed."""
    try:
        opening = file.readline()
        if opening.rstrip().endswith(_WRITES):
            head, items = orjson.loads(opening + _END), _items(file)
            del head["writes"]
        else:  # somebody has laid the file out anew
            head = orjson.loads(opening + file.read())
            items = iter(head.pop("writes"))
        return _checked(head, items)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise PlanOutdated(
            "This file is not a plan.", kept="Nothing was sent.", todo="Make one with `reconcile-tui plan -o FILE`."
        ) from error


def _items(file: BinaryIO) -> Iterator[dict[str, Any]]:
    for line in file:
        text = line.rstrip(b",\n")
        if text == _END:
            if file.read().strip():
                raise ValueError("the file goes on after its end")
            return
        yield orjson.loads(text)
    raise ValueError("the file ends before its last write")


def _checked(head: dict[str, Any], items: Iterator[dict[str, Any]]) -> Plan:
    """The plan, if everything in the file follows from its values and the digest is theirs."""
    named = head.pop("digest")
    targets = {name: Target.from_json(target) for name, target in head["targets"].items()}
    digest, writes, agree = digest_of(head), [], True
    for item in items:
        write = Write.from_json(item)
        line = orjson.dumps(write.as_json(targets[write.system]))
        agree = agree and orjson.loads(line) == item
        digest.update(b"\n" + line)
        writes.append(write)
    plan = _plan(head, targets, tuple(writes))
    if (
        not agree
        or digest.hexdigest() != named
        or orjson.loads(orjson.dumps(plan.head())) != {k: v for k, v in head.items() if k != "writes"}
    ):
        raise PlanOutdated(
            "The plan file was changed after it was made: its digest does not fit.",
            kept="Nothing was sent.",
            todo="Make the plan anew with `reconcile-tui plan -o FILE`.",
        )
    plan.known_digest(named)
    return plan


def _plan(head: Mapping[str, Any], targets: Mapping[str, Target], writes: tuple[Write, ...]) -> Plan:
    return Plan(
        project=head["project"],
        targets=targets,
        writes=writes,
        blocked=tuple((item["group"], item["reason"]) for item in head["blocked"]),
        excluded=tuple((Ref.from_json(item), item["direction"]) for item in head["excluded"]),
        notes=tuple((item["group"], item["note"]) for item in head["notes"]),
        kind=head["kind"],
        of_run=head.get("of_run", 0),
    )
