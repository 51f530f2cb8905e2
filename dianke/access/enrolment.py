"""Setting up an authenticator app: a secret that waits in the session until a code proves the app has it."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.http import HttpRequest

from dianke.access.models import User

_KEY = "totp_setup"


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """`secret` in base32 (160 random bits, RFC 4226 §4), `uri` for the app, `qr` the same as a data address."""

    secret: str
    uri: str
    qr: str

    @property
    def spaced(self) -> str:
        """The secret in groups of four, for typing."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))

    def forget(self, request: HttpRequest) -> None:
        """Take the secret out of the session once it is stored."""
        request.session.pop(_KEY, None)


def totp_setup(request: HttpRequest, user: User) -> TotpSetup:
    """The set-up under way in this session, begun if there is none for this person."""
    waiting = request.session.get(_KEY)
    if not waiting or waiting["user_id"] != user.pk:
        waiting = {"user_id": user.pk, "secret": base64.b32encode(secrets.token_bytes(20)).decode()}
        request.session[_KEY] = waiting
    secret = waiting["secret"]
    issuer = str(settings.DIANKE_NAME)
    parameters = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    uri = f"otpauth://totp/{quote(issuer)}:{quote(user.username)}?{parameters}"
    return TotpSetup(secret, uri, qr_code(uri))


def qr_code(text: str) -> str:
    """`text` as a QR code, as a data address of an SVG."""
    # White ground and quiet zone are part of the code: phones do not read it inverted.
    code: str = segno.make(text, error="m").svg_data_uri(scale=5, border=3, light="#fff", dark="#000")
    return code
