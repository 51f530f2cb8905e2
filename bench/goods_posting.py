"""Movements per second against the same server's own pgbench TPC-B: 8 clients each, fsync on, in turns; and a stocktake
of ten thousand single pieces, from the first "we are done" to the posted document.

A movement is the goods of a sale of one line, posted by an operation that records its event, like any operation of the
product: a document, a movement, a balance, a cost entry and a cost state. The stocktake is counted blind by scanning
every tag; one in fifty is not found, so a second person looks again and a third one posts. The same is done over ten
thousand articles counted by quantity. What stands afterwards is proven by the room's own proof.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.figures import Figure

PROCESSES = 8
STORES = 8
#: One in so many of what is counted is not there.
MISSING = 50


@dataclass(frozen=True, slots=True)
class Size:
    seconds: int
    rounds: int
    scale: int
    variants: int
    pieces: int


FULL, QUICK = Size(15, 2, 20, 2000, 10_000), Size(4, 1, 10, 500, 1000)


def run(quick: bool) -> list[Figure]:
    """`goods.movements_tpcb_ratio` with the two rates it comes from, and `goods.stocktake_10k_s`; fails when stock is
    not right afterwards."""
    from dianke.core.database import Cluster

    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="dianke-bench-goods-") as home:
        Path(home).chmod(0o711)  # the server may run as a user of its own
        cluster = Cluster(Path(home) / "postgres", profile="durable")
        try:
            environment = os.environ | {
                "DIANKE_DATA": home,
                "DATABASE_URL": cluster.ensure_started(),
                "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "dianke.config.settings"),
            }
            pgbench, administrator = str(cluster.bin("pgbench")), cluster.admin_url()
            _done([pgbench, "-i", "-q", "-s", str(size.scale), administrator], environment)
            _product(["migrate"], environment)
            # As the superuser: the catalogue is written past its triggers; stock is not.
            articles = str(max(size.variants, size.pieces))
            by_superuser = environment | {"DATABASE_URL": cluster.admin_url("dianke")}
            _product(["prepare", str(size.variants), articles], by_superuser)
            tpcb, moved = [], []
            for _round in range(size.rounds):
                told = _done(
                    [pgbench, "-c", "8", "-j", "2", "-T", str(size.seconds), "-n", administrator], environment
                )
                tpcb.append(float(re.search(r"tps = ([\d.]+)", told)[1]))  # type: ignore[index]
                moved.append(_together(size, environment))
            counts = json.loads(_product(["count", str(size.pieces)], environment).splitlines()[-1])
            _product(["verify"], environment)
        finally:
            cluster.discard()
    for row in counts["table"]:
        sys.stdout.write(row + "\n")
    rates = sum(tpcb) / size.rounds, sum(moved) / size.rounds
    return [
        Figure("goods.tpcb_per_s", rates[0], "1/s"),
        Figure("goods.movements_per_s", rates[1], "1/s"),
        Figure("goods.movements_tpcb_ratio", rates[1] / rates[0], ""),
        Figure("goods.stocktake_10k_s", counts["seconds"], "s"),
    ]


def _product(arguments: list[str], environment: dict[str, str]) -> str:
    return _done([sys.executable, "-m", "bench.goods_posting", *arguments], environment)


def _done(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
    return done.stdout


def _together(size: Size, environment: dict[str, str]) -> float:
    """Movements per second of all processes, which start when the last of them is ready."""
    workers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.goods_posting",
                "sell",
                str(size.seconds),
                str(size.variants),
                str(n),
            ],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    counts = [worker.communicate("go\n", timeout=size.seconds + 60)[0] for worker in workers]
    return sum(int(count) for count in counts) / size.seconds


# --- inside the product ----------------------------------------------------------------------------------------------
def _prepare(variants: int, articles: int) -> None:
    """Every store has a lot of each of `variants`; there are `articles` in all."""
    from bench.goods_data import fill_catalogue, prepare_house
    from dianke.core.actor import SYSTEM
    from dianke.inventory.operations import Goods, open_stock
    from dianke.stores.models import Store

    now = datetime.now(UTC)
    prepare_house(now, stores=STORES, entities=1)
    fill_catalogue(articles, now)
    for store in Store.objects.order_by("pk"):
        open_stock(
            store=store,
            goods=[Goods(pk, Decimal(1_000_000), Decimal(10 + pk % 90)) for pk in range(1, variants + 1)],
            reference=f"opening {store.code}",
            business_date=store.business_date(now),
            actor=SYSTEM,
            now=now,
        )


def _sell(seconds: int, variants: int, number: int) -> None:
    from dianke.core.actor import SYSTEM, Actor
    from dianke.events.operations import operation, record
    from dianke.inventory.operations import Out, issue_for_sale
    from dianke.stores.models import Store

    stores = list(Store.objects.order_by("pk"))
    chance = random.Random(number)

    @operation(None)
    def sell(*, store: Store, reference: str, variant_id: int, actor: Actor, now: datetime) -> None:
        issue_for_sale(
            store=store,
            goods=[Out(variant_id, Decimal(1))],
            reference=reference,
            occurred_at=now,
            business_date=store.business_date(now),
            actor=actor,
            now=now,
        )
        record(
            "bench.sale_posted",
            f"bench.sale:{reference}",
            actor=actor,
            now=now,
            store_id=store.pk,
            data={"goods": variant_id},
        )

    print("ready", flush=True)
    sys.stdin.readline()
    count, end = 0, time.monotonic() + seconds
    start = time.time_ns()
    while time.monotonic() < end:
        sell(
            store=chance.choice(stores),
            reference=f"{number}/{start}/{count}",
            variant_id=chance.randint(1, variants),
            actor=SYSTEM,
            now=datetime.now(UTC),
        )
        count += 1
    print(count)


def _count(pieces: int) -> None:
    """Two stocktakes of this many lines; the seconds of the slower one, and how they came about."""
    from bench.goods_count import count_articles, count_pieces

    table = [f"{'stocktake of ' + str(pieces):<24}{'submit s':>10}{'again s':>10}{'post s':>10}{'posted':>9}"]
    seconds = []
    for name, work in (("single pieces", count_pieces), ("articles", count_articles)):
        told = work(pieces, MISSING)
        seconds.append(sum(told[:3]))
        table.append(f"{name:<24}{told[0]:>10.2f}{told[1]:>10.2f}{told[2]:>10.2f}{told[3]:>9.0f}")
    sys.stdout.write(json.dumps({"seconds": max(seconds), "table": table}) + "\n")


def _verify() -> None:
    from dianke.inventory.queries import verify

    findings: list[Any] = verify()
    if findings:
        raise SystemExit("\n".join(map(str, findings[:20])))


if __name__ == "__main__":
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    match sys.argv[1:]:
        case ["migrate"]:
            call_command("migrate", verbosity=0)
        case ["prepare", variants, articles]:
            _prepare(int(variants), int(articles))
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        case ["sell", seconds, variants, number]:
            _sell(int(seconds), int(variants), int(number))
        case ["count", pieces]:
            _count(int(pieces))
        case ["verify"]:
            _verify()
