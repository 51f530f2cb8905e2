"""Personalised emails: worded, queued and handed to a mail server on this computer, beside a loop of plain smtplib that
sends as many letters of the same words over one connection, in one run.

Ours writes each intent, asks consent, limits and quiet hours, opens the address, fills in name and points, seals
what is said, notes before each letter how far it has come, and writes down that it went. The plain loop fills a
string and sends it. The mail server is a process of its own and offers PIPELINING, as mail
servers do; ours uses it, smtplib cannot. Neither signs its letters: that would hide what is compared. A worker of ours
has two connections, as its settings come; the loop has one, as everybody writes it, and is also run as two such loops
in two threads: the second ratio compares two with two."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from base64 import encodebytes
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.figures import Figure

FULL, QUICK = 100_000, 2_000
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
BODY = "{{ salutation }}，您好！今年的秋茶到店了，为您留了一份。您目前有 {{ points }} 积分。"
_CHUNK = 5_000
_SERVER = """
import sys, time
from aiosmtpd.controller import Controller
class Sink:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("ready", flush=True)
time.sleep(86400)
"""


def run(quick: bool) -> list[Figure]:
    """`circle.smtp_ratio`: our rate against the plain loop's, with both."""
    from dianke.core.database import Cluster

    with tempfile.TemporaryDirectory(prefix="dianke-bench-messages-") as home:
        Path(home).chmod(0o711)  # the server may run as a user of its own
        cluster = Cluster(Path(home) / "postgres", profile="durable")
        try:
            environment = os.environ | {
                "DIANKE_DATA": home,
                "DATABASE_URL": cluster.ensure_started(),
                "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "dianke.config.settings"),
                "DIANKE_ORIGINS": "https://shop.example",
            }
            command = [sys.executable, "-m", "bench.circle_messages", str(QUICK if quick else FULL)]
            told = subprocess.run(
                command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=1800
            )
        finally:
            cluster.discard()
    queueing, ours, theirs, two = map(float, told.stdout.split()[-4:])
    return [
        Figure("circle.smtp_ratio", ours / theirs, "×"),
        Figure("circle.smtp_ratio_two_loops", ours / two, "×"),
        Figure("circle.smtp_messages_per_s", ours, "messages/s"),
        Figure("circle.smtp_plain_per_s", theirs, "messages/s"),
        Figure("circle.smtp_two_loops_per_s", two, "messages/s"),
        Figure("circle.queue_messages_per_s", queueing, "messages/s"),
    ]


@contextmanager
def mail_server() -> Iterator[int]:
    """A mail server that takes everything, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(port)], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        yield port
    finally:
        server.terminate()
        server.wait(10)


def measure(count: int) -> tuple[float, float, float, float]:
    """Messages a second: queued, sent (queueing counted), sent by the plain loop and by two of them; on an
    empty database of its own."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from dianke.customers.queries.portal import withdrawal_headers

    withdrawal_headers(1, "EMAIL", base_url="")  # addresses are read once in the life of a worker
    ids = make_people(count)
    from dianke.core.actor import SYSTEM
    from dianke.core.collector import settle
    from dianke.messaging.models import ChannelSetting, Message
    from dianke.messaging.operations import Intent, enqueue, send_due

    settle()  # as a worker does
    with mail_server() as port:
        access = {"host": "127.0.0.1", "port": str(port), "security": "none", "sender": "news@shop.example"}
        setting = ChannelSetting(channel="EMAIL", carrier="smtp", changed_at=NOW)
        setting.access = access
        setting.save()
        before = plain_rate(port, count)
        begun = time.perf_counter()
        enqueue(
            source="campaign:1",
            channel="EMAIL",
            purpose="MARKETING",
            subject="秋茶到店",
            body=BODY,
            intents=[Intent(pk) for pk in ids],
            actor=SYSTEM,
            now=NOW,
        )
        queued = time.perf_counter()
        send_due("EMAIL", clock=lambda: NOW)
        ended = time.perf_counter()
        after = plain_rate(port, count)
        begun_two = time.perf_counter()
        with ThreadPoolExecutor(2) as loops:
            list(loops.map(partial(plain_rate, port), [count - count // 2, count // 2]))
        two = count / (time.perf_counter() - begun_two)
    sent = Message.objects.filter(state="SENT").count()
    if sent != count:
        raise RuntimeError(f"{sent} of {count} messages were sent")
    return count / (queued - begun), count / (ended - begun), (before + after) / 2, two


def plain_rate(port: int, count: int) -> float:
    """Messages a second of smtplib alone."""
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number in range(count):
            text = f"顾{number}女士，您好！今年的秋茶到店了，为您留了一份。您目前有 {number} 积分。"
            body = encodebytes(text.encode()).decode()
            smtp.sendmail(
                "news@shop.example",
                [f"c{number}@example.com"],
                f"From: news@shop.example\r\nTo: c{number}@example.com\r\nSubject: =?utf-8?b?56eL6Iy25Yiw5bqX?=\r\n"
                f"Message-ID: <{number}@shop.example>\r\nMIME-Version: 1.0\r\n"
                'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
                + body,
            )
    return count / (time.perf_counter() - begun)


def make_people(count: int) -> list[int]:
    """Customers with an address who agreed."""
    from dianke.core.data_keys import issue_data_keys
    from dianke.core.ids import uuid7
    from dianke.customers.models import KEY_KIND, Consent, ContactPoint, Customer, SourceRecord

    ids: list[int] = []
    for first in range(0, count, _CHUNK):
        numbers = range(first, min(first + _CHUNK, count))
        uuids = [uuid7() for _number in numbers]
        keys = issue_data_keys(KEY_KIND, uuids)
        people = Customer.objects.bulk_create(
            Customer(
                uuid=uuid,
                key=key,
                name=f"顾{number}",
                gender="F",
                member_number=f"M{number:07}",
                channel="COUNTER",
                created_at=NOW,
                last_seen_at=NOW,
            )
            for number, uuid, key in zip(numbers, uuids, keys, strict=True)
        )
        records = SourceRecord.objects.bulk_create(
            SourceRecord(key=one.key, customer=one, channel="COUNTER", received_at=NOW) for one in people
        )
        ContactPoint.objects.bulk_create(
            ContactPoint(
                key=one.key,
                customer=one,
                record=record,
                kind="EMAIL",
                value=f"c{number}@example.com",  # type: ignore[misc]
                is_preferred=True,
                created_at=NOW,
            )
            for number, one, record in zip(numbers, people, records, strict=True)
        )
        Consent.objects.bulk_create(
            Consent(customer=one, purpose="MARKETING", channel="EMAIL", is_given=True, at=NOW, how="COUNTER")
            for one in people
        )
        ids += [one.pk for one in people]
    return ids


if __name__ == "__main__":
    print(*measure(int(sys.argv[1])))
