"""What is where, what it was worth, and whether that stays quick when there is ten times as much: 300,000 products in
fifty stores that have all of them (15,000,000 balances), ten million movements of the year before.

On hand: one product over all stores, a page of fifty products over all stores, what a store has available of fifty.
Valuation: at the end of past days, the slowest of them, compared with the plain sum of every cost entry until then.
Growth: medians with ten times the goods over those with one, the worst of the look-ups. All in the server's own time,
one after the other, warm, fsync on. Both merchants are made once and kept below the temporary directory
(`bench/goods_history.py`); the small one is proven whole by the product's own proof, the large one on a sample.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench.figures import Figure
from bench.kept import kept_place, kept_server, run_inside

FULL, QUICK = 300_000, 15_000
GROWTH = 10
SEED = 1
PAGE = 50
#: Answers of each kind, and how often the small and the large merchant are asked in turns.
ROUNDS, QUICK_ROUNDS, TURNS = 300, 60, 2
#: Tables and the order of the index that the look-ups use.
WALKED = {
    "inventory_balance": "variant_id, place_id, batch_id",
    "inventory_movement": "variant_id, occurred_at, id",
    "catalog_variant": "id",
    "catalog_barcode": "value",
    "catalog_pricelistitem": "variant_id, price_list_id, min_quantity",
}


def run(quick: bool) -> list[Figure]:
    """`goods.on_hand_p99_ms`, `.valuation_10m_s` and `.growth_ratio`; fails when an answer is not the right one."""
    large = QUICK if quick else FULL
    told: dict[int, list[dict[str, Any]]] = {large // GROWTH: [], large: []}
    clusters = {}
    try:
        for count in told:
            clusters[count] = _merchant(count, proven=count < large)
        for _turn in range(TURNS):
            for count, answers in told.items():
                asked = ["measure", str(count), str(QUICK_ROUNDS if quick else ROUNDS)]
                answers.append(json.loads(_done(asked, clusters[count][1]).splitlines()[-1]))
        value = json.loads(_done(["value", str(large)], clusters[large][1]).splitlines()[-1])
    finally:
        for cluster, _environment in clusters.values():
            cluster.stop()
    small, big = (_best(answers) for answers in told.values())
    rows = [f"{'':<44}{'p50 ms':>9}{'p99 ms':>9}{'1/10 of it':>12}{'growth':>8}"]
    growth = {}
    for kind, (p50, p99) in big.items():
        growth[kind] = p50 / small[kind][0]
        rows.append(f"{kind:<44}{p50:>9.2f}{p99:>9.2f}{small[kind][0]:>12.2f}{growth[kind]:>8.2f}")
    for day, entities, places, movements in value["days"]:
        rows.append(
            f"{'worth on ' + day:<44}{entities:>9.2f} s; by place {places:.2f} s; {movements} until then"
        )
    sys.stdout.write("\n".join(rows) + "\n")
    return [
        Figure("goods.on_hand_p99_ms", max(p99 for kind, (_p50, p99) in big.items() if "hand" in kind), "ms"),
        Figure("goods.valuation_10m_s", max(seconds for _day, seconds, *_rest in value["days"]), "s"),
        Figure("goods.growth_ratio", max(growth.values()), ""),
    ]


def _best(answers: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """By kind, the turn with the lowest median: the one the machine disturbed least."""
    return {kind: min(tuple(turn["times"][kind]) for turn in answers) for kind in answers[0]["times"]}


def _merchant(count: int, *, proven: bool) -> tuple[Any, dict[str, str]]:
    """The running server with the merchant of this size, made if it is not there yet, and the environment to ask it."""
    home = kept_place("goods", str(count), ["goods_data.py", "goods_history.py"], since=time.strftime("%Y%m"))
    cluster, environment = kept_server(home)
    try:
        if not (home / "filled").exists():
            began = time.monotonic()
            _done(["migrate"], environment)
            # As the superuser: filling passes over the triggers, and the proof shows that they would have agreed.
            _done(["fill", str(count)], environment | {"DATABASE_URL": cluster.admin_url("dianke")})
            _done(["prove", str(count), "whole" if proven else "sample"], environment)
            (home / "filled").touch()
            sys.stderr.write(f"… {count} products made in {time.monotonic() - began:.0f} s\n")
    except BaseException:
        cluster.stop()
        raise
    return cluster, environment


def _done(arguments: Sequence[str], environment: dict[str, str]) -> str:
    return run_inside("bench.goods_reading", arguments, environment)


# --- inside the product ----------------------------------------------------------------------------------------------
def _fill(count: int) -> None:
    from django.utils import timezone

    from bench.goods_data import fill_catalogue, prepare_house
    from bench.goods_history import fill_history

    now = timezone.now()
    prepare_house(now)
    fill_catalogue(count, now)
    fill_history(count, now)


def _prove(count: int, how: str) -> None:
    from bench.goods_history import prove, prove_sample

    chance = random.Random(SEED)
    wrong = prove() if how == "whole" else prove_sample([chance.randint(1, count) for _n in range(2000)])
    if wrong:
        raise SystemExit("\n".join(wrong))


def _kinds(count: int, rounds: int) -> dict[str, tuple[Callable[[Any], int], list[Any]]]:
    """What is asked, by name: the question, which returns how much it found, and what it is asked about."""
    from django.utils import timezone

    from dianke.access.models import User
    from dianke.access.queries import actor_for
    from dianke.catalog.models import Barcode, Variant
    from dianke.catalog.queries.prices import prices_of
    from dianke.catalog.queries.search import find, scan
    from dianke.inventory import queries
    from dianke.inventory.models import Place
    from dianke.inventory.queries.history import history
    from dianke.stores.models import Store

    now = timezone.now()
    owner = actor_for(User.objects.get(username="owner"), now=now)
    chance = random.Random(SEED)
    ones = [chance.randint(1, count) for _n in range(rounds)]
    pages = [[chance.randint(1, count) for _n in range(PAGE)] for _page in range(rounds)]
    shelves = list(Place.objects.filter(kind=Place.Kind.STOCK).order_by("pk").values_list("pk", flat=True))
    at = [(page, chance.choice(shelves)) for page in pages]
    codes = list(Barcode.objects.filter(variant__in=ones).order_by("pk").values_list("value", flat=True))
    names = [
        str(each) for each in Variant.objects.filter(pk__in=ones).select_related("product").order_by("pk")
    ]
    store = Store.objects.order_by("pk")[0]
    return {
        "on hand: a product over the stores": (lambda v: len(queries.on_hand([v], actor=owner)), ones),
        "on hand: fifty products over the stores": (
            lambda page: len(queries.on_hand(page, actor=owner)),
            pages,
        ),
        "on hand: a store's available of fifty": (
            lambda pair: len(queries.available(pair[0], place_ids=[pair[1]], actor=owner)),
            at,
        ),
        "distribution of a product": (lambda v: len(queries.distribution([v], actor=owner)), ones),
        "a scanned barcode": (lambda code: int(scan(owner, code) is not None), codes),
        "search: two characters": (lambda name: len(find(owner, name[:2])), names),
        "search: quality and kind": (lambda name: len(find(owner, name.split()[0])), names),
        "history: a page of a product": (lambda v: len(history(variant_id=v, actor=owner)[0]), ones),
        "price: of one product": (lambda v: len(prices_of([v], store=store, at=now)), ones),
        "price: of a page of fifty": (lambda page: len(prices_of(page, store=store, at=now)), pages),
    }


def _warm() -> None:
    """Read the tables and indexes of the look-ups once: a cold server would measure its disk."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in (*WALKED, "catalog_product"):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE xmin IS NOT NULL")
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
        for table, columns in WALKED.items():
            # Of balances a page wants thousands, all over the table; of the others a few.
            cursor.execute(f"SET enable_indexonlyscan = {'off' if table == 'inventory_balance' else 'on'}")
            cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} ORDER BY {columns}) AS walked")
    connection.close()  # the next one has the usual settings


def _measure(count: int, rounds: int) -> None:
    times = {}
    _warm()
    for kind, (ask, about) in _kinds(count, rounds).items():
        for one in about[:20]:
            ask(one)
        taken = []
        for one in about:
            began = time.perf_counter()
            found = ask(one)
            taken.append((time.perf_counter() - began) * 1000)
            if not found:
                raise RuntimeError(f"{kind} of {one} found nothing")
        taken.sort()
        times[kind] = (statistics.median(taken), taken[min(len(taken) - 1, int(len(taken) * 0.99))])
    sys.stdout.write(json.dumps({"times": times}) + "\n")


def _value(count: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from bench.goods_history import Year, month_ends
    from dianke.access.models import User
    from dianke.access.queries import actor_for
    from dianke.inventory import queries

    now = timezone.now()
    owner = actor_for(User.objects.get(username="owner"), now=now)
    answers = []
    for day in month_ends(Year(count, now.date())):
        taken = []
        for by_place in (False, False, True):
            began = time.perf_counter()
            rows = queries.valuation(as_of=day, actor=owner, by_place=by_place)
            taken.append(time.perf_counter() - began)
            if not by_place:
                told = [(row.legal_entity_id, row.quantity, row.value) for row in rows]
            places = sum(row.quantity for row in rows)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT legal_entity_id, sum(quantity_change), sum(value_change) FROM inventory_costentry
                WHERE business_date + 0 <= %s GROUP BY 1 ORDER BY 1
                """,
                [day],
            )
            plain = cursor.fetchall()
            cursor.execute("SELECT count(*) FROM inventory_movement WHERE business_date + 0 <= %s", [day])
            (movements,) = cursor.fetchone() or (0,)
        if told != plain or places != sum(quantity for _entity, quantity, _value in plain):
            raise RuntimeError(
                f"the worth on {day} is {told} and by place {places}, the plain sums say {plain}"
            )
        answers.append((day.isoformat(), min(taken[:2]), taken[2], movements))
    sys.stdout.write(json.dumps({"days": answers}) + "\n")


if __name__ == "__main__":
    import django

    django.setup()
    match sys.argv[1:]:
        case ["migrate"]:
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
        case ["fill", size]:
            _fill(int(size))
        case ["prove", size, how]:
            _prove(int(size), how)
        case ["measure", size, rounds]:
            _measure(int(size), int(rounds))
        case ["value", size]:
            _value(int(size))
