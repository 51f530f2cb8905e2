"""A web server of the product that dies by `kill -9` at a named point, as a test asks, and is there again at once.

A parent that has loaded the product forks the process that serves; when that one is killed it forks the next. Where to
die stands in the file `armed` of the directory given: whoever comes by that point first removes the file and kills
itself, so each order kills once. The points are laid around functions of the product here, in this process only: the
product itself knows nothing of them. Started as `python -m tests.reliability.dying PORT DIRECTORY`.
"""

from __future__ import annotations

import functools
import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

#: Name of a point -> module, what is there, and whether it dies before or after it.
POINTS: dict[str, tuple[str, str, str]] = {
    "before begin": ("dianke.sales.api.orders", "sale_of", "before"),
    "after lock": ("dianke.sales.operations.selling", "standing_order", "after"),
    "after stock": ("dianke.sales.operations.selling", "let_go", "after"),
    "after ledger": ("dianke.sales.operations.selling", "_post", "after"),
    "after budgets": ("dianke.sales.operations.joining", "take", "after"),
    "after number": ("dianke.sales.operations.writing", "write", "after"),
    "before commit": ("dianke.sales.operations.selling", "record", "after"),
    "after commit": ("dianke.sales.operations", "place_sale", "after"),
    "channel paid": ("dianke.sales.operations.paying", "settle_payment", "before"),
    "channel refunded": ("dianke.sales.operations.refunding", "settle_refund", "before"),
    "offline queue": ("dianke.sales.operations.selling", "exceptions_of_till", "after"),
    "day close": ("dianke.sales.operations.day_close", "_write", "after"),
}


def wrapped(work: Callable[..., Any], name: str, when: str, armed: Path) -> Callable[..., Any]:
    """`work`, which dies here if it is asked to."""

    def die() -> None:
        with suppress(FileNotFoundError):
            if armed.read_text() == name:
                armed.unlink()
                os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(work)
    def run(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die()
        result = work(*args, **kwargs)
        if when == "after":
            die()
        return result

    return run


def lay_points(home: Path) -> None:
    import importlib

    for name, (module, attribute, when) in POINTS.items():
        place = importlib.import_module(module)
        setattr(place, attribute, wrapped(getattr(place, attribute), name, when, home / "armed"))


def lasting_gateway(journal: Path) -> Any:
    """A payment channel whose journal outlives the web server, as a real one's does."""
    from dianke.sales.tenders import SimulatedGateway

    class Lasting(SimulatedGateway):
        def _load(self) -> None:
            if journal.exists():
                self.payments, self.refunds = pickle.loads(journal.read_bytes())

        def _do(self, kept: Any, asked: Any, outcome: Any) -> Any:
            of_payments = kept is self.payments
            self._load()
            answer = super()._do(self.payments if of_payments else self.refunds, asked, outcome)
            journal.write_bytes(pickle.dumps((self.payments, self.refunds)))
            return answer

        def query(self, key: str) -> Any:
            self._load()
            return super().query(key)

        def query_refund(self, key: str) -> Any:
            self._load()
            return super().query_refund(key)

    return Lasting()


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        pass


def main() -> None:
    port, home = int(sys.argv[1]), Path(sys.argv[2])
    from django.db import connection

    from dianke.config.wsgi import application
    from dianke.sales.tenders import register_adapter

    # Every request has a thread of its own here: its connection ends with it.
    connection.settings_dict["CONN_MAX_AGE"] = 0
    lay_points(home)
    register_adapter("gateway", lasting_gateway(home / "channel"))
    server = Server(("127.0.0.1", port), Quiet)
    server.set_app(application)
    while os.getppid() != 1:
        child = os.fork()
        if child == 0:
            server.serve_forever()
        with (home / "deaths").open("a") as told:
            os.waitpid(child, 0)
            told.write("died\n")


if __name__ == "__main__":
    main()
