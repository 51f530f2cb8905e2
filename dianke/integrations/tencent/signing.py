"""TC3-HMAC-SHA256, the signature of Tencent Cloud (cloud.tencent.com/document/api, "Signature v3")."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def authorization(
    *, key_id: str, secret: str, service: str, headers: Mapping[str, str], body: bytes, timestamp: int
) -> str:
    """The Authorization header of a POST to /. `headers` are those signed: content-type, host and, as newer documents
    have it, x-tc-action."""
    signed = {name.lower(): value.strip().lower() for name, value in headers.items()}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join(["POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()])
    day = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = _hmac(_hmac(_hmac(b"TC3" + secret.encode(), day), service), "tc3_request")
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
