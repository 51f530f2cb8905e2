"""The product beside Tryton's point of sale and django-oscar: 8 clients each, one PostgreSQL, fsync on, in turns.

Both are installed into an environment of their own below the temporary directory, from `requirements-bench-peers.lock`
(with hashes), and called as their own code calls them, within 8 processes and without HTTP; the product is asked over
HTTP. What they leave out of a sale stands in `bench/peer_tryton.py` and `bench/peer_oscar.py`; whatever it is, it is to
their advantage. Their statements are counted by themselves. Transactions they had to begin again are told.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import psycopg

from bench.figures import Figure
from bench.kept import ROOT
from bench.sale_clients import Told, sell
from bench.sale_house import House, house, served

CLIENTS = 8
PINS = ROOT / "requirements-bench-peers.lock"
#: At least so many sales of ours for one of the better peer.
GATE = 25


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    script: str
    database: str
    #: Its preparation makes the database itself, and fails where one stands.
    makes_database: bool = False

    def environment(self, house: House) -> dict[str, str]:
        """Where its database lies, by the names it asks for."""
        url = urlparse(house.cluster.admin_url())
        asked = parse_qs(url.query)
        place = {"OSCAR_HOST": asked["host"][0], "OSCAR_PORT": asked.get("port", ["5432"])[0]}
        return {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("DJANGO_", "DIANKE_"))
            },
            **place,
            "OSCAR_DATABASE": self.database,
            "DB_NAME": self.database,
            "TRYTOND_DATABASE_URI": url._replace(path="/").geturl(),
            "PYTHONWARNINGS": "ignore",
        }


PEERS = (
    Peer("tryton", "peer_tryton.py", "bench_tryton", makes_database=True),
    Peer("django-oscar", "peer_oscar.py", "bench_oscar"),
)


@dataclass(frozen=True, slots=True)
class Sold:
    per_s: float
    statements: int
    again: int


def run(quick: bool) -> list[Figure]:
    """`sale.peer_ratio`: our sales for one of the better peer; and the rates it comes from."""
    seconds, rounds = (8, 1) if quick else (20, 2)
    python = environment_of_peers()
    ours: list[Told] = []
    theirs: dict[str, list[Sold]] = {peer.name: [] for peer in PEERS}
    with house() as here:
        for peer in PEERS:
            _prepare(peer, here, python)
        with served(here.environment) as port:
            sell(port, here.asked, clients=CLIENTS, seconds=seconds / 4)  # warm
            for _round in range(rounds):
                ours.append(sell(port, here.asked, clients=CLIENTS, seconds=seconds))
                for peer in PEERS:
                    theirs[peer.name].append(_together(peer, here, python, seconds))
        here.product("bench.sale_house", "verify")
    rate = sum(told.per_s for told in ours) / rounds
    rates = {name: sum(each.per_s for each in sold) / rounds for name, sold in theirs.items()}
    sys.stdout.write(f"{'8 clients':<16}{'sales/s':>10}{'statements':>12}{'begun again':>13}\n")
    sys.stdout.write(f"{'dianke':<16}{rate:>10.1f}\n")
    for name, sold in theirs.items():
        again = sum(each.again for each in sold)
        sys.stdout.write(f"{name:<16}{rates[name]:>10.2f}{sold[0].statements:>12}{again:>13}\n")
    ratio = rate / max(*rates.values(), 1e-9)
    sys.stdout.write(
        f"{ratio:.1f} × the better peer (gate {GATE}): {'held' if ratio >= GATE else 'MISSED'}\n"
    )
    return [
        Figure("sale.peer_ratio", ratio, ""),
        Figure("sale.beside_peers_per_s", rate, "1/s"),
        Figure("sale.tryton_per_s", rates["tryton"], "1/s"),
        Figure("sale.tryton_statements", theirs["tryton"][0].statements, ""),
        Figure("sale.oscar_per_s", rates["django-oscar"], "1/s"),
        Figure("sale.oscar_statements", theirs["django-oscar"][0].statements, ""),
    ]


def environment_of_peers() -> Path:
    """The Python of the peers' environment, made when the pins are others than before."""
    name = hashlib.sha256(sys.version.encode() + PINS.read_bytes()).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / "dianke-bench-peers" / name
    python = home / "bin" / "python"
    if not (home / "whole").exists():
        venv.create(home, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(PINS)]
        done = subprocess.run(pip, capture_output=True, text=True, timeout=1800)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        (home / "whole").touch()
    return python


def _prepare(peer: Peer, here: House, python: Path) -> None:
    if not peer.makes_database:
        with psycopg.connect(here.cluster.admin_url(), autocommit=True) as wire:
            wire.execute(f"CREATE DATABASE {peer.database}")
    command = [str(python), peer.script, "prepare"]
    done = subprocess.run(
        command, cwd=ROOT / "bench", env=peer.environment(here), capture_output=True, text=True, timeout=1800
    )
    if done.returncode:
        raise RuntimeError(f"{peer.name}: {done.stderr[-2000:]}")
    with psycopg.connect(here.cluster.admin_url(peer.database), autocommit=True) as wire:
        wire.execute("ANALYZE")


def _together(peer: Peer, here: House, python: Path, seconds: int) -> Sold:
    """Sales per second of all processes, which start when the last of them is ready."""
    workers = [
        subprocess.Popen(
            [str(python), peer.script, "sell", str(seconds), str(number)],
            cwd=ROOT / "bench",
            env=peer.environment(here),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for number in range(CLIENTS)
    ]
    for worker in workers:
        assert worker.stdout is not None
        if worker.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{peer.name} did not start")
    for worker in workers:  # all of them, before any is waited for
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [worker.communicate(timeout=seconds + 300)[0].split() for worker in workers]
    if not all(len(each) == 3 for each in told):
        raise RuntimeError(f"{peer.name} broke off")
    sold, statements, again = ([int(each[n]) for each in told] for n in range(3))
    return Sold(sum(sold) / seconds, round(sum(statements) / CLIENTS), sum(again))
