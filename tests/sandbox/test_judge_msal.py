"""The real msal through all three flows, and what the sandbox's sign-in refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from reconcile_tui.sandbox import Clock, Sandbox
from tests.sandbox.asgi import MsalHttpClient, send
from tests.sandbox.conftest import DATAVERSE

CLIENT, TENANT = "0c1d2e3f-0000-4000-8000-000000000001", "contoso.test"
AUTHORITY = f"https://login.microsoftonline.com/{TENANT}"
SCOPE = "https://contoso.crm4.dynamics.com/.default"


@pytest.fixture
def now(sandbox: Sandbox) -> Clock:
    """msal reads the machine's clock, so the sandbox does as well here."""
    sandbox.clock.run()
    sandbox.clock.advance(datetime.now(UTC).timestamp() - sandbox.clock.now())
    return sandbox.clock


def confidential(sandbox: Sandbox, credential: Any) -> Any:
    return msal.ConfidentialClientApplication(
        CLIENT, client_credential=credential, authority=AUTHORITY, instance_discovery=False, http_client=MsalHttpClient(sandbox.app)
    )


def public(sandbox: Sandbox) -> Any:
    return msal.PublicClientApplication(CLIENT, authority=AUTHORITY, instance_discovery=False, http_client=MsalHttpClient(sandbox.app))


@pytest.fixture(scope="module")
def certificate() -> tuple[str, str]:
    """A private key and its self-signed certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    start = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, start + timedelta(days=30))
    made = builder.sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.usefixtures("now")
def test_a_client_secret_gives_a_token_that_dataverse_takes_and_msal_keeps(sandbox: Sandbox) -> None:
    app = confidential(sandbox, "s3cret")
    first = app.acquire_token_for_client(scopes=[SCOPE])
    second = app.acquire_token_for_client(scopes=[SCOPE])
    assert (first["token_type"], second["token_source"]) == ("Bearer", "cache")
    answer = send(sandbox.app, "GET", f"{DATAVERSE}/WhoAmI", headers={"authorization": f"Bearer {first['access_token']}"})
    assert answer.status_code == 200


@pytest.mark.usefixtures("now")
def test_a_wrong_secret_is_refused_with_entras_number(sandbox: Sandbox) -> None:
    sandbox.set_options(entra_secret="s3cret")
    answer = confidential(sandbox, "wrong").acquire_token_for_client(scopes=[SCOPE])
    assert answer["error"] == "invalid_client"
    assert answer["error_description"].startswith("AADSTS7000215: Invalid client secret provided.")


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("checked", [False, True])
def test_a_certificate_gives_a_token(sandbox: Sandbox, certificate: tuple[str, str], checked: bool) -> None:
    key, public_certificate = certificate
    sandbox.set_options(entra_certificate=public_certificate if checked else "")
    answer = confidential(sandbox, {"private_key": key, "public_certificate": public_certificate}).acquire_token_for_client(scopes=[SCOPE])
    assert "access_token" in answer


@pytest.mark.usefixtures("now")
def test_another_certificate_is_refused(sandbox: Sandbox, certificate: tuple[str, str]) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    sandbox.set_options(entra_certificate=certificate[1])
    answer = confidential(sandbox, {"private_key": pem, "public_certificate": certificate[1]}).acquire_token_for_client(scopes=[SCOPE])
    assert answer["error"] == "invalid_client"


@pytest.mark.usefixtures("now")
def test_a_device_code_signs_in_and_refreshes_silently(sandbox: Sandbox) -> None:
    scopes = ["https://contoso.crm4.dynamics.com/user_impersonation"]
    app = public(sandbox)
    flow = app.initiate_device_flow(scopes=scopes)
    assert flow["user_code"] in flow["message"]
    flow["interval"] = 0  # the sandbox answers at once, so nothing needs to be waited for
    answer = app.acquire_token_by_device_flow(flow)
    assert "access_token" in answer
    account = app.get_accounts()[0]
    assert account["username"] == "steward@example.test"
    assert app.acquire_token_silent(scopes, account)["token_source"] == "cache"
    renewed = app.acquire_token_silent(scopes, account, force_refresh=True)
    assert renewed["access_token"] != answer["access_token"]


@pytest.mark.usefixtures("now")
def test_a_device_code_that_is_declined(sandbox: Sandbox) -> None:
    sandbox.set_options(entra_device="decline")
    app = public(sandbox)
    flow = app.initiate_device_flow(scopes=["https://contoso.crm4.dynamics.com/user_impersonation"])
    assert app.acquire_token_by_device_flow(flow)["error"] == "authorization_declined"


def test_an_expired_token_is_refused_by_dataverse(sandbox: Sandbox, now: Clock) -> None:
    token = confidential(sandbox, "s3cret").acquire_token_for_client(scopes=[SCOPE])["access_token"]
    now.advance(3600)
    assert send(sandbox.app, "GET", f"{DATAVERSE}/WhoAmI", headers={"authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password", "client_id": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "s", "scope": "a"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_assertion": "a.b"}, 401, "invalid_client"),
        ({"grant_type": "device_code", "client_id": "x", "device_code": "y"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "client_id": "x", "refresh_token": "y"}, 400, "invalid_grant"),
    ],
)
def test_a_form_that_is_not_right_is_refused_in_entras_shape(sandbox: Sandbox, form: dict[str, str], status: int, error: str) -> None:
    answer = send(sandbox.app, "POST", f"{AUTHORITY}/oauth2/v2.0/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].startswith("AADSTS")


def test_an_unknown_address_of_sign_in_is_refused_in_its_shape(sandbox: Sandbox) -> None:
    assert send(sandbox.app, "GET", f"{AUTHORITY}/oauth2/v2.0/authorize").json()["error"] == "invalid_request"


def test_sign_in_leaves_nothing_in_the_journal(sandbox: Sandbox) -> None:
    send(sandbox.app, "POST", f"{AUTHORITY}/oauth2/v2.0/token", data={"grant_type": "client_credentials", "client_secret": "s3cret"})
    assert sandbox.journal() == []
