"""The `dianke` command: one table of sub-commands, each a function named by its place and imported when it is
run.

`dianke run` serves the shop; the others look after the same database, which is started for them if it does
not run and left as they found it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dianke.config.terminal import complain, set_up_django, set_up_words
from dianke.config.terminal import gettext as _

# What must stand before a command's function is called: nothing, Django, or Django and a running database.
Needs = Literal["nothing", "django", "database"]
Options = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class Command:
    """A sub-command: its words, what it needs, and "module:function", called with the parsed options."""

    words: str
    target: str
    help: str
    needs: Needs = "database"
    options: Options | None = None


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help=_("port to serve on (default 8000)"))
    parser.add_argument("--host", default="127.0.0.1", help=_("address to serve on (default 127.0.0.1)"))
    parser.add_argument("--no-demo", action="store_true", help=_("no demo merchant on the first start"))
    parser.add_argument(
        "--workers", type=int, default=None, help=_("web processes (default 2, or 1 on one core)")
    )


def _demo_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "which",
        nargs="?",
        choices=["family", "online-retail"],
        default="family",
        help=_("which merchant: the family business, or the real past of a web shop"),
    )
    parser.add_argument("--file", default="", help=_("the file of the web shop, or its folder"))
    parser.add_argument("--trade", default=None, help=_("load this trade alone, for example jewelry"))
    parser.add_argument("--remove", action="store_true", help=_("remove the demo merchant and its people"))


def _add_user_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", help=_("log-in name"))
    parser.add_argument("--name", default="", help=_("name of the person"))
    parser.add_argument("--number", default="", help=_("staff number (default: the log-in name)"))
    parser.add_argument("--role", default="ADMINISTRATOR", help=_("role (default ADMINISTRATOR)"))


def _username(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", help=_("log-in name"))


def _prepare_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-demo", action="store_true")


def commands() -> tuple[Command, ...]:
    """All sub-commands, worded in the language of the person at the keyboard."""
    chores = "dianke.config.chores"
    return (
        Command("run", "dianke.config.serve:run", _("start Dianke and serve it"), "nothing", _run_options),
        Command("migrate", f"{chores}:migrate", _("bring the database up to this version")),
        Command("demo", f"{chores}:demo", _("load or remove the demo merchant"), options=_demo_options),
        Command(
            "user add", f"{chores}:add_user", _("add a person who may sign in"), options=_add_user_options
        ),
        Command("user list", f"{chores}:list_users", _("list the people who may sign in")),
        Command(
            "user reset-password", f"{chores}:reset_password", _("give a new password"), options=_username
        ),
        Command(
            "user disable", f"{chores}:disable_user", _("stop someone from signing in"), options=_username
        ),
        Command("shell", f"{chores}:shell", _("Python with all of Dianke loaded")),
        Command(
            "doctor", "dianke.config.doctor:run", _("check this installation and say what to do"), "nothing"
        ),
        Command("keys rotate", f"{chores}:rotate_keys", _("encrypt with a new master key from now on")),
        Command("ledger verify", f"{chores}:verify_ledger", _("prove that the ledger is right")),
        Command("inventory verify", f"{chores}:verify_inventory", _("prove that the stock is right")),
        Command("sales verify", f"{chores}:verify_sales", _("prove that orders agree with the books")),
        Command("insight refresh", f"{chores}:refresh_insight", _("bring figures and values up to date")),
        Command("insight rebuild", f"{chores}:rebuild_insight", _("make the snapshot anew from the records")),
        Command("insight verify", f"{chores}:verify_insight", _("prove that the snapshot is right")),
        Command("audit verify", f"{chores}:verify_audit", _("prove that the log was not tampered with")),
        Command("worker", "dianke.config.worker:run", _("run background jobs only (part of run)")),
        Command("prepare", "dianke.config.prepare:run", argparse.SUPPRESS, options=_prepare_options),
    )


_GROUPS = {
    "user": lambda: _("people who may sign in"),
    "keys": lambda: _("encryption keys"),
    "ledger": lambda: _("the ledger of everything of value"),
    "inventory": lambda: _("stock, what moved it and what it cost"),
    "sales": lambda: _("orders and the money for them"),
    "insight": lambda: _("figures and what customers are worth"),
    "audit": lambda: _("the log of everything done"),
}


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    import dianke

    parser = argparse.ArgumentParser(prog="dianke", description=_("Dianke, the customer system of a store"))
    parser.add_argument("--version", action="version", version=dianke.__version__)
    _add_data(parser, default=None)
    top = parser.add_subparsers(dest="command", metavar=_("COMMAND"), required=True)
    groups: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}
    for command in commands():
        group, _space, word = command.words.rpartition(" ")
        if group and group not in groups:
            inner = top.add_parser(group, help=_GROUPS[group]())
            groups[group] = inner.add_subparsers(dest="action", metavar=_("COMMAND"), required=True)
        place = groups[group] if group else top
        # A hidden command has no help at all: argparse would print the mark otherwise.
        hidden = command.help == argparse.SUPPRESS
        one = place.add_parser(word) if hidden else place.add_parser(word, help=command.help)
        _add_data(one, default=argparse.SUPPRESS)
        if command.options:
            command.options(one)
        one.set_defaults(chosen=command)
    return parser


def _add_data(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    parser.add_argument(
        "--data", metavar=_("DIRECTORY"), default=default, help=_("where this merchant's data lie")
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is 0 if it did what it was asked."""
    from dianke.core.errors import DiankeError

    options = build_parser().parse_args(arguments)
    if options.data:
        os.environ["DIANKE_DATA"] = str(Path(options.data).expanduser().absolute())
    try:
        return _carry_out(options.chosen, options)
    except DiankeError as error:
        set_up_words()
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as in `dianke user list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _carry_out(command: Command, options: argparse.Namespace) -> int:
    if command.needs == "database":
        with running_database():
            set_up_django()
            return _target(command)(options) or 0
    if command.needs == "django":
        set_up_django()
    return _target(command)(options) or 0


def _target(command: Command) -> Callable[[argparse.Namespace], int | None]:
    module, _colon, name = command.target.partition(":")
    function: Callable[[argparse.Namespace], int | None] = getattr(importlib.import_module(module), name)
    return function


class running_database:
    """Counts as a user of the embedded server while open, and starts it if needed; a `DATABASE_URL` is asked
    if it will do. The address is `.url`."""

    url: str

    def __enter__(self) -> running_database:
        from dianke.core.database import Cluster, check_server, data_home

        self._cluster = None
        given = os.environ.get("DATABASE_URL")
        if given:
            check_server(given)
            self.url = given
        else:
            self._cluster = Cluster(data_home() / "postgres")
            self.url = self._cluster.ensure_started()
        return self

    def revive(self) -> None:
        """Starts the embedded server again if it has died; looks only once a call, so call it often."""
        if self._cluster is not None and not self._cluster.is_running():
            self._cluster.ensure_started()

    def __exit__(self, *_exception: object) -> None:
        if self._cluster is not None:
            self._cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
