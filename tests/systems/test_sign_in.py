"""Signing in: HubSpot's token from the environment or the keyring, Entra by all three ways with the real msal, over the sandbox."""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconcile_tui.errors import ProjectError, SignInRefused, SystemUnreachable
from reconcile_tui.project import SystemSettings
from reconcile_tui.sandbox import Options, Sandbox, Server
from reconcile_tui.systems import auth, open_system

SECRET = "s3cret-value-nobody-may-see"
URL = "https://contoso.api.crm4.dynamics.com"
CLIENT = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def box() -> Iterator[Callable[..., Sandbox]]:
    made: list[Sandbox] = []

    def make(**options: Any) -> Sandbox:
        made.append(Sandbox(":memory:", options=Options().changed({"entra_secret": SECRET, "entra_polls": 0, **options})))
        return made[-1]

    yield make
    for one in made:
        one.close()


def settings(**more: Any) -> SystemSettings:
    return SystemSettings(kind="dynamics", **{"url": URL, "client_id": CLIENT, "tenant": "contoso.test", **more})


def who(box: Sandbox | None, settings: SystemSettings, **more: Any) -> str:
    """Sign in and ask for the table once."""

    async def story() -> str:
        env = more.pop("env", {"DYNAMICS_CLIENT_SECRET": SECRET})
        system = open_system("crm", settings, transport=box.app if box else None, env=env, **more)
        try:
            return str((await system.describe("contact"))[0].name)
        finally:
            await system.close()

    return asyncio.run(story())


def test_a_client_secret_signs_in_and_the_token_is_kept(box: Callable[..., Sandbox], tmp_path: Path) -> None:
    sandbox = box()
    assert who(sandbox, settings(), cache=tmp_path / "tokens")
    signings = [r for r in sandbox.requests if r.path.endswith("/token")]
    assert len(signings) == 1
    assert len([r for r in sandbox.requests if r.system == "dynamics"]) > 5


def test_a_wrong_secret_is_refused_with_entras_own_reason_and_shown_nowhere(
    box: Callable[..., Sandbox], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "wr0ng-secret-value"
    with pytest.raises(SignInRefused, match="AADSTS7000215") as refused:
        who(box(), settings(), env={"DYNAMICS_CLIENT_SECRET": wrong})
    assert wrong not in f"{refused.value!r} {refused.value} {refused.value.__cause__!r} {caplog.text}"


def test_a_missing_secret_names_where_to_put_it(box: Callable[..., Sandbox]) -> None:
    with pytest.raises(SignInRefused, match="environment variable DYNAMICS_CLIENT_SECRET"):
        who(box(), settings(), env={})
    with pytest.raises(ProjectError, match="client_id is empty"):
        who(box(), settings(client_id=""))


def test_a_certificate_signs_in(box: Callable[..., Sandbox], tmp_path: Path) -> None:
    pem = certificate()
    (tmp_path / "app.pem").write_text(pem)
    sandbox = box(entra_certificate=pem[pem.index("-----BEGIN CERTIFICATE") :])
    assert who(sandbox, settings(auth="certificate", certificate="app.pem"), folder=tmp_path, env={})
    with pytest.raises(ProjectError, match="PEM file"):
        who(box(), settings(auth="certificate", certificate="absent.pem"), folder=tmp_path, env={})
    (tmp_path / "app.pem").write_text("no certificate")
    with pytest.raises(ProjectError, match="PEM file"):
        who(box(), settings(auth="certificate", certificate="app.pem"), folder=tmp_path, env={})


def test_a_device_code_is_shown_and_then_signs_in(box: Callable[..., Sandbox]) -> None:
    shown: list[str] = []
    assert who(box(), settings(auth="device_code"), prompt=shown.append, env={})
    assert len(shown) == 1
    assert "devicelogin" in shown[0]


def test_a_device_code_needs_somebody_to_show_it_to_and_may_be_declined(box: Callable[..., Sandbox]) -> None:
    with pytest.raises(SignInRefused, match="nobody is there"):
        who(box(), settings(auth="device_code"), env={})
    with pytest.raises(SignInRefused, match="AADSTS70017"):
        who(box(entra_device="decline"), settings(auth="device_code"), prompt=lambda _: None, env={})


def test_a_token_that_ends_in_the_middle_of_a_run_is_renewed(box: Callable[..., Sandbox]) -> None:
    sandbox = box()
    sandbox.faults.add("expired_token", system="dynamics", nth=3)
    assert who(sandbox, settings())
    assert len([r for r in sandbox.requests if r.path.endswith("/token")]) == 2


def test_the_token_is_for_the_environment_also_when_the_api_host_is_used() -> None:
    assert auth.resource_of("https://contoso.api.crm4.dynamics.com/api/data") == "https://contoso.crm4.dynamics.com"
    assert auth.resource_of("https://contoso.crm.dynamics.com") == "https://contoso.crm.dynamics.com"


def test_over_loopback_the_sandbox_signs_in_and_answers_on_its_one_port(box: Callable[..., Sandbox]) -> None:
    sandbox = box()
    with Server(sandbox) as server:
        assert who(None, settings(url=server.url))  # its sign-in is where it is, unless the settings say otherwise
        assert who(None, settings(url=server.url, authority=server.url))
    assert [r.path for r in sandbox.requests if r.path.endswith("/token")]


def test_an_unreachable_sign_in_service_is_a_sentence() -> None:
    with pytest.raises(SystemUnreachable, match="can't be reached"):
        who(None, settings(url="http://127.0.0.1:9", authority="http://127.0.0.1:9"))


def test_a_hubspot_token_comes_from_the_environment_else_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    import keyring.errors

    asked: list[tuple[str, str]] = []

    def kept(service: str, name: str) -> str:
        asked.append((service, name))
        return " pat-eu1-from-keyring\n"

    monkeypatch.setattr(keyring, "get_password", kept)
    token = auth.StoredToken("hubspot", "HUBSPOT_TOKEN", {})
    assert asyncio.run(token.get()) == "pat-eu1-from-keyring"
    assert asked == [("reconcile-tui", "HUBSPOT_TOKEN")]
    assert asyncio.run(auth.StoredToken("hubspot", "HUBSPOT_TOKEN", {"HUBSPOT_TOKEN": "pat-1"}).get()) == "pat-1"

    def broken(service: str, name: str) -> str:
        raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(keyring, "get_password", broken)
    with pytest.raises(SignInRefused, match="keyring set reconcile-tui HUBSPOT_TOKEN"):
        asyncio.run(auth.StoredToken("hubspot", "HUBSPOT_TOKEN", {}).get())


def test_a_rotated_hubspot_token_is_read_again(box: Callable[..., Sandbox]) -> None:
    async def story() -> None:
        env = {"HUBSPOT_TOKEN": "pat-old"}
        system = open_system("hubspot", SystemSettings(kind="hubspot"), transport=box(hubspot_tokens=["pat-new"]).app, env=env)
        with pytest.raises(SignInRefused):
            await system.describe("contacts")
        env["HUBSPOT_TOKEN"] = "pat-new"
        assert await system.describe("contacts")
        await system.close()

    asyncio.run(story())


@pytest.mark.parametrize("secret", [SECRET])
def test_no_object_that_holds_a_secret_shows_it(secret: str) -> None:
    tokens = [auth.FixedToken(secret), auth.StoredToken("x", "V", {"V": secret}), auth.EntraToken("x", settings(), URL, {"V": secret})]
    assert all(secret not in repr(token) for token in tokens)


def test_tokens_stay_in_memory_where_nothing_can_encrypt_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import msal
    import msal_extensions

    def unable(_: str) -> Any:
        raise ImportError("No module named 'gi'")

    monkeypatch.setattr(msal_extensions, "build_encrypted_persistence", unable)
    cache = auth._cache(tmp_path / "private" / "tokens.bin")
    assert type(cache) is msal.TokenCache
    assert not (tmp_path / "private" / "tokens.bin").exists()


def certificate() -> str:
    """A throw-away key and its certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private.decode() + made.public_bytes(serialization.Encoding.PEM).decode()
