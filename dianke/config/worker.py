"""The background process: jobs of the queue in an event loop, the event dispatcher in threads beside it.

Whatever fails in a way it does not handle itself ends the process with an error; the supervisor starts it
again, with growing pauses. Nothing is lost by that: a job or an event counts as done only when its
transaction has committed.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from dianke.config.web import stop_with_parent
from dianke.core.collector import settle

logger = logging.getLogger(__name__)

# Functions that work until the event they are given is set, each in a thread of its own: "module:function".
LOOPS = ("dianke.events.dispatcher:run_dispatcher",)
PATIENCE_SECONDS = 20


def run(_options: argparse.Namespace | None = None) -> int:
    """Works until SIGTERM or Ctrl-C; running jobs get twenty seconds to finish. 1 if a loop broke."""
    if os.environ.get("DIANKE_SUPERVISED"):
        stop_with_parent()
    make_up_for_missed(time.time())
    settle()
    loops = Loops()
    loops.start()
    asyncio.run(_work(loops))
    return 1 if loops.join() else 0


def make_up_for_missed(now: float) -> None:
    """Jobs of the clock that fell into hours when this computer was off are done once, now, in their order: a shop
    turns its computer off at night. A database nobody has worked on yet has missed nothing.

    The queue's own look back is ten minutes; that each time is worked on once it knows from the database.
    """
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinatePeriodicDefer

    if not ProcrastinatePeriodicDefer.objects.exists():
        return
    app.periodic_defaults["max_delay"] = timedelta(days=1).total_seconds()
    registry = app.periodic_registry
    registry.periodic_tasks = dict(
        sorted(
            registry.periodic_tasks.items(),
            key=lambda item: float(item[1].croniter.get_prev(ret_type=float, start_time=now)),
        )
    )


class Loops:
    """The threads beside the job queue. One that breaks stops the whole process."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.on_stop: Callable[[], None] = lambda: None
        self._threads: list[threading.Thread] = []
        self._broken = False

    def start(self) -> None:
        for target in LOOPS:
            module, _colon, name = target.partition(":")
            if importlib.util.find_spec(module) is None:
                continue
            function = getattr(importlib.import_module(module), name)
            thread = threading.Thread(target=self._guard, args=(function,), name=target, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _guard(self, function: Callable[[threading.Event], None]) -> None:
        from django.db import connection

        try:
            function(self.stop)
        except Exception:
            logger.exception("%s broke", threading.current_thread().name)
            self._broken = True
        finally:
            connection.close()
            self.on_stop()

    def join(self) -> bool:
        """Ends the threads; says whether one had broken."""
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        return self._broken


async def _work(loops: Loops) -> None:
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    # A small pool: every open connection costs the database server several megabytes.
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4)
    with app.replace_connector(connector):
        async with app.open_async():
            jobs = asyncio.create_task(
                app.run_worker_async(
                    concurrency=2,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=PATIENCE_SECONDS,
                    delete_jobs="successful",
                )
            )
            running = asyncio.get_running_loop()

            def stop() -> None:
                loops.stop.set()
                jobs.cancel()

            for number in (signal.SIGTERM, signal.SIGINT):
                running.add_signal_handler(number, stop)
            loops.on_stop = lambda: _call(running, stop)
            if loops.stop.is_set():
                stop()
            try:
                await jobs
            except asyncio.CancelledError:
                logger.info("stopped")


def _call(running: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    if not running.is_closed():
        running.call_soon_threadsafe(function)
