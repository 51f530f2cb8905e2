"""Whether selling stays quick when orders pile up: a sale, the page of an order, a member's profile and the look-ups of
a till, at a merchant with very many orders beside one with 100,000.

Both are made once and kept below the temporary directory (`bench/sale_history.py`: real sales, copied set-based over
two years; each member ends with about fifty). The small one is proven whole by the rooms' own proofs of ledger, stock,
sales and wallets; of the large one rows are counted, and lines, payments, postings and balances summed.
An order of three lines takes 11 kB with its indexes, so 10,000,000 need 110 GB; the large merchant has `FULL` orders,
or as many as DIANKE_BENCH_ORDERS says on a machine with the room: what grows with the depth of an index or with a
table shows long before that. All in the server's own time (the request answered within a process, middleware and
template included), one after the other, warm, fsync on, the small and the large merchant in turns; of each kind the
turn with the lowest median counts, and the figure is the worst growth of a median.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.kept import kept_place, kept_server, run_inside

FULL, SMALL = 2_000_000, 100_000
QUICK, QUICK_SMALL = 100_000, 10_000
#: Orders of a member in two years.
ORDERS = 50
SEED = 1
#: Answers of each kind, after so many that warm, and how often both are asked in turns.
ROUNDS, QUICK_ROUNDS, WARMING, TURNS = 150, 50, 64, 4
#: What must hold.
GATE = 1.5


def run(quick: bool) -> list[Figure]:
    """`sale.growth_ratio`; fails when an answer is not the right one."""
    large = int(os.environ.get("DIANKE_BENCH_ORDERS", QUICK if quick else FULL))
    small = QUICK_SMALL if quick else SMALL
    told: dict[int, list[dict[str, Any]]] = {small: [], large: []}
    clusters = {}
    try:
        for count in told:
            clusters[count] = _merchant(count, whole=count == small)
        for _turn in range(TURNS):
            for count, answers in told.items():
                home, environment = clusters[count][1:]
                rounds = str(QUICK_ROUNDS if quick else ROUNDS)
                answers.append(
                    json.loads(_done(["measure", str(home), rounds], environment).splitlines()[-1])
                )
    finally:
        for cluster, *_rest in clusters.values():
            cluster.stop()
    few, many = (_best(answers) for answers in told.values())
    rows = [f"{f'{large} orders':<34}{'p50 ms':>9}{'p99 ms':>9}{small:>12}{'growth':>8}"]
    growth = {}
    for kind, (p50, p99) in many.items():
        growth[kind] = p50 / few[kind][0]
        rows.append(f"{kind:<34}{p50:>9.2f}{p99:>9.2f}{few[kind][0]:>12.2f}{growth[kind]:>8.2f}")
    worst = max(growth.values())
    rows.append(f"gate {GATE}: {'held' if worst <= GATE else 'MISSED'}")
    sys.stdout.write("\n".join(rows) + "\n")
    return [Figure("sale.growth_orders", large, ""), Figure("sale.growth_ratio", worst, "")]


def _best(answers: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """By kind, the turn with the lowest median: the one the machine disturbed least."""
    return {kind: min(tuple(turn[kind]) for turn in answers) for kind in answers[0]}


def _merchant(count: int, *, whole: bool) -> tuple[Any, Path, dict[str, str]]:
    """The running server with the merchant of this size, made if it is not there yet, where it lies, and the
    environment to ask it."""
    from dianke.config import baseline

    makers = ["sale_house.py", "sale_history.py", "goods_data.py", "customers_data.py"]
    home = kept_place("orders", str(count), makers, since=time.strftime("%Y%m"))
    cluster, environment = kept_server(home)
    (home / "static").mkdir(exist_ok=True)
    try:
        if not (home / "filled").exists():
            began = time.monotonic()
            baseline.lay(environment["DATABASE_URL"])
            _done(["migrate"], environment)
            # As the superuser: filling passes over the triggers.
            filling = environment | {"DATABASE_URL": cluster.admin_url("dianke")}
            run_inside("bench.sale_growth", ["fill", str(home), str(count)], filling, shown=True)
            if whole:
                run_inside("bench.sale_house", ["verify"], environment)
            (home / "filled").touch()
            sys.stderr.write(f"… {count} orders made in {time.monotonic() - began:.0f} s\n")
    except BaseException:
        cluster.stop()
        raise
    return cluster, home, environment


def _done(arguments: Sequence[str], environment: dict[str, str]) -> str:
    return run_inside("bench.sale_growth", arguments, environment)


# --- inside the product -----------------------------------------------------------------------------------------------
def _fill(home: Path, count: int) -> None:
    """The merchant, `BASE` sales through the door, and the copies of them."""
    from bench.sale_history import BASE, copy_sales, marks, prove, told
    from bench.sale_house import prepare

    copies = count // BASE - 1
    members = max(count // ORDERS, BASE)
    told(f"{members} members and what they buy")
    asked = prepare(members)
    (home / "asked.json").write_text(json.dumps(asked))
    before = marks()
    told(f"{BASE} sales")
    sell = _seller(asked)
    for number in range(BASE):
        sell(number)
    after = marks()
    told(f"{copies} copies of them")
    copy_sales(before, after, copies, members)
    told("proof")
    if wrong := prove(before, after, copies):
        raise SystemExit("\n".join(wrong))


def _seller(asked: dict[str, Any]) -> Callable[[int], Any]:
    """Sells the basket of this number, answered within this process."""
    from django.test import Client

    from bench.sale_clients import PATH, body_of

    client = Client(SERVER_NAME="localhost")

    def sell(number: int) -> Any:
        basket = asked["baskets"][number % len(asked["baskets"])]
        key = asked["keys"][number % len(asked["keys"])]
        headers = {"Authorization": f"Bearer {key}"}
        return _expected(client.post(PATH, body_of(basket), "application/json", headers=headers), 201)

    return sell


def _expected(answer: Any, status: int = 200) -> Any:
    if answer.status_code != status:
        raise RuntimeError(answer.content[:600])
    return answer


def _kinds(asked: dict[str, Any], rounds: int) -> dict[str, tuple[Callable[[Any], Any], list[Any]]]:
    """What is asked, by name: the question, which fails on an answer that lacks something, and what it is about."""
    from django.test import Client

    from dianke.access.models import User
    from dianke.customers.models import ContactPoint, Customer
    from dianke.sales.models import Order
    from dianke.stores.models import Store

    chance = random.Random(SEED)
    store = Store.objects.order_by("pk")[0].pk
    last = {model: model.objects.order_by("-pk")[0].pk for model in (Order, Customer)}
    orders = [chance.randint(1, last[Order]) for _n in range(rounds)]
    members = [chance.randint(1, last[Customer]) for _n in range(rounds)]
    phones = {
        point.customer_id: str(point.value)
        for point in ContactPoint.objects.filter(customer_id__in=members).select_related("key")
    }
    numbers = dict(Order.objects.filter(pk__in=orders).values_list("pk", "number"))
    cards = dict(Customer.objects.filter(pk__in=members).values_list("pk", "member_number"))
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(
        User.objects.get(username="owner"), backend="django.contrib.auth.backends.ModelBackend"
    )
    session = browser.session
    session["life"] = {"ends": time.time() + 3600, "seen": time.time(), "idle": 3600}
    session.save()
    till, tokens = Client(SERVER_NAME="localhost"), cycle(asked["keys"])  # one may ask twenty times a second

    def page(path: str, words: str) -> None:
        if words not in _expected(browser.get(path)).content.decode():
            raise RuntimeError(f"{path} does not say {words}")

    def look_up(path: str, wanted: str, **query: Any) -> None:
        headers = {"Authorization": f"Bearer {next(tokens)}"}
        answer = _expected(till.get(f"/api/v1/till/members{path}", query, headers=headers))
        if wanted not in answer.content.decode():
            raise RuntimeError(f"{path} {query} does not find {wanted}: {answer.content[:600]}")

    return {
        "a sale": (_seller(asked), list(range(rounds))),
        "the page of an order": (lambda pk: page(f"/orders/{pk}/", numbers[pk]), orders),
        "the profile of a member": (lambda pk: page(f"/customers/{pk}/", cards[pk]), members),
        "till: a member by the phone": (
            lambda pk: look_up("", f'"id": {pk},', store_id=store, q=phones[pk].removeprefix("+86")),
            members,
        ),
        "till: by its last four digits": (
            lambda pk: look_up("", '"id": ', store_id=store, q=phones[pk][-4:]),
            members,
        ),
        "till: all about a member": (lambda pk: look_up(f"/{pk}", f'"id": {pk},', store_id=store), members),
    }


def _measure(home: Path, rounds: int) -> None:
    from django.conf import settings

    assert not settings.DEBUG
    _warm()
    times = {}
    for kind, (ask, about) in _kinds(json.loads((home / "asked.json").read_text()), rounds + WARMING).items():
        for one in about[:WARMING]:
            ask(one)
        taken = []
        for one in about[WARMING:]:
            began = time.perf_counter()
            ask(one)
            taken.append((time.perf_counter() - began) * 1000)
        taken.sort()
        times[kind] = (statistics.median(taken), taken[min(len(taken) - 1, int(len(taken) * 0.99))])
    sys.stdout.write(json.dumps(times) + "\n")


def _warm() -> None:
    """Read the files of the server once: a cold one would measure its disk."""
    for path in Path(os.environ["DIANKE_DATA"], "postgres").rglob("base/*/[0-9]*"):
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 24):
                pass


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    match sys.argv[1:]:
        case ["migrate"]:
            call_command("migrate", verbosity=0)
        case ["fill", home, count]:
            _fill(Path(home), int(count))
        case ["measure", home, rounds]:
            _measure(Path(home), int(rounds))
