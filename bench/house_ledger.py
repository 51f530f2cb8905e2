"""Ledger transactions per second against the same server's own pgbench TPC-B: 8 clients each, fsync on, in turns.

A transaction is a member's sale paid from the wallet that earns points: 4 postings on 2 guarded and 2 busy accounts
and a new lot, posted by an operation that records its event, like any operation of the product.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.figures import Figure

PROCESSES = 8
CUSTOMERS = 2000


@dataclass(frozen=True, slots=True)
class Size:
    seconds: int
    rounds: int
    scale: int


FULL, QUICK = Size(15, 2, 20), Size(4, 1, 10)


def run(quick: bool) -> list[Figure]:
    """`house.ledger_tpcb_ratio` and the two rates it comes from; fails when the ledger is not sound afterwards."""
    from dianke.core.database import Cluster

    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="dianke-bench-ledger-") as home:
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
            _done([sys.executable, "-m", "bench.house_ledger", "prepare"], environment)
            tpcb, ledger = [], []
            for _round in range(size.rounds):
                told = _done(
                    [pgbench, "-c", "8", "-j", "2", "-T", str(size.seconds), "-n", administrator], environment
                )
                tpcb.append(float(re.search(r"tps = ([\d.]+)", told)[1]))  # type: ignore[index]
                ledger.append(_together(size.seconds, environment))
            _done([sys.executable, "-m", "bench.house_ledger", "verify"], environment)
        finally:
            cluster.discard()
    rates = sum(tpcb) / size.rounds, sum(ledger) / size.rounds
    return [
        Figure("house.tpcb_per_s", rates[0], "1/s"),
        Figure("house.ledger_per_s", rates[1], "1/s"),
        Figure("house.ledger_tpcb_ratio", rates[1] / rates[0], ""),
    ]


def _done(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
    return done.stdout


def _together(seconds: int, environment: dict[str, str]) -> float:
    """Transactions per second of all processes, which start when the last of them is ready."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.house_ledger", "post", str(seconds), str(number)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    counts = [worker.communicate("go\n", timeout=seconds + 60)[0] for worker in workers]
    return sum(int(count) for count in counts) / seconds


def _prepare() -> None:
    from dianke.core.actor import SYSTEM
    from dianke.events.operations import operation, unchanged
    from dianke.ledger import operations as ledger

    @operation(None)
    def open_shop(*, actor: object, now: datetime) -> None:
        unchanged()
        spec = ledger.AccountSpec
        (cash,) = ledger.open_accounts(specs=[spec("cash", "CNY", legal_entity_id=1)])
        ledger.open_accounts(
            specs=[
                spec("revenue", "CNY", store_id=1, legal_entity_id=1),
                spec("points_issued", "POINTS", legal_entity_id=1),
            ]
        )
        names = [f"customers.account:{n}" for n in range(CUSTOMERS)]
        wallets = ledger.open_accounts(
            specs=[spec("wallet_principal", "CNY", n, legal_entity_id=1, floor=0) for n in names]
        )
        ledger.open_accounts(
            specs=[spec("customer_points", "POINTS", n, None, 1, 0, has_lots=True) for n in names]
        )
        ledger.post_many(
            drafts=[
                ledger.Draft(
                    "bench.top_up",
                    f"top-up {wallet.pk}",
                    [ledger.Entry(cash, 10**9), ledger.Entry(wallet, 10**9)],
                    now.date(),
                )
                for wallet in wallets
            ],
            actor=SYSTEM,
            now=now,
        )

    open_shop(actor=SYSTEM, now=datetime.now(UTC))


def _post(seconds: int, number: int) -> None:
    from dianke.core.actor import SYSTEM, Actor
    from dianke.events.operations import operation, record
    from dianke.ledger import operations as ledger
    from dianke.ledger.models import Account

    revenue, issued = Account.objects.get(code="revenue"), Account.objects.get(code="points_issued")
    wallets = list(Account.objects.filter(code="wallet_principal").order_by("holder"))
    points = list(Account.objects.filter(code="customer_points").order_by("holder"))
    chance = random.Random(number)

    @operation(None)
    def sell(*, reference: str, customer: int, fen: int, actor: Actor, now: datetime) -> None:
        ledger.post(
            kind="bench.sale",
            reference=reference,
            entries=[
                ledger.Entry(wallets[customer], -fen),
                ledger.Entry(revenue, fen),
                ledger.Entry(points[customer], fen // 100, now + timedelta(days=365), reference),
                ledger.Entry(issued, fen // 100),
            ],
            business_date=now.date(),
            actor=actor,
            now=now,
        )
        record("bench.sale_posted", f"bench.sale:{reference}", actor=actor, now=now, data={"fen": str(fen)})

    print("ready", flush=True)
    sys.stdin.readline()
    count, end = 0, time.monotonic() + seconds
    start = time.time_ns()
    while time.monotonic() < end:
        sell(
            reference=f"{number}/{start}/{count}",
            customer=chance.randrange(CUSTOMERS),
            fen=chance.randrange(100, 99_999),
            actor=SYSTEM,
            now=datetime.now(UTC),
        )
        count += 1
    print(count)


def _verify() -> None:
    from dianke.ledger.queries import verify

    findings = verify()
    if findings:
        raise SystemExit("\n".join(map(str, findings[:20])))


if __name__ == "__main__":
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    match sys.argv[1:]:
        case ["prepare"]:
            call_command("migrate", verbosity=0)
            _prepare()
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        case ["post", seconds, number]:
            _post(int(seconds), int(number))
        case ["verify"]:
            _verify()
