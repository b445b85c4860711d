"""Where tokens come from: the environment, the OS keyring, Microsoft Entra. Nothing else imports msal or keyring.

A secret lives in memory only. It is in no repr, exception, log or file; what msal caches is encrypted by the operating system or
not written at all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import ProjectError, SignInRefused
from reconcile_tui.project import SystemSettings
from reconcile_tui.systems import redact
from reconcile_tui.systems.http import is_loopback, origin_of
from reconcile_tui.systems.sign_in import SignInHttp

if TYPE_CHECKING:
    import msal

    from reconcile_tui.systems.http import AsgiApp

log = logging.getLogger("reconcile_tui.systems.auth")
SERVICE = "reconcile-tui"  # the service name under which the keyring keeps secrets


Prompt = Callable[[str], None]
"""Shows the sentence that tells where to sign in and with which code; called on the event loop's thread."""


class FixedToken:
    """The token of an embedded sandbox: nothing to protect."""

    def __init__(self, token: str) -> None:
        """Keep it."""
        self._token = token

    async def get(self) -> str:
        """The token."""
        return self._token

    async def renew(self) -> None:
        """There is no other."""


class StoredToken:
    """A static token from the environment or the OS keyring, read again when it was refused (it may have been rotated)."""

    def __init__(self, system: str, variable: str, env: Mapping[str, str]) -> None:
        """Name the variable; nothing is read yet."""
        self._system, self._variable, self._env = system, variable, env
        self._token = ""

    async def get(self) -> str:
        """The token. Raises SignInRefused when there is none."""
        if not self._token:
            self._token = await asyncio.to_thread(secret, self._variable, self._env)
        if not self._token:
            raise missing(self._system, self._variable)
        return self._token

    async def renew(self) -> None:
        """Read the sources again next time."""
        self._token = ""


class EntraToken:
    """A token for Dataverse by client secret, certificate or device code."""

    def __init__(
        self,
        system: str,
        settings: SystemSettings,
        resource: str,
        env: Mapping[str, str],
        *,
        app: AsgiApp | None = None,
        prompt: Prompt | None = None,
        folder: Path | None = None,
        cache: Path | None = None,
    ) -> None:
        """Prepare; the first `get` signs in. `resource` is the origin the token is for."""
        self._system, self._settings, self._resource, self._env = system, settings, resource, env
        self._app, self._prompt, self._folder, self._cache = app, prompt, folder, cache
        self._client: msal.ClientApplication | None = None
        self._token, self._until = "", 0.0
        self._once = asyncio.Lock()

    async def get(self) -> str:
        """A token with more than a minute left. Raises SignInRefused, SystemUnreachable, ProjectError."""
        async with self._once:
            if time.time() > self._until - 60:
                self._adopt(await self._sign_in())
        return self._token

    async def renew(self) -> None:
        """Forget the token, and what msal cached of it."""
        async with self._once:
            self._token, self._until, self._client = "", 0.0, None

    def _adopt(self, answer: dict[str, Any]) -> None:
        if "access_token" not in answer:
            raise SignInRefused(
                f"Microsoft Entra refused the sign-in of {self._system!r}: "
                f"{redact.message(answer.get('error_description') or answer.get('error') or 'no reason given')}",
                todo="Check tenant, client_id and the secret or certificate of the app registration, and that it is an "
                "application user of the environment.",
            )
        self._token = str(answer["access_token"])
        self._until = time.time() + float(answer.get("expires_in") or 0)

    async def _sign_in(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        if self._client is None:
            self._client = await self._built(loop)
        if self._settings.auth == "device_code":
            return await self._by_device(self._client, loop)
        fresh: dict[str, Any] = await asyncio.to_thread(self._client.acquire_token_for_client, [f"{self._resource}/.default"])
        return fresh

    async def _by_device(self, client: msal.PublicClientApplication, loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
        scopes = [f"{self._resource}/user_impersonation"]
        for account in client.get_accounts():
            if answer := await asyncio.to_thread(client.acquire_token_silent, scopes, account):
                return dict(answer)
        flow = await asyncio.to_thread(client.initiate_device_flow, scopes)
        if "user_code" not in flow:
            return dict(flow)
        if self._prompt is None:
            raise SignInRefused(
                f"{self._system!r} signs in with a device code, and nobody is there to be shown it.",
                todo="Run `reconcile-tui doctor` on a terminal first, or use a client secret or certificate.",
            )
        self._prompt(redact.message(flow.get("message") or f"Open {flow.get('verification_uri')} and enter {flow['user_code']}."))
        try:
            return dict(await asyncio.to_thread(client.acquire_token_by_device_flow, flow))
        finally:
            flow["expires_at"] = 0  # ends msal's polling when this task was cancelled

    async def _built(self, loop: asyncio.AbstractEventLoop) -> msal.ClientApplication:
        try:
            return await asyncio.to_thread(self._build, loop)
        except (ValueError, RuntimeError) as error:  # what msal raises for a tenant or authority it can't discover
            raise SignInRefused(
                f"Microsoft Entra knows no tenant {self._settings.tenant!r} at {self._authority()[0]}.",
                todo=f"Check `tenant` and `authority` of systems.{self._system} in reconcile.toml.",
            ) from error

    def _build(self, loop: asyncio.AbstractEventLoop) -> msal.ClientApplication:
        import msal

        authority, rewrite = self._authority()
        common: dict[str, Any] = {
            "authority": authority,
            "instance_discovery": None if authority.startswith("https://login.") and not self._app else False,
            "http_client": SignInHttp(app=self._app, loop=loop, rewrite=rewrite),
            "token_cache": _cache(self._cache),
        }
        if self._settings.auth == "device_code":
            return msal.PublicClientApplication(self._client_id(), **common)
        credential = self._certificate() if self._settings.auth == "certificate" else self._secret()
        return msal.ConfidentialClientApplication(self._client_id(), client_credential=credential, **common)

    def _authority(self) -> tuple[str, tuple[str, str] | None]:
        """The authority for msal, and what to rewrite: a sandbox on loopback is its own identity provider and has no https."""
        base = self._settings.authority.rstrip("/")
        default = SystemSettings.model_fields["authority"].default
        if base == default and is_loopback(self._resource) and not self._app:
            base = self._resource
        if base.startswith("http://") and is_loopback(base):
            secure = base.replace("http://", "https://", 1)
            return f"{secure}/{self._settings.tenant}", (secure, base)
        return f"{base}/{self._settings.tenant}", None

    def _client_id(self) -> str:
        if not self._settings.client_id:
            raise ProjectError(
                f"systems.{self._system}.client_id is empty.", todo="Write the application (client) id of your app registration there."
            )
        return self._settings.client_id

    def _secret(self) -> str:
        value = secret(self._settings.secret_env, self._env)
        if not value:
            raise missing(self._system, self._settings.secret_env)
        return value

    def _certificate(self) -> dict[str, Any]:
        path = (self._folder or Path()) / Path(self._settings.certificate).expanduser()
        try:
            pem = path.read_text("ascii")
            return {"private_key": pem, "thumbprint": _thumbprint(pem), "public_certificate": pem}
        except (OSError, ValueError) as error:
            raise ProjectError(
                f"systems.{self._system}.certificate: {path} can't be used ({type(error).__name__}).",
                todo="Name a PEM file that holds the private key and the certificate.",
            ) from error


def missing(system: str, variable: str) -> SignInRefused:
    """The error for a secret found nowhere."""
    return SignInRefused(
        f"There is no secret for {system!r}.",
        todo=f"Set the environment variable {variable}, or store it with `keyring set {SERVICE} {variable}`.",
    )


def secret(variable: str, env: Mapping[str, str]) -> str:
    """A secret from the environment, else from the OS keyring; empty when neither has it."""
    if value := env.get(variable, "").strip():
        return value
    import keyring
    import keyring.errors

    try:
        return (keyring.get_password(SERVICE, variable) or "").strip()
    except keyring.errors.KeyringError as error:
        log.debug("no usable keyring: %s", type(error).__name__)
        return ""


def resource_of(url: str) -> str:
    """The resource a token is asked for: the environment's own address also when the Web API is reached by `.api.`."""
    return origin_of(url).replace(".api.crm", ".crm")


def _thumbprint(pem: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA1

    certificate = x509.load_pem_x509_certificate(pem[pem.index("-----BEGIN CERTIFICATE") :].encode("ascii"))
    return certificate.fingerprint(SHA1()).hex()  # noqa: S303 - the x5t header of RFC 7515 is defined with SHA-1


def _cache(path: Path | None) -> Any:
    """A token cache encrypted by the operating system where it can, in memory otherwise."""
    import msal
    import msal_extensions

    if path is None:
        return msal.TokenCache()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        persistence = msal_extensions.build_encrypted_persistence(str(path))
    except Exception as error:  # noqa: BLE001 - each platform's backend fails in its own way when it is absent
        log.debug("tokens are kept in memory only: %s", type(error).__name__)
        return msal.TokenCache()
    return msal_extensions.PersistedTokenCache(persistence)
