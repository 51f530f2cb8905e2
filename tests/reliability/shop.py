"""The shop of these tests: a counter with a member, offers and API keys, a server that may die, and clients that ask
again until they are answered, as tills do."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from dianke.access.models import Role
from dianke.access.operations import create_api_key
from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM
from dianke.core.database import free_port
from dianke.sales.tests.counter import Counter
from dianke.stores.operations import hire_staff

SCOPES = (
    "sales.sell",
    "sales.view_orders",
    "sales.refund_orders",
    "sales.close_days",
    "sales.deliver_orders",
    "customers.view_customers",
)
KEYS = 40
PATIENCE_SECONDS = 120


def keys_of(counter: Counter) -> list[str]:
    """So many that nobody meets the limit of requests per key."""
    owner = hire_staff(
        username="owner",
        name="店主",
        number="900",
        legal_entity=counter.store.legal_entity,
        hired_on=counter.now.date(),
        phone="",
        role=Role.objects.get(code="OWNER"),
        store=None,
        actor=SYSTEM,
        now=counter.now,
    ).user
    actor = actor_for(owner, now=counter.now)
    return [
        create_api_key(name=f"till {n}", owner=owner, scopes=SCOPES, actor=actor, now=counter.now).raw
        for n in range(KEYS)
    ]


def address_of_tests() -> str:
    """The database the test itself works on."""
    before, _slash, after = os.environ["DIANKE_TEST_CLUSTER"].partition("/postgres?")
    return f"{before}/{connection.settings_dict['NAME']}?{after}"


def environment_of(url: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": url,
        "DIANKE_HOSTS": "localhost,127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "dianke.config.settings",
        "PYTHONWARNINGS": "ignore",
    }


@dataclass
class Served:
    """A server and the way to it."""

    port: int
    home: Path
    keys: list[str]
    asked: int = 0
    broken: list[str] = field(default_factory=list)

    def arm(self, point: str) -> None:
        (self.home / "armed").write_text(point)

    @property
    def is_armed(self) -> bool:
        return (self.home / "armed").exists()

    def send(self, path: str, body: Any, *, seconds: float = 30, **headers: str) -> tuple[int, Any]:
        """One try; raises OSError or HTTPException when the answer does not come."""
        self.asked += 1
        key = self.keys[self.asked % len(self.keys)]
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            content = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
            wire.request("POST", f"/api/v1{path}", json.dumps(body), content | headers)
            answer = wire.getresponse()
            return answer.status, json.loads(answer.read() or "null")
        finally:
            wire.close()

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Until there is an answer that is not "try again". How often it broke is noted."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                status, answer = self.send(path, body, **headers)
                if status < 500 and status != 429 and (answer or {}).get("code") != "request_under_way":
                    return status, answer
                self.broken.append(str(status))
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.broken.append(type(error).__name__)
            assert time.monotonic() < end, self.broken[-5:]
            time.sleep(0.05)


@contextmanager
def dying_server(url: str, home: Path, keys: list[str]) -> Iterator[Served]:
    """The server of `dying.py` on this database."""
    port = free_port()
    command = [sys.executable, "-m", "tests.reliability.dying", str(port), str(home)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment_of(url), start_new_session=True, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for(process, port, home / "log")
        yield Served(port, home, keys)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-2000:]
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            wire.request("HEAD", "/sign-in/")
            wire.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return
        finally:
            wire.close()
    raise AssertionError(log.read_text()[-2000:])


def body_of(counter: Counter, basket: Any, **more: Any) -> dict[str, Any]:
    """A `Sale` of the counter as it is sent."""
    return {
        "uuid": str(basket.uuid),
        "store_id": basket.store.pk,
        "customer_id": basket.customer.pk if basket.customer else None,
        "coupon_ids": list(basket.coupon_ids),
        "items": [
            {"key": item.key, "variant_id": item.variant_id, "quantity": str(item.quantity)}
            for item in basket.items
        ],
        "payments": [
            {
                "uuid": str(paid.uuid),
                "tender": paid.tender,
                "amount": paid.amount,
                "reference": paid.reference,
            }
            for paid in basket.payments
        ],
    } | more
