"""Passkeys against a software authenticator: P-256 keys, "none" attestation (WebAuthn Level 2, §6.5 and §8.7)."""

import hashlib
import json
import os
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cbor import encode as cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

from dianke.access.models import SignIn
from dianke.access.tests.conftest import add_app, is_signed_in, sign_in

pytestmark = pytest.mark.django_db

ORIGIN = "http://localhost"
UP, UV, AT = 0x01, 0x04, 0x40


class Authenticator:
    """What a phone does: makes a key pair for one site and signs challenges with it."""

    def __init__(self, *, verifies_user: bool = True, origin: str = ORIGIN) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.flags = UP | (UV if verifies_user else 0)
        self.origin = origin
        self.user_handle = b""

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data).encode()

    def create(self, options: dict) -> str:
        self.user_handle = websafe_decode(options["user"]["id"])
        client_data = self._client_data("webauthn.create", options["challenge"])
        attested = b"\0" * 16 + struct.pack(">H", 32) + self.id
        attested += cbor(ES256.from_cryptography_key(self.key.public_key()))
        rp = hashlib.sha256(options["rp"]["id"].encode()).digest()
        auth_data = rp + bytes([self.flags | AT]) + struct.pack(">I", 0) + attested
        statement = cbor({"fmt": "none", "attStmt": {}, "authData": auth_data})
        response = {"attestationObject": websafe_encode(statement)}
        return self._answer(client_data, response)

    def get(self, options: dict) -> str:
        client_data = self._client_data("webauthn.get", options["challenge"])
        rp = hashlib.sha256(options["rpId"].encode()).digest()
        auth_data = rp + bytes([self.flags]) + struct.pack(">I", 1)
        signed = auth_data + hashlib.sha256(client_data).digest()
        response = {
            "authenticatorData": websafe_encode(auth_data),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": websafe_encode(self.user_handle),
        }
        return self._answer(client_data, response)

    def _answer(self, client_data: bytes, response: dict) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "clientExtensionResults": {"credProps": {"rk": True}},
                "response": {"clientDataJSON": websafe_encode(client_data), **response},
            }
        )


@pytest.fixture
def browser() -> Client:
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def phone(browser, person) -> Authenticator:
    """A passkey of 林小满, added from her account page."""
    person("lin", "林小满")
    phone = Authenticator()
    sign_in(browser, "lin")
    options = browser.post("/me/passkeys/options/").json()
    added = browser.post("/me/passkeys/add/", {"credential": phone.create(options), "name": "手机"})
    assert added.status_code == 200
    assert len(added.context["recovery_codes"]) == 10
    browser.post("/sign-out/")
    return phone


def passkey_sign_in(browser: Client, phone: Authenticator, **data):
    options = browser.post("/sign-in/passkey/options/").json()
    return browser.post("/sign-in/passkey/", {"credential": phone.get(options), **data})


def test_a_passkey_signs_in_without_name_and_password(browser, phone):
    assert passkey_sign_in(browser, phone, next="/me/").url == "/me/"
    assert is_signed_in(browser)
    assert SignIn.objects.first().method == "PASSKEY"


def test_a_passkey_is_a_second_factor_after_the_password(browser, phone):
    assert sign_in(browser, "lin").url == "/sign-in/code/"
    options = browser.post("/sign-in/passkey/options/").json()
    assert options["allowCredentials"]
    answer = browser.post("/sign-in/code/", {"credential": phone.get(options)})
    assert answer.url == "/"
    assert SignIn.objects.first().method == "SECURITY_KEY"


def test_a_challenge_is_answered_once(browser, phone):
    options = browser.post("/sign-in/passkey/options/").json()
    answer = phone.get(options)
    assert browser.post("/sign-in/passkey/", {"credential": answer}).status_code == 302
    other = Client(SERVER_NAME="localhost")
    assert other.post("/sign-in/passkey/", {"credential": answer}).status_code == 422
    assert not is_signed_in(other)


def test_another_key_another_site_or_no_finger_is_refused(browser, phone):
    handle = phone.user_handle
    for thief in (
        Authenticator(),
        Authenticator(origin="http://localhost.evil.example"),
        Authenticator(verifies_user=False),
    ):
        thief.user_handle = handle
        if thief.origin != ORIGIN or not thief.flags & UV:
            thief.key, thief.id = phone.key, phone.id
        assert passkey_sign_in(browser, thief).status_code == 422
        assert not is_signed_in(browser)


def test_broken_answers_are_refused_with_a_sentence(browser, phone):
    browser.post("/sign-in/passkey/options/")
    for broken in ("", "x", "[]", "{}", "null", '{"id": 1}', '{"response": {"userHandle": null}}'):
        assert browser.post("/sign-in/passkey/", {"credential": broken}).status_code == 422, broken


def test_passkey_of_a_disabled_account_is_refused(browser, phone):
    from django.utils import timezone

    from dianke.access.models import User
    from dianke.access.operations import disable_account
    from dianke.core.actor import SYSTEM

    disable_account(user=User.objects.get(username="lin"), actor=SYSTEM, now=timezone.now())
    assert passkey_sign_in(browser, phone).status_code == 422


def test_a_passkey_confirms_a_sensitive_act(browser, phone):
    passkey_sign_in(browser, phone)
    session = browser.session
    session["authenticated_at"] -= 3600
    session.save()
    assert "_confirm_credential" in browser.get("/me/pin/").content.decode()
    options = browser.post("/sign-in/passkey/options/").json()
    answer = browser.post("/me/pin/", {"pin": "4071", "_confirm_credential": phone.get(options)})
    assert answer.url == "/me/"


def test_a_bare_address_offers_no_passkeys(client, person, browser):
    person("lin")
    for host, offered in (("127.0.0.1", False), ("localhost", True)):
        page = client.get("/sign-in/", SERVER_NAME=host).content.decode()
        assert ("data-passkey" in page) is offered, host


def test_an_app_beside_a_passkey_makes_no_new_recovery_codes(browser, phone):
    from allauth.mfa.models import Authenticator as Row

    from dianke.access.models import User

    before = Row.objects.get(type="recovery_codes").data
    add_app(User.objects.get(username="lin"))
    assert Row.objects.get(type="recovery_codes").data == before
