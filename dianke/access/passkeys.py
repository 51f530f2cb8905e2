"""Passkeys (WebAuthn) through allauth's server side: challenges live in the session, answers are checked here, and
only then an operation writes. A browser offers passkeys to a host name (or localhost), never to a bare address."""

from __future__ import annotations

import ipaddress
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from dianke.access.models import User
from dianke.access.operations.factors import PasskeyRefused


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """How the product and its people are named to authenticators. Secrets are sealed by `dianke.access.sealing`;
    this room never lets allauth store one."""

    def get_totp_issuer(self) -> str:
        return str(settings.DIANKE_NAME)

    def _get_site_name(self) -> str:
        return str(settings.DIANKE_NAME)

    def _get_user_identifier(self, user: User) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        raise RuntimeError("second factors are written by dianke.access.operations.factors only")


def are_possible(request: HttpRequest) -> bool:
    """Whether a browser would offer passkeys here: a host name over TLS, or localhost."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure()
    return False


def _public(options: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = options["publicKey"]
    return found


def registration_options(user: User) -> dict[str, Any]:
    """What `navigator.credentials.create` is called with (JSON form): a passkey that asks for finger, face or PIN."""
    return _public(auth.begin_registration(user, passwordless=True))


def check_registration(credential: object) -> dict[str, Any]:
    """The credential of an answer to `registration_options`. Raises `PasskeyRefused`."""
    try:
        auth.parse_registration_response(credential)
        binding = auth.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused from error
    if not binding.is_user_verified() or not isinstance(credential, dict):
        raise PasskeyRefused
    return credential


def authentication_options(user: User | None) -> dict[str, Any]:
    """What `navigator.credentials.get` is called with (JSON form); for nobody in particular when signing in."""
    return _public(auth.begin_authentication(user))


def check_authentication(user: User | None, credential: object) -> Authenticator:
    """The authenticator that answered; its user is who signs in. Raises `PasskeyRefused`."""
    try:
        auth.parse_authentication_response(credential)
        who = user if user is not None else auth.extract_user_from_response(credential)
        authenticator = auth.complete_authentication(who, credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused from error
    if not authenticator.user.is_active:
        raise PasskeyRefused
    return authenticator


def default_name(user: User) -> str:
    """A first name for a new passkey."""
    count = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count()
    return _("Passkey %(number)s") % {"number": count + 1}
