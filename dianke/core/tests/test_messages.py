"""Messages leave through the adapter the settings choose, and through nothing else."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest

from dianke.core import messages
from dianke.core.messages import Channel, Message, MessageNotSent, MessagesNotSetUp, Outbox

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
SMS = Message(Channel.SMS, "+8613912345678", "customers.code", "【云裳】123456 是验证码")
MAIL = Message(
    Channel.EMAIL,
    "lin@example.com",
    "customers.news",
    "您好，林女士。\n.一行以点开头",
    subject="新品到店",
    headers={"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
)


@pytest.fixture(autouse=True)
def _no_demo(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    monkeypatch.setattr(messages, "_is_demo", lambda: False)
    monkeypatch.setattr(messages, "_choosers", [])
    settings.DIANKE_DATA = tmp_path
    settings.DIANKE_MESSENGERS = {"SMS": "", "EMAIL": ""}


def test_without_a_carrier_nothing_is_sent_and_somebody_is_told(tmp_path: Any) -> None:
    assert not messages.can_send(Channel.SMS)
    with pytest.raises(MessagesNotSetUp):
        messages.send(SMS, now=NOW)
    assert not Outbox().path.exists()


def test_a_carrier_is_chosen_by_its_name(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Vendor:
        name = "vendor"
        taken: list[Message] = []

        def send(self, message: Message, *, now: datetime) -> None:
            self.taken.append(message)

    monkeypatch.setattr(messages, "_adapters", dict(messages._adapters))
    messages.register_adapter(Channel.SMS, Vendor())
    settings.DIANKE_MESSENGERS = {"SMS": "vendor", "EMAIL": "nobody"}
    messages.send(SMS, now=NOW)
    assert Vendor.taken == [SMS]
    assert not messages.can_send(Channel.EMAIL)


def test_the_vendor_set_up_for_an_occasion_goes_before_the_settings(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Outbox()
    monkeypatch.setattr(messages, "_occasions", {})
    messages.register_occasion(messages.Occasion("customers.code", "%(code)s", "code"))
    messages.register_occasion(messages.Occasion("sales.order_approved", "%(number)s", "order"))
    messages.register_chooser(lambda channel, occasion: vendor if occasion == "customers.code" else None)
    settings.DIANKE_MESSENGERS = {"SMS": "console", "EMAIL": ""}
    assert messages.adapter_of(Channel.SMS, "customers.code") is vendor
    for occasion in ("sales.order_approved", "", "nothing.known"):
        adapter = messages.adapter_of(Channel.SMS, occasion)
        assert adapter is not None
        assert adapter.name == "console"


def test_the_outbox_of_a_demo_keeps_the_last_messages_in_a_private_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(messages, "_is_demo", lambda: True)
    for number in range(messages.OUTBOX_KEEPS + 3):
        messages.send(Message(Channel.SMS, "+8613912345678", "t", f"第 {number} 条"), now=NOW)
    kept = messages.outbox_of_demo()
    assert kept is not None
    assert len(kept) == messages.OUTBOX_KEEPS
    assert kept[0].text == f"第 {messages.OUTBOX_KEEPS + 2} 条"
    assert Outbox().path.stat().st_mode & 0o077 == 0


def test_the_log_holds_codes_only_where_the_console_was_asked_for(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="dianke.messages")
    monkeypatch.setattr(messages, "_is_demo", lambda: True)
    messages.send(SMS, now=NOW)
    assert "123456" not in caplog.text
    assert "13912345678" not in caplog.text
    settings.DIANKE_MESSENGERS = {"SMS": "console", "EMAIL": ""}
    messages.send(SMS, now=NOW)
    assert "123456" in caplog.text


# --- a conversation with a mail server -------------------------------------------------------------------------------
class MailServer:
    """Speaks enough of RFC 5321 for one message at a time; `refuses` answers RCPT with 550."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.commands: list[str] = []
        self.bodies: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes who waits for a caller
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: Any) -> None:
        def say(line: str) -> None:
            stream.write(line.encode() + b"\r\n")
            stream.flush()

        say("220 mail.example ESMTP")
        while raw := stream.readline():
            line = raw.decode().rstrip("\r\n")
            self.commands.append(line)
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb == "DATA":
                say("354 go on")
                lines: list[str] = []
                while (part := stream.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(part.removeprefix(".") if part.startswith("..") else part)
                self.bodies.append("\n".join(lines))
                say("250 taken")
            elif verb == "RCPT" and self.refuses:
                say("550 no such person")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 mail.example")


@pytest.fixture
def mail_server(settings: Any) -> Iterator[Any]:
    servers: list[MailServer] = []

    def start(**how: Any) -> MailServer:
        server = MailServer(**how)
        servers.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        settings.DEFAULT_FROM_EMAIL = "shop@example.com"
        settings.DIANKE_MESSENGERS = {"SMS": "", "EMAIL": "smtp"}
        return server

    yield start
    for server in servers:
        server.close()


def test_a_mail_is_handed_to_the_server_whole(mail_server: Any) -> None:
    server = mail_server()
    messages.send(MAIL, now=NOW)
    assert any(line.upper().startswith("MAIL FROM:<SHOP@EXAMPLE.COM>") for line in server.commands)
    assert any(line.upper().startswith("RCPT TO:<LIN@EXAMPLE.COM>") for line in server.commands)
    mail = message_from_bytes(server.bodies[0].encode(), policy=policy.default)
    assert mail["Subject"] == "新品到店"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content().rstrip("\n") == MAIL.text


def test_a_refusing_server_is_an_error_people_can_act_on(mail_server: Any) -> None:
    mail_server(refuses=True)
    with pytest.raises(MessageNotSent):
        messages.send(MAIL, now=NOW)


def test_a_server_that_is_away_is_the_same_error(mail_server: Any) -> None:
    mail_server().close()
    with pytest.raises(MessageNotSent):
        messages.send(MAIL, now=NOW)


def test_a_line_break_in_a_subject_adds_no_header(mail_server: Any) -> None:
    server = mail_server()
    forged = Message(Channel.EMAIL, "lin@example.com", "t", "x", subject="a\r\nBcc: all@example.com")
    with pytest.raises(MessageNotSent):
        messages.send(forged, now=NOW)
    assert server.bodies == []
