"""Events dispatched per second: the real dispatcher, one reaction that does nothing, a durable server.

Every event is delivered in a transaction of its own that moves the reaction's place in the log. fsync is on;
these commits do not wait for it (see docs/algorithms/event-log.md for why nothing is lost by that).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from bench.figures import Figure

EVENTS, QUICK_EVENTS = 20_000, 3_000


def do_nothing(event: object, *, now: datetime) -> None:
    """The reaction that is measured: only the dispatcher's own work remains."""


def run(quick: bool) -> list[Figure]:
    """`house.events_per_s`, in a process and on a server of its own."""
    from dianke.core.database import Cluster

    with tempfile.TemporaryDirectory(prefix="dianke-bench-events-") as home:
        Path(home).chmod(0o711)  # the server may run as a user of its own
        cluster = Cluster(Path(home) / "postgres", profile="durable")
        try:
            url = cluster.ensure_started()
            environment = os.environ | {
                "DIANKE_DATA": home,
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "dianke.config.settings"),
            }
            command = [sys.executable, "-m", "bench.house_events", str(QUICK_EVENTS if quick else EVENTS)]
            told = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True, timeout=600
            )
        finally:
            cluster.discard()
    return [Figure("house.events_per_s", float(told.stdout.split()[-1]), "1/s")]


def measure(count: int) -> float:
    """Migrate an empty database, record `count` events, and time one dispatcher until all are delivered."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from dianke.events.dispatcher import Dispatcher, ensure_places
    from dianke.events.reactions import Reaction

    call_command("migrate", interactive=False, verbosity=0)
    table = [Reaction("bench.nothing", ("bench.*",), run="bench.house_events:do_nothing", starts="beginning")]
    ensure_places(table)
    with connection.cursor() as cursor:
        for number in range(count):
            cursor.execute(
                "INSERT INTO events_event (recorded_at, kind, operation, actor_kind, subjects, data, request_id)"
                " VALUES (now(), 'bench.bell_rung', 'bench.ring', 'SYSTEM', ARRAY['bench.bell:' || %s],"
                " '{\"amount\": \"12.50\"}', '')",
                [number % 100],
            )
    dispatcher = Dispatcher(table)
    delivered = 0
    began = time.perf_counter()
    while delivered < count:
        delivered += dispatcher.turn()
    return delivered / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.stdout.write(f"{measure(int(sys.argv[1])):.0f}\n")
