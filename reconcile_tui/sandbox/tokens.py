"""The sandbox's tokens: JSON Web Tokens without a signature, and the one signature that is checked, a certificate's."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import orjson


def encoded(data: dict[str, Any]) -> str:
    """JSON as base64url without padding."""
    return base64.urlsafe_b64encode(orjson.dumps(data)).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    """A token that says these claims."""
    return f"{encoded({'typ': 'JWT', 'alg': 'none'})}.{encoded(claims)}.{secrets.token_urlsafe(16)}"


def claims(token: str) -> dict[str, Any]:
    """What a token says, unchecked. Raises ValueError for something that is no token."""
    found = _decoded(token.split(".")[1]) if token.count(".") == 2 else None
    if not isinstance(found, dict):
        raise ValueError("no JSON Web Token")
    return found


def _decoded(part: str) -> Any:
    return orjson.loads(_bytes(part))


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def expiry(token: str, *, missing: float = float("inf")) -> float:
    """When a token ends, in seconds since 1970; `missing` for one that doesn't say."""
    try:
        return float(claims(token)["exp"])
    except (KeyError, TypeError, ValueError):
        return missing


def signed(assertion: str, certificate: str) -> bool:
    """Whether an assertion was signed with the key of a PEM certificate."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    head, payload, signature = assertion.split(".")
    pss = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=padding.PSS.AUTO)
    try:
        scheme: padding.PSS | padding.PKCS1v15 = pss if _decoded(head)["alg"] == "PS256" else padding.PKCS1v15()
        key.verify(_bytes(signature), f"{head}.{payload}".encode(), scheme, SHA256())
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True
