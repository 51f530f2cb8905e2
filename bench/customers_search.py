"""Finding a customer among a million: phone tail, whole phone, two characters of a name, initials, pinyin; the
profile page; and whether a new entry's phone is known already. All in the server's own time, one request after
the other, fsync on.

The server is warm, as after its first hour: its files were read once, and `WARMING` other questions of each kind were
asked (a cold one would measure the disk).
The merchant is made once and kept below the temporary directory for the next run (`bench/customers_data.py`); a
change of the tables or of the size makes it anew. Queries are drawn from the customers themselves, so common
names are asked for as often as they are common. `customers.search_p50_ms` and `.search_p99_ms` are those of the
slowest of the kinds in `JUDGED`, asked by somebody who sees every customer; the table shows the others too. Each kind
is asked in `TURNS` with other questions every time, and the turn with the lowest median counts: the one the machine
disturbed least.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.kept import kept_place, kept_server, run_inside

FULL, QUICK = 1_000_000, 20_000
SEED = 1
ROUNDS = 400
WARMING, TURNS = 800, 3
#: The kinds of query a figure is given for.
JUDGED = ("phone tail (4)", "phone tail (6)", "full phone", "two characters", "initials")
PAGES = 100


def run(quick: bool) -> list[Figure]:
    """The `customers.…` figures of search and profile; prints a table by kind of query and kind of user."""
    count = QUICK if quick else FULL
    home = kept_place("customers", str(count), ["customers_data.py"])
    cluster, environment = kept_server(home)
    try:
        if not (home / "filled").exists():
            _done(["migrate"], environment)
            # As the superuser: filling passes over the checks of references, which hold by construction.
            _done(["fill", str(count)], environment | {"DATABASE_URL": cluster.admin_url("dianke")})
            (home / "filled").touch()
        told = json.loads(_done(["measure", str(count)], environment).splitlines()[-1])
    finally:
        cluster.stop()
    for line in told["table"]:
        sys.stdout.write(line + "\n")
    return [Figure(f"customers.{name}", value, "ms") for name, value in told["figures"].items()]


def _done(arguments: Sequence[str], environment: dict[str, str]) -> str:
    return run_inside("bench.customers_search", arguments, environment)


# --- inside the product ----------------------------------------------------------------------------------------------
def _fill(count: int) -> None:
    from datetime import UTC, datetime

    from bench.customers_data import fill, prepare_merchant

    now = datetime.now(UTC)
    prepare_merchant(now)
    fill(count, seed=SEED, now=now)


def _questions(count: int, rounds: int = ROUNDS, seed: int = SEED) -> dict[str, list[str]]:
    """Queries by kind, drawn from the customers with a fixed seed."""
    from dianke.core.names import pinyin_tokens
    from dianke.customers.models import ContactPoint, Customer

    chance = random.Random(seed)
    ids = [chance.randrange(1, count + 1) for _round in range(rounds)]
    points = ContactPoint.objects.filter(customer_id__in=ids).select_related("key").order_by("pk")
    phones = [str(point.value) for point in points]
    people = Customer.objects.filter(pk__in=ids, kind="PERSON").order_by("pk").values_list("pk", "name")
    named = {pk: name for pk, name in people if name}
    names = list(named.values())
    both = [(named[point.customer_id], str(point.value)) for point in points if point.customer_id in named]
    return {
        "phone tail (4)": [phone[-4:] for phone in phones],
        "phone tail (6)": [phone[-6:] for phone in phones],
        "full phone": [phone.removeprefix("+86") for phone in phones],
        "two characters": [name[:2] for name in names],
        "whole name": names,
        "initials": [pinyin_tokens(name).initials[0] for name in names],
        "pinyin": [pinyin_tokens(name).full[0] for name in names],
        "surname": [name[0] for name in names],
        "surname and tail": [f"{name[0]} {phone[-4:]}" for name, phone in both],
    }


def _measure(count: int) -> None:
    from django.utils import timezone

    from dianke.access.models import User
    from dianke.access.queries import actor_for
    from dianke.customers.queries.duplicates import holders_of
    from dianke.customers.queries.search import find
    from dianke.customers.rules.shapes import Contact

    turns = [_questions(count, seed=SEED + 10 * turn) for turn in range(TURNS)]
    questions = turns[0]
    _warm(count)
    table = [f"{'':<12}{'query':<18}{'p50 ms':>8}{'p99 ms':>8}{'found':>7}"]
    worst: dict[str, tuple[float, float]] = {}
    for username in ("owner", "manager", "clerk"):
        actor = actor_for(User.objects.get(username=username), now=timezone.now())
        for kind in questions:
            found: list[int] = []

            def once(query: str, found: list[int] = found, actor: Any = actor) -> None:
                found.append(len(find(actor, query)))

            p50, p99 = min(_timed(once, turn[kind]) for turn in turns)
            table.append(f"{username:<12}{kind:<18}{p50:>8.1f}{p99:>8.1f}{statistics.mean(found):>7.1f}")
            if username == "owner" and kind in JUDGED:
                worst[kind] = (p50, p99)
    numbers = [f"+86{phone}" for phone in questions["full phone"]]
    _p50, known = _timed(lambda phone: holders_of([Contact("PHONE", phone)]), numbers)
    p95 = _pages(count)
    table.append(f"{'owner':<12}{'profile page':<18}{'p95':>8}{p95:>8.1f}")
    figures = {
        "search_p50_ms": max(p50 for p50, _p99 in worst.values()),
        "search_p99_ms": max(p99 for _p50, p99 in worst.values()),
        "profile_p95_ms": p95,
        "known_phone_p99_ms": known,
    }
    sys.stdout.write(json.dumps({"table": table, "figures": figures}) + "\n")


def _warm(count: int) -> None:
    """Read the files of the server once, then ask what is not asked again."""
    from django.utils import timezone

    from dianke.access.models import User
    from dianke.access.queries import actor_for
    from dianke.customers.queries.search import find

    for path in Path(os.environ["DIANKE_DATA"], "postgres").rglob("base/*/[0-9]*"):
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 24):
                pass
    owner = actor_for(User.objects.get(username="owner"), now=timezone.now())
    for asked in _questions(count, WARMING, SEED + 2).values():
        for query in asked:
            find(owner, query)


def _timed(ask: Callable[[str], object], queries: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds, after a few that warm the caches."""
    for query in queries[:10]:
        ask(query)
    times = []
    for query in queries:
        began = time.perf_counter()
        ask(query)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))]


def _pages(count: int) -> float:
    """95th percentile of the whole profile page, middleware and template included, as the owner."""
    from django.conf import settings
    from django.test import Client

    from dianke.access.models import User

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(
        User.objects.get(username="owner"), backend="django.contrib.auth.backends.ModelBackend"
    )
    session = client.session
    session["life"] = {"ends": time.time() + 3600, "seen": time.time(), "idle": 3600}
    session.save()
    chance = random.Random(SEED + 1)
    times = []
    for number in range(PAGES + 5):
        pk = chance.randrange(1, count + 1)
        began = time.perf_counter()
        answer = client.get(f"/customers/{pk}/")
        if answer.status_code != 200:
            raise RuntimeError(f"/customers/{pk}/ answered {answer.status_code}")
        if number >= 5:
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return times[int(len(times) * 0.95)]


if __name__ == "__main__":
    import django

    django.setup()
    match sys.argv[1:]:
        case ["migrate"]:
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
        case ["fill", size]:
            _fill(int(size))
        case ["measure", size]:
            _measure(int(size))
