"""Two workers hand messages to a real mail server; they are killed with -9 in the middle; others go on: each person
has the letter exactly once, but for the one each of their connections had in hand, which may come twice under one
Message-ID."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from dianke.integrations.smtp.tests.sink import Sink, sink
from dianke.messaging.models import ChannelSetting, Message
from dianke.messaging.operations import Intent, send_due
from dianke.messaging.tests.post import make_post
from tests.reliability.shop import address_of_tests, environment_of

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 120
_WORKER = """
import django; django.setup()
from datetime import datetime
from dianke.messaging.operations import send_due
from dianke.integrations.smtp.carrier import Smtp
Smtp.batch = 40
at = datetime.fromisoformat({at!r})
send_due("EMAIL", clock=lambda: at)
"""


def start(at) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER.format(at=at.isoformat())],
        env=environment_of(address_of_tests()),
        start_new_session=True,
    )


def wait_for(server: Sink, count: int, *workers: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while len(server.letters) < count:
        assert time.monotonic() < ends, "nothing arrives"
        assert any(worker.poll() is None for worker in workers), "the workers ended early"
        time.sleep(0.002)


@pytest.mark.parametrize("connections", [1, 2])
def test_killed_in_the_middle_and_resumed_each_person_has_it_once(
    transactional_db, now, monkeypatch, connections
):
    monkeypatch.setattr("dianke.integrations.smtp.carrier.Smtp.batch", 40)
    post = make_post(now)
    people = [post.person(consents={("MARKETING", "EMAIL"): True}) for _n in range(PEOPLE)]
    with sink() as server:
        access = {
            "host": "127.0.0.1",
            "port": str(server.port),
            "security": "none",
            "sender": "a@shop.example",
            "connections": str(connections),
        }
        ChannelSetting.objects.create(channel="EMAIL", carrier="smtp", access=access, changed_at=now)
        post.queue(channel="EMAIL", subject="秋茶", intents=[Intent(one.pk) for one in people])
        # Slow enough to be caught in the middle, whatever the machine.
        server.delay = 0.01
        workers = [start(now), start(now)]
        wait_for(server, 30, *workers)
        for worker in workers:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait(10)
        at_death = len(server.letters)
        assert 30 <= at_death < PEOPLE
        server.delay = 0.0
        assert Message.objects.filter(state="CLAIMED").exists()
        for minutes in (10, 12, 20):  # the leases are over; what is in doubt waits a minute
            later = now + timedelta(minutes=minutes)
            send_due("EMAIL", clock=lambda at=later: at)
    assert post.states() == {"SENT": PEOPLE}
    ids = server.ids
    assert set(ids) == {f"<{one.uuid}@shop.example>" for one in Message.objects.all()}
    assert len(ids) - len(set(ids)) <= len(workers) * connections
