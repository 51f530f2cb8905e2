"""Letters over a real conversation with a mail server, and their signatures judged by another program."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dianke.integrations.smtp import carrier as smtp
from dianke.integrations.smtp.dkim_signing import KeyUnusable, read_key, relaxed_body, signed_data
from dianke.integrations.smtp.tests.sink import sink
from dianke.messaging.rules.carriers import Answer, CarrierUnreachable, Item, Outcome

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
UNSUBSCRIBE = {
    "List-Unsubscribe": "<https://shop.example/m/w/abc/>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def item(number: int = 1, to: str = "fang@example.com", **more: object) -> Item:
    return Item(
        number, f"uid-{number}", to, "秋茶到店", "方女士，\n.秋茶到店了。", headers=UNSUBSCRIBE, **more
    )


def access(port: int, **more: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(port),
        "security": "none",
        "sender": "news@shop.example",
        "sender_name": "云裳",
        **more,
    }


def test_letters_go_over_one_connection_and_arrive_whole():
    with sink() as server, smtp.Smtp().session(access(server.port), now=NOW) as session:
        assert [session.send(item(n)).outcome for n in range(3)] == ["SENT"] * 3
    assert server.connections == 1
    letter = message_from_bytes(server.letters[0])
    assert str(make_header(decode_header(letter["Subject"]))) == "秋茶到店"
    assert letter.get_payload(decode=True).decode() == "方女士，\n.秋茶到店了。"
    assert server.ids == [f"<uid-{n}@shop.example>" for n in range(3)]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def send_all(session, items):
    """As a worker does: told what comes next."""
    found = []
    for one, following in zip(items, [*items[1:], None], strict=True):
        session.foresee(following)
        found.append(session.send(one).outcome)
    return found


@pytest.mark.parametrize("is_pipelining", [True, False])
def test_what_is_foreseen_arrives_once_whatever_is_refused_between(is_pipelining):
    with sink() as server:
        server.is_pipelining = is_pipelining
        server.script |= {2: "550 5.7.1 no", ("DATA", 0): "554 5.7.0 spam"}
        with smtp.Smtp().session(access(server.port), now=NOW) as session:
            outcomes = send_all(session, [item(n) for n in range(4)])
    assert outcomes == ["REFUSED", "SENT", "REFUSED", "SENT"]
    assert server.ids == [f"<uid-{n}@shop.example>" for n in (0, 1, 3)]
    assert server.connections == 1


def test_what_was_foreseen_and_never_sent_is_no_letter():
    with sink() as server:
        with smtp.Smtp().session(access(server.port), now=NOW) as session:
            session.foresee(item(2))
            assert session.send(item(1)).outcome == "SENT"
            assert session.send(item(3)).outcome == "SENT"
            session.foresee(item(5))
            assert session.send(item(4)).outcome == "SENT"
        assert server.ids == [f"<uid-{n}@shop.example>" for n in (1, 3, 4)]


def test_an_address_that_cannot_be_named_in_a_command_is_refused_before_the_server_hears_it():
    with sink() as server, smtp.Smtp().session(access(server.port), now=NOW) as session:
        answer = session.send(item(1, to="a@b.example>\r\nDATA"))
        assert answer == Answer(Outcome.REFUSED, detail="address", bad_address=True)
    assert server.letters == []


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (
            "550 5.1.1 no such user",
            Answer(Outcome.REFUSED, detail="550 5.1.1 no such user", bad_address=True),
        ),
        ("550 5.7.1 not wanted", Answer(Outcome.REFUSED, detail="550 5.7.1 not wanted")),
        ("451 4.7.1 later", Answer(Outcome.LATER, detail="451 4.7.1 later")),
    ],
)
def test_a_refused_receiver_does_not_hold_up_the_next(said, answer):
    with sink() as server, smtp.Smtp().session(access(server.port), now=NOW) as session:
        server.script[0] = said
        assert session.send(item(1)) == answer
        assert session.send(item(2)).outcome == "SENT"
    assert server.connections == 1


def test_a_refused_letter_is_refused_and_a_busy_server_asked_again():
    with sink() as server, smtp.Smtp().session(access(server.port), now=NOW) as session:
        server.script |= {("DATA", 0): "554 5.7.0 spam", ("DATA", 1): "452 full"}
        assert [session.send(item(n)).outcome for n in range(3)] == ["REFUSED", "LATER", "SENT"]


def test_silence_after_the_letter_leaves_it_uncertain_and_the_next_gets_a_connection(monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS", 0.5)
    with sink() as server, smtp.Smtp().session(access(server.port), now=NOW) as session:
        server.script["DATA", 0] = "silence"
        assert session.send(item(1)).outcome == "UNKNOWN"
        assert session.send(item(2)).outcome == "SENT"
    assert server.connections == 2


def test_no_server_is_no_session():
    with pytest.raises(CarrierUnreachable), smtp.Smtp().session(access(1), now=NOW):
        pytest.fail("there is nobody to talk to")


def test_a_line_break_in_a_subject_makes_no_header():
    with sink() as server, smtp.Smtp().session(access(server.port), now=NOW) as session:
        session.send(Item(1, "u", "a@example.com", "Hi\r\nBcc: all@example.com", "x"))
    assert message_from_bytes(server.letters[0])["Bcc"] is None


# --- signatures ------------------------------------------------------------------------------------------------------
def test_what_rfc_8463_signs_is_signed_here():
    """Appendix A: the same message, key and signature."""
    headers = [
        (b"From", b"Joe SixPack <joe@football.example.com>"),
        (b"To", b"Suzie Q <suzie@shopping.example.net>"),
        (b"Subject", b"Is dinner ready?"),
        (b"Date", b"Fri, 11 Jul 2003 21:00:37 -0700 (PDT)"),
        (b"Message-ID", b"<20030712040037.46341.5F8J@football.example.com>"),
    ]
    body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
    assert digest == b"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
    names = [b"from", b"to", b"subject", b"date", b"message-id", b"from", b"subject", b"date"]
    line = (
        b"v=1; a=ed25519-sha256; c=relaxed/relaxed; d=football.example.com; i=@football.example.com; q=dns/txt;"
        b" s=brisbane; t=1528637909; h=from : to : subject : date : message-id : from : subject : date; bh="
        + digest
        + b"; b="
    )
    key = read_key("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    signature = base64.b64encode(key.sign(hashlib.sha256(signed_data(headers, names, line)).digest()))
    assert signature == (
        b"/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    )


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def test_another_program_finds_the_signature_good_and_the_way_out_covered(rsa_key):
    public = base64.b64encode(
        rsa_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    keys = access(0, dkim_rsa=_pem(rsa_key), dkim_ed25519="nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    with sink() as server, smtp.Smtp().session({**keys, "port": server.port}, now=NOW) as session:
        session.send(item())
    letter = server.letters[0]

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"dk1._domainkey.shop.example."
        return b"v=DKIM1; k=rsa; p=" + public

    assert dkim.DKIM(letter).verify(idx=0, dnsfunc=dns)
    for signature in message_from_bytes(letter).get_all("DKIM-Signature"):
        covered = signature.replace("\r\n", "").split("h=")[1].split(";")[0].split(":")
        assert {"list-unsubscribe", "list-unsubscribe-post", "from", "message-id"} <= set(covered)
    changed = letter.replace(b"shop.example/m/w/abc", b"evil.example/m/w/abc")
    assert not dkim.DKIM(changed).verify(idx=0, dnsfunc=dns)


def test_the_ed25519_signature_is_good(rsa_key):
    keys = access(0, dkim_ed25519="nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    with sink() as server, smtp.Smtp().session({**keys, "port": server.port}, now=NOW) as session:
        session.send(item())
    letter = message_from_bytes(server.letters[0])
    line = letter["DKIM-Signature"].replace("\r\n", "")
    head, _b, value = line.rpartition("b=")
    names = line.split("h=")[1].split(";")[0].encode().split(b":")
    headers = [(name.encode(), text.encode()) for name, text in letter.items() if name != "DKIM-Signature"]
    data = signed_data(headers, names, (head + "b=").encode())
    public = Ed25519PublicKey.from_public_bytes(
        base64.b64decode("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    )
    assert public.verify(base64.b64decode(value.replace(" ", "")), hashlib.sha256(data).digest()) is None


@pytest.mark.parametrize(
    "text", ["", "not a key", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"]
)
def test_a_key_that_cannot_be_read_is_said_so(text):
    with pytest.raises(KeyUnusable):
        read_key(text)
