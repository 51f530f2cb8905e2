"""The merchant that sells in the benchmarks of the sale, the server it lies on, and the web server in front of it.

Eight stores of one company with a thousand products on every shelf, two thousand members of a programme that earns
points, one ladder (20 off 200, once per order) that every basket reaches, and API keys: one key may ask twenty times a
second, so a client changes its key with every sale. Baskets are priced beforehand, so that one request pays exactly.
The web server is started as `dianke run` starts it, with its usual processes and threads, on a free port.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.kept import run_inside

STORES = 8
LINES = 3
MEMBERS, PRODUCTS, BASKETS, KEYS = 2000, 1000, 400, 64
#: Of a ladder that every basket of three lines reaches.
FULL_AMOUNT, OFF_AMOUNT = 20_00, 2_00


@dataclass(frozen=True, slots=True)
class House:
    """A running PostgreSQL with the merchant in it."""

    home: Path
    cluster: Any
    environment: dict[str, str]

    def product(self, module: str, *arguments: str) -> str:
        return run_inside(module, arguments, self.environment)

    @property
    def asked(self) -> dict[str, Any]:
        """What clients need: keys and baskets."""
        found: dict[str, Any] = json.loads((self.home / "asked.json").read_text())
        return found


@contextmanager
def house() -> Iterator[House]:
    """A new server with fsync on, the product's tables and the merchant; gone afterwards."""
    from dianke.core.database import Cluster

    with tempfile.TemporaryDirectory(prefix="dianke-bench-sale-") as name:
        home = Path(name)
        home.chmod(0o711)  # the server may run as a user of its own
        cluster = Cluster(home / "postgres", profile="durable")
        try:
            environment = os.environ | {
                "DIANKE_DATA": name,
                "DATABASE_URL": cluster.ensure_started(),
                "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "dianke.config.settings"),
            }
            made = House(home, cluster, environment)
            made.product("bench.sale_house", "migrate")
            # As the superuser: catalogue and members are written past their triggers; stock is not.
            run_inside(
                "bench.sale_house",
                ["prepare", str(home / "asked.json")],
                environment | {"DATABASE_URL": cluster.admin_url("dianke")},
            )
            yield made
        finally:
            cluster.discard()


@contextmanager
def served(environment: dict[str, str], **more: str) -> Iterator[int]:
    """The web server as `dianke run` starts it; yields its port."""
    from dianke.config.serve import web_size

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    size = [str(number) for number in web_size()]
    command = [sys.executable, "-m", "dianke.config.web", "127.0.0.1", str(port), *size]
    web = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,  # it ends when this closes
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment | {"DIANKE_HOSTS": "localhost,127.0.0.1"} | more,
    )
    try:
        _wait(web, port)
        yield port
    finally:
        web.terminate()
        try:
            web.wait(20)
        except subprocess.TimeoutExpired:
            web.kill()
            web.wait(10)
        assert web.stdin is not None
        web.stdin.close()


def _wait(web: subprocess.Popen[bytes], port: int) -> None:
    for _try in range(600):
        if web.poll() is not None:
            raise RuntimeError(f"the web server ended with {web.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server does not answer")


def tpcb(house: House, seconds: int) -> float:
    """Transactions per second of pgbench's own TPC-B, 8 clients."""
    told = command(
        [
            str(house.cluster.bin("pgbench")),
            "-c",
            "8",
            "-j",
            "2",
            "-T",
            str(seconds),
            "-n",
            house.cluster.admin_url(),
        ],
        house.environment,
    )
    return rate_of(told)


def rate_of(told: str) -> float:
    return float(re.search(r"tps = ([\d.]+)", told)[1])  # type: ignore[index]


def command(words: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stderr[-2000:]}")
    return done.stdout


# --- inside the product ----------------------------------------------------------------------------------------------
def prepare(members: int = MEMBERS, products: int = PRODUCTS) -> dict[str, Any]:
    """Make the merchant; returns what clients ask with."""
    from bench.customers_data import fill
    from bench.goods_data import fill_catalogue, prepare_house
    from dianke.access.models import Role, User
    from dianke.core.actor import SYSTEM
    from dianke.inventory.operations import Goods, open_stock
    from dianke.stores.models import LegalEntity, Store
    from dianke.stores.operations import hire_staff

    now = datetime.now(UTC)
    who: dict[str, Any] = {"actor": SYSTEM, "now": now}
    prepare_house(now, stores=STORES, entities=1)
    hire_staff(
        username="clerk",
        name="clerk",
        number="clk",
        legal_entity=LegalEntity.objects.get(),
        hired_on=now.date() - timedelta(days=400),
        phone="",
        role=Role.objects.get(code="CLERK"),
        store=Store.objects.order_by("pk")[0],
        **who,
    )
    fill_catalogue(products, now)
    fill(members, now=now)
    for store in Store.objects.order_by("pk"):
        open_stock(
            store=store,
            goods=[Goods(pk, Decimal(1_000_000), Decimal(3 + pk % 4)) for pk in range(1, products + 1)],
            reference=f"opening {store.code}",
            business_date=store.business_date(now),
            **who,
        )
    prepare_offers(now)
    keys = make_keys(User.objects.get(username="owner"), now)
    return {"keys": keys, "baskets": baskets(members, products, now)}


def prepare_offers(now: datetime) -> None:
    """The programme and the promotion."""
    from dianke.core.actor import SYSTEM
    from dianke.loyalty import operations as loyalty
    from dianke.promotions import operations as promotions

    who: dict[str, Any] = {"actor": SYSTEM, "now": now}
    loyalty.begin_programme(name="会员", values={"worth_points": 100, "worth_amount": 100}, **who)
    step = {"full": FULL_AMOUNT, "off_amount": OFF_AMOUNT}
    drafted = promotions.draft_promotion(
        values={
            "name": "满20减2",
            "starts_at": now - timedelta(hours=1),
            "terms": {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [step]}},
        },
        **who,
    )
    promotions.start_promotion(promotion=drafted, **who)


def make_keys(owner: Any, now: datetime) -> list[str]:
    from dianke.access.operations import create_api_key
    from dianke.access.queries import actor_for

    scopes = ["sales.sell", "sales.view_orders", "customers.view_customers"]
    actor = actor_for(owner, now=now)
    return [
        create_api_key(name=f"till {n}", owner=owner, scopes=scopes, actor=actor, now=now).raw
        for n in range(KEYS)
    ]


def baskets(members: int, products: int, now: datetime, *, count: int = BASKETS) -> list[dict[str, Any]]:
    """Bodies of `POST /sales` without UUIDs, each of a member and three products, paid in cash to the fen."""
    from uuid import uuid4

    from dianke.customers.models import Customer
    from dianke.sales.queries.basket import Item, Sale
    from dianke.sales.queries.pricing import price
    from dianke.stores.models import Store

    chance = random.Random(1)
    stores = list(Store.objects.order_by("pk").select_related("legal_entity")[:STORES])
    found = []
    for number in range(count):
        store = stores[number % len(stores)]
        customer = Customer.objects.get(pk=chance.randint(1, members))
        chosen = chance.sample(range(1, products + 1), LINES)
        items = tuple(Item(f"l{n}", variant, Decimal(1)) for n, variant in enumerate(chosen))
        sale = Sale(uuid4(), store, items, (), customer, channel="API")
        total = price(sale=sale, business_date=store.business_date(now), at=now).paid_amount
        found.append(
            {
                "store_id": store.pk,
                "customer_id": customer.pk,
                "channel": "API",
                "items": [
                    {"key": item.key, "variant_id": item.variant_id, "quantity": "1"} for item in items
                ],
                "payments": [{"tender": "CASH", "amount": total}],
                "expected_amount": total,
            }
        )
    return found


def verify() -> list[str]:
    """What the proofs of the rooms that take part in a sale find wrong."""
    from dianke.inventory.queries import verify as of_stock
    from dianke.ledger.queries import verify as of_ledger
    from dianke.sales.queries import verify as of_sales
    from dianke.wallets.queries import verify as of_wallets

    return [str(finding) for proof in (of_ledger, of_stock, of_sales, of_wallets) for finding in proof()][:20]


if __name__ == "__main__":
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    match sys.argv[1:]:
        case ["migrate"]:
            call_command("migrate", verbosity=0)
        case ["prepare", path]:
            Path(path).write_text(json.dumps(prepare()))
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        case ["verify"]:
            if wrong := verify():
                raise SystemExit("\n".join(wrong))
