"""Dataverse's addresses, authentication, limits and `$batch`."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from reconcile_tui.sandbox.dataverse import bulk, edmx, functions, metadata, multipart, records, sqlquery
from reconcile_tui.sandbox.dataverse.address import Segment, relative, segments
from reconcile_tui.sandbox.dataverse.environment import ROOT, TENANT, VERSIONS, Environment
from reconcile_tui.sandbox.dataverse.errors import CONTENT_TYPE, Refusal, bad_query, no_segment, unsupported
from reconcile_tui.sandbox.dataverse.preferences import Preferences
from reconcile_tui.sandbox.dataverse.protection import Protection
from reconcile_tui.sandbox.dataverse.query import context
from reconcile_tui.sandbox.dataverse.schema import Table
from reconcile_tui.sandbox.exchange import Answer, Call, json_answer
from reconcile_tui.sandbox.tokens import expiry

CRM = "Microsoft.Dynamics.CRM."
ODATA = {"odata-version": "4.0"}


class Unauthenticated(Exception):
    """No usable token; the answer is a 401 without a body."""


class Api:
    """Answers Dataverse requests."""

    def __init__(self, env: Environment) -> None:
        """Serve one environment."""
        self.env = env
        self.protection = Protection(env)

    def answer(self, call: Call) -> Answer:
        """Check the token, count the request, do it; refusals come in Dataverse's shape."""
        try:
            self._authenticate(call)
            self.protection.take()
            with self.env.store.transaction(write=call.method != "GET"):
                found = self.respond(call)
        except Unauthenticated:
            found = unauthenticated(call)
        except Refusal as refusal:
            found = refused(call, refusal)
        found.headers.update({"req_id": str(uuid.uuid4()), "x-ms-service-request-id": str(uuid.uuid4()), **self.protection.headers()})
        return found

    def _authenticate(self, call: Call) -> None:
        if not call.bearer or expiry(call.bearer) <= self.env.clock.now():
            raise Unauthenticated

    def respond(self, call: Call) -> Answer:
        """One request, or one part of a batch. Raises Refusal."""
        version, _, _ = call.path[len(ROOT) :].partition("/")
        if not call.path.startswith(ROOT) or version not in VERSIONS:
            raise no_segment(call.plain_path.strip("/").partition("/")[0])
        parts = segments(relative(call.path))
        if not parts:
            return self._service(call)
        if parts[0].name == "$batch":
            return self._batch(call)
        if parts[0].name == "$metadata":
            return edmx.document(self.env)
        if parts[0].name == "EntityDefinitions":
            return metadata.definitions(self.env, call, parts)
        if parts[0].name in ("GlobalOptionSetDefinitions", "RelationshipDefinitions", "ManagedPropertyDefinitions"):
            raise unsupported(parts[0].name)
        done = functions.answer(self.env, call, parts[0]) if len(parts) == 1 else None
        return done if done is not None else self._table(call, parts)

    def _service(self, call: Call) -> Answer:
        tables = [table for name, table in self.env.schema.tables.items() if self.env.table(name)]
        value = [{"name": table.entity_set, "kind": "EntitySet", "url": table.entity_set} for table in tables]
        root = call.path.rstrip("/")
        return json_answer(200, {"@odata.context": f"{call.origin}{root}/$metadata", "value": value}, CONTENT_TYPE, ODATA)

    def _table(self, call: Call, parts: list[Segment]) -> Answer:
        table = self.env.table_of_set(parts[0].name)
        inside = parts[0].inside
        if inside is None:
            return self._collection(call, table, parts[1:])
        if len(parts) == 1:
            return self._method(call, _ROW)(self.env, call, table, inside)
        name = parts[1].name
        if name.startswith(CRM):
            return functions.bound(self.env, call, table.entity_set, inside, name.removeprefix(CRM))
        if len(parts) == 3 and parts[2].name == "$ref":
            return self._method(call, _REFERENCE)(self.env, call, table, inside, name)
        if len(parts) == 2:
            return self._method(call, _PROPERTY)(self.env, call, table, inside, name)
        raise unsupported("/".join(part.name for part in parts))

    def _collection(self, call: Call, table: Table, rest: list[Segment]) -> Answer:
        if rest and rest[0].name == "$count":
            return records.counted(self.env, call, table)
        if rest and rest[0].name.startswith(CRM) and call.method == "POST":
            return bulk.multiple(self.env, call, table, rest[0].name.removeprefix(CRM))
        if rest:
            raise no_segment(rest[0].name)
        if call.method == "GET" and "sql" in call.parameters():
            found = sqlquery.rows(self.env, table, call.parameter("sql"))
            return json_answer(200, {"@odata.context": context(call, table, ""), "value": found}, CONTENT_TYPE, ODATA)
        return self._method(call, _COLLECTION)(self.env, call, table)

    def _method(self, call: Call, table: dict[str, Callable[..., Answer]]) -> Callable[..., Answer]:
        if call.method not in table:
            raise Refusal(405, "0x8006088a", f"The requested resource does not support http method '{call.method}'.")
        return table[call.method]

    def _batch(self, call: Call) -> Answer:
        """Parts in order; the first failure ends the batch with its own status, unless the client wants to go on."""
        if call.method != "POST":
            raise bad_query("A batch must be sent with POST.")
        root = call.path[: call.path.rindex("/")]
        going_on = Preferences.of(call).continues_on_error
        answers: list[tuple[Answer, str] | list[tuple[Answer, str]]] = []
        status = 200
        for each in multipart.read(call, root):
            done, failed = self._change_set(each, root) if isinstance(each, multipart.ChangeSet) else self._part(each)
            answers.append(done)
            if failed is not None and not going_on:
                status = failed
                break
        content_type, body = multipart.write(answers)
        return Answer(status, body, {"content-type": content_type, **ODATA})

    def _part(self, part: multipart.Part) -> tuple[tuple[Answer, str], int | None]:
        try:
            with self.env.store.transaction():
                return (self.respond(part.call), part.content_id), None
        except Refusal as refusal:
            self.env.schema.read()
            return (refused(part.call, refusal), part.content_id), refusal.status

    def _change_set(self, change_set: multipart.ChangeSet, root: str) -> tuple[tuple[Answer, str] | list[tuple[Answer, str]], int | None]:
        answers: list[tuple[Answer, str]] = []
        created: dict[str, str] = {}
        part = change_set.parts[0]
        try:
            with self.env.store.transaction():
                for part in change_set.parts:
                    answer = self.respond(multipart.refer(part, created, root))
                    created[part.content_id] = answer.headers.get("odata-entityid", "")
                    answers.append((answer, part.content_id))
        except Refusal as refusal:
            self.env.schema.read()
            return (refused(part.call, refusal), part.content_id), refusal.status
        return answers, None


def refused(call: Call, refusal: Refusal) -> Answer:
    """A refusal as the client wants to see it."""
    return refusal.answer(annotated=Preferences.of(call).annotates("Microsoft.PowerApps.CDS.HelpLink"))


def unauthenticated(call: Call) -> Answer:
    """401 without a body; its header says where to sign in."""
    where = f"Bearer authorization_uri=https://login.microsoftonline.com/{TENANT}/oauth2/authorize, resource_id={call.origin}/"
    return Answer(401, b"", {"www-authenticate": where})


_COLLECTION: dict[str, Callable[..., Answer]] = {"GET": records.listing, "POST": records.create}
_ROW: dict[str, Callable[..., Answer]] = {"GET": records.get, "PATCH": records.upsert, "DELETE": records.delete}
_PROPERTY: dict[str, Callable[..., Answer]] = dict.fromkeys(("GET", "PUT", "DELETE"), records.property_of)
_REFERENCE: dict[str, Callable[..., Answer]] = dict.fromkeys(("PUT", "DELETE"), records.reference_of)
