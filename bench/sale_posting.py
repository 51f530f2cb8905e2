"""One sale over the HTTP API: a member, three lines of a thousand products, a promotion, stock, points, cash, an event;
one request, one transaction, fsync on. In one run, in turns: pgbench's TPC-B on the same server, the hand-written floor
that writes the same rows (`bench/sale_floor.py`), and the product with one and with eight clients.

The product is its web server as `dianke run` starts it (`bench/sale_house.py`); its background worker stands still
while it is timed, and everything it sold is proven afterwards by the proofs of ledger, stock, sales and wallets.
Clients, web server and PostgreSQL share the machine. Where the time of a sale goes is measured with one client: the
way through HTTP and back, less the same request answered within a process, whose time with the database is counted by
statement.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.sale_clients import PATH, Told, body_of, sell
from bench.sale_floor import make, measure
from bench.sale_house import command, house, served, tpcb

#: Gate and aim of the share of TPC-B.
GATE, AIM = 0.05, 0.10


@dataclass(frozen=True, slots=True)
class Size:
    seconds: int
    rounds: int
    scale: int


FULL, QUICK = Size(15, 2, 20), Size(4, 1, 10)


def run(quick: bool) -> list[Figure]:
    """`sale.per_s`, `.p95_ms`, `.tpcb_ratio`, `.floor_ratio` and what they come from; fails when the proofs do."""
    size = QUICK if quick else FULL
    with house() as here:
        pgbench = str(here.cluster.bin("pgbench"))
        command([pgbench, "-i", "-q", "-s", str(size.scale), here.cluster.admin_url()], here.environment)
        rows = make(here, here.asked["baskets"][0])
        alone, many, floor, plain = [], [], [], []
        with served(here.environment) as port:
            sell(port, here.asked, clients=8, seconds=size.seconds / 3)  # warm
            for _round in range(size.rounds):
                plain.append(tpcb(here, size.seconds))
                floor.append(measure(here, size.seconds))
                alone.append(sell(port, here.asked, clients=1, seconds=size.seconds))
                many.append(sell(port, here.asked, clients=8, seconds=size.seconds))
        spent = json.loads(here.product("bench.sale_posting", "where", str(here.home)).splitlines()[-1])
        here.product("bench.sale_house", "verify")
    told = sum(each.per_s for each in many) / size.rounds
    rates = {"TPC-B": sum(plain) / size.rounds, "floor": sum(floor) / size.rounds}
    one = _best(alone)
    for line in _table(one, _best(many), told, rates, rows, spent):
        sys.stdout.write(line + "\n")
    return [
        Figure("sale.per_s", told, "1/s"),
        Figure("sale.one_client_per_s", one.per_s, "1/s"),
        Figure("sale.p50_ms", one.p50, "ms"),
        Figure("sale.p95_ms", one.p95, "ms"),
        Figure("sale.p95_8_clients_ms", _best(many).p95, "ms"),
        Figure("sale.tpcb_per_s", rates["TPC-B"], "1/s"),
        Figure("sale.tpcb_ratio", told / rates["TPC-B"], ""),
        Figure("sale.floor_per_s", rates["floor"], "1/s"),
        Figure("sale.floor_ratio", told / rates["floor"], ""),
        Figure("sale.statements", spent["statements"], ""),
        Figure("sale.python_ms", spent["python"], "ms"),
        Figure("sale.postgresql_ms", spent["database"], "ms"),
        Figure("sale.http_ms", max(0.0, one.p50 - spent["python"] - spent["database"]), "ms"),
    ]


def _best(turns: list[Told]) -> Told:
    """The turn the machine disturbed least."""
    return min(turns, key=lambda told: told.p50)


def _table(
    one: Told, eight: Told, per_s: float, rates: dict[str, float], rows: str, spent: dict[str, Any]
) -> list[str]:
    share = per_s / rates["TPC-B"]
    judged = "reached" if share >= AIM else "gate held" if share >= GATE else "MISSED"
    found = [
        f"{'':<28}{'1/s':>10}{'p50 ms':>10}{'p95 ms':>10}",
        f"{'a sale, 1 client':<28}{one.per_s:>10.1f}{one.p50:>10.1f}{one.p95:>10.1f}",
        f"{'a sale, 8 clients':<28}{eight.per_s:>10.1f}{eight.p50:>10.1f}{eight.p95:>10.1f}",
        *(f"{name + ', 8 clients':<28}{rate:>10.1f}" for name, rate in rates.items()),
        f"the floor: {rows}",
        f"share of TPC-B: {share:.1%} (gate {GATE:.0%}, aim {AIM:.0%}): {judged}",
        f"{spent['statements']} statements, {spent['begun']} transactions; those that take longest, in ms:",
    ]
    return found + [f"{ms:>8.2f}  {text}" for ms, text in spent["longest"]]


# --- inside the product ----------------------------------------------------------------------------------------------
def _where(home: Path, rounds: int = 150) -> dict[str, Any]:
    """The same request answered within this process: its time with the database and without, and its statements."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    asked = json.loads((home / "asked.json").read_text())
    (home / "static").mkdir(exist_ok=True)
    client = Client(SERVER_NAME="localhost")
    begun: list[float] = []
    seen: dict[str, list[float]] = {}
    commits = [0]

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken = (time.perf_counter() - began) * 1000
            begun.append(taken)
            seen.setdefault(" ".join(sql.split())[:90], []).append(taken)

    def once(number: int) -> float:
        body, key = body_of(asked["baskets"][number % len(asked["baskets"])]), asked["keys"][number % 64]
        began = time.perf_counter()
        answer = client.post(PATH, body, "application/json", headers={"Authorization": f"Bearer {key}"})
        if answer.status_code != 201:
            raise RuntimeError(answer.content[:600])
        return (time.perf_counter() - began) * 1000

    assert not settings.DEBUG
    for number in range(2 * 64):  # every key noted as used this minute
        once(number)
    commit = connection.connection.commit

    def committed() -> None:
        commits[0] += 1
        began = time.perf_counter()
        commit()
        begun.append((time.perf_counter() - began) * 1000)

    connection.connection.commit = committed
    whole, inside, statements = [], [], []
    with connection.execute_wrapper(counted):
        for number in range(rounds):
            begun.clear()
            before = commits[0]
            whole.append(once(number))
            inside.append(sum(begun))
            statements.append(len(begun) - (commits[0] - before))
    middle = statistics.median(inside)
    return {
        "statements": statistics.mode(statements),
        "begun": round(commits[0] / rounds),
        "database": middle,
        "python": statistics.median(whole) - middle,
        "longest": sorted(
            ((statistics.median(times), sql) for sql, times in seen.items() if len(times) > rounds / 2),
            reverse=True,
        )[:8],
    }


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
    django.setup()
    match sys.argv[1:]:
        case ["where", home]:
            sys.stdout.write(json.dumps(_where(Path(home))) + "\n")
