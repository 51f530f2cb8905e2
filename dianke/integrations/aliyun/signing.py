"""ACS3-HMAC-SHA256, the signature of Alibaba Cloud (help.aliyun.com, "V3 request structure and signature")."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def query_of(parameters: Mapping[str, str]) -> str:
    """Sorted by name, percent-encoded as RFC 3986 has it."""
    return "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(parameters.items())
    )


def authorization(
    *, key_id: str, secret: str, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> str:
    """The Authorization header. `headers` are those signed: host, content-type and every x-acs-…"""
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join([method, path, query, lines, names, hashlib.sha256(body).hexdigest()])
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
