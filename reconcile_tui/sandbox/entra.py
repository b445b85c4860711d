"""Entra sign-in in miniature: client secret, certificate assertion, device code and refresh token.

Tokens are unsigned JSON Web Tokens that tell their own expiry; they are good for this sandbox and nothing else.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from reconcile_tui.sandbox import tokens
from reconcile_tui.sandbox.clock import Clock
from reconcile_tui.sandbox.dataverse.environment import TENANT, USER
from reconcile_tui.sandbox.exchange import Answer, Call, json_answer
from reconcile_tui.sandbox.options import Options
from reconcile_tui.sandbox.tokens import encoded, unsigned

CONTENT_TYPE = "application/json; charset=utf-8"
OPENID = {"openid", "profile", "offline_access"}
DEVICE_LIFETIME, INTERVAL = 900, 1  # seconds; the real interval is 5
_NAMED = {"common", "organizations", "consumers"}


class Refusal(Exception):
    """A sign-in that is refused: HTTP status, OAuth error and Entra's own number."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        """`text` is told after the number."""
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text

    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        body = {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation}",
            "error_codes": [self.number],
            "trace_id": trace,
            "correlation_id": correlation,
        }
        return json_answer(self.status, body, CONTENT_TYPE)


@dataclass(slots=True)
class _Device:
    """One device-code sign-in under way."""

    client: str
    scope: str
    expires: float
    pending: int  # polls that still answer authorization_pending


class Entra:
    """Answers sign-in requests."""

    def __init__(self, clock: Clock, options: Options) -> None:
        """No sign-in is under way."""
        self.clock = clock
        self.options = options
        self._devices: dict[str, _Device] = {}

    def reset(self) -> None:
        """Forget the sign-ins under way."""
        self._devices.clear()

    def answer(self, call: Call) -> Answer:
        """Route by path; refusals come in Entra's shape."""
        try:
            for pattern, method, handler in _ROUTES:
                match = re.fullmatch(pattern, call.path)
                if match and call.method == method:
                    return handler(self, call, match[1])
            raise Refusal(404, "invalid_request", 90023, f"The endpoint {call.path} is not supported.")
        except Refusal as refusal:
            return refusal.answer()

    def instances(self, call: Call, tenant: str) -> Answer:
        """Instance discovery: one cloud."""
        names = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
        body = {
            "tenant_discovery_endpoint": f"{call.origin}/{TENANT}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": names[0], "preferred_cache": "login.windows.net", "aliases": names}],
        }
        return json_answer(200, body, CONTENT_TYPE)

    def configuration(self, call: Call, tenant: str) -> Answer:
        """OpenID configuration of a tenant."""
        base, issuer = f"{call.origin}/{tenant}", tenant if tenant not in _NAMED else "{tenantid}"
        body = {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"https://login.microsoftonline.com/{issuer}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "tid", "oid", "name", "preferred_username"],
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
        }
        return json_answer(200, body, CONTENT_TYPE)

    def device_code(self, call: Call, tenant: str) -> Answer:
        """Start a device-code sign-in."""
        form = _form(call)
        code = secrets.token_urlsafe(32)
        user_code = "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ23456789") for _ in range(9))
        until = self.clock.now() + DEVICE_LIFETIME
        self._devices[code] = _Device(_need(form, "client_id"), form.get("scope", ""), until, self.options.entra_polls)
        page = "https://microsoft.com/devicelogin"
        body = {
            "user_code": user_code,
            "device_code": code,
            "verification_uri": page,
            "expires_in": DEVICE_LIFETIME,
            "interval": INTERVAL,
            "message": f"To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate.",
        }
        return json_answer(200, body, CONTENT_TYPE)

    def token(self, call: Call, tenant: str) -> Answer:
        """A token, by the grant that the form names."""
        form = _form(call)
        grant = _GRANTS.get(_need(form, "grant_type"))
        if grant is None:
            text = f"The app requested an unsupported grant type '{form['grant_type']}'."
            raise Refusal(400, "unsupported_grant_type", 70003, text)
        return json_answer(200, grant(self, call, form), CONTENT_TYPE, {"cache-control": "no-store, no-cache"})

    def client_credentials(self, call: Call, form: dict[str, str]) -> dict[str, Any]:
        """An application signs in as itself."""
        self._check_client(form)
        scope = _need(form, "scope")
        if not scope.endswith("/.default"):
            raise Refusal(400, "invalid_scope", 1002012, f"The provided value for scope {scope} is not valid.")
        return self._issued(form["client_id"], scope, form)

    def _check_client(self, form: dict[str, str]) -> None:
        client = _need(form, "client_id")
        if "client_assertion" in form:
            self._check_assertion(client, form["client_assertion"])
        elif not form.get("client_secret"):
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Refusal(401, "invalid_client", 7000218, text)
        elif self.options.entra_secret and form["client_secret"] != self.options.entra_secret:
            text = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client "
                f"secret ID, for a secret added to app '{client}'."
            )
            raise Refusal(401, "invalid_client", 7000215, text)

    def _check_assertion(self, client: str, assertion: str) -> None:
        """A certificate assertion: its claims always, its signature where the options name the certificate."""
        claims = _claims(assertion, status=401, error="invalid_client")
        if claims.get("iss") != client or claims.get("sub") != client:
            raise Refusal(401, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
        if tokens.expiry(assertion, missing=0.0) <= self.clock.now():
            raise Refusal(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
        if self.options.entra_certificate and not tokens.signed(assertion, self.options.entra_certificate):
            text = "Client assertion contains an invalid signature. The key was not found."
            raise Refusal(401, "invalid_client", 700027, text)

    def device(self, call: Call, form: dict[str, str]) -> dict[str, Any]:
        """A poll for a device-code sign-in."""
        started = self._devices.get(form.get("device_code", form.get("code", "")))
        if started is None or started.client != _need(form, "client_id"):
            raise Refusal(400, "invalid_grant", 70000, "The provided value for the input parameter 'device_code' is not valid.")
        if started.expires <= self.clock.now():
            raise Refusal(
                400, "expired_token", 70020, "The provided value for the input parameter 'device_code' is not valid: it has expired."
            )
        if self.options.entra_device == "decline":
            raise Refusal(400, "authorization_declined", 70017, "The end user denied the authorization request.")
        if started.pending > 0 or self.options.entra_device == "wait":
            started.pending -= 1
            raise Refusal(400, "authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")
        self._devices.pop(form.get("device_code", form.get("code", "")))
        return self._delegated(form["client_id"], started.scope, form)

    def refresh(self, call: Call, form: dict[str, str]) -> dict[str, Any]:
        """A new token for a refresh token."""
        claims = _claims(_need(form, "refresh_token"), status=400, error="invalid_grant")
        if claims.get("client") != _need(form, "client_id"):
            raise Refusal(400, "invalid_grant", 700007, "The refresh token was issued to another client.")
        return self._delegated(form["client_id"], form.get("scope") or str(claims.get("scope", "")), form)

    def _issued(self, client: str, scope: str, form: dict[str, str]) -> dict[str, Any]:
        now = int(self.clock.now())
        lifetime = int(self.options.entra_lifetime)
        resource = scope.split(maxsplit=1)[0].rpartition("/")[0] if scope.split() else ""
        claims = {
            "aud": resource,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "appid": client,
            "tid": TENANT,
            "oid": USER,
            "jti": secrets.token_hex(8),
        }
        return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": unsigned(claims)}

    def _delegated(self, client: str, scope: str, form: dict[str, str]) -> dict[str, Any]:
        asked = [name for name in scope.split() if name not in OPENID]
        body = self._issued(client, " ".join(asked), form)
        now = int(self.clock.now())
        identity = {
            "aud": client,
            "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "iat": now,
            "exp": now + int(self.options.entra_lifetime),
            "name": "Sandbox Steward",
            "preferred_username": "steward@example.test",
            "oid": USER,
            "sub": USER,
            "tid": TENANT,
            "ver": "2.0",
        }
        info = {"uid": USER, "utid": TENANT}
        refresh = unsigned({"client": client, "scope": scope, "jti": secrets.token_hex(8)})
        return {
            **body,
            "scope": " ".join(asked),
            "refresh_token": refresh,
            "id_token": unsigned(identity),
            "client_info": encoded(info),
        }


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))


def _need(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise Refusal(400, "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'.")
    return form[name]


def _claims(token: str, *, status: int, error: str) -> dict[str, Any]:
    try:
        return tokens.claims(token)
    except ValueError:
        raise Refusal(status, error, 50027, "JWT token is invalid or malformed.") from None


_GRANTS: dict[str, Callable[[Entra, Call, dict[str, str]], dict[str, Any]]] = {
    "client_credentials": Entra.client_credentials,
    "urn:ietf:params:oauth:grant-type:device_code": Entra.device,
    "device_code": Entra.device,
    "refresh_token": Entra.refresh,
}
_ROUTES: list[tuple[str, str, Callable[[Entra, Call, str], Answer]]] = [
    (r"/(common)/discovery/instance", "GET", Entra.instances),
    (r"/([^/]+)/v2\.0/\.well-known/openid-configuration", "GET", Entra.configuration),
    (r"/([^/]+)/oauth2/v2\.0/devicecode", "POST", Entra.device_code),
    (r"/([^/]+)/oauth2/v2\.0/token", "POST", Entra.token),
]


def serves(path: str) -> bool:
    """Whether a path belongs to sign-in rather than to a CRM."""
    return bool(re.match(r"/[^/]+/(oauth2/|v2\.0/|discovery/)", path)) and not path.startswith(("/crm/", "/oauth/"))
