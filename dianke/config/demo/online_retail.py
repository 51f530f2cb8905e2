"""A merchant whose past is real: nine months of a British gift shop (UCI "Online Retail"), brought in through the
importer of past orders, as a person would. Its own data directory, pounds, London's clock, and pages in Chinese.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.urls import get_resolver
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from dianke.access.models import Role, User
from dianke.access.operations import set_second_factor_rule
from dianke.access.queries import actor_for
from dianke.config.demo.data import family as read_family
from dianke.config.demo.loading import LANGUAGE, DemoRefused
from dianke.config.demo.people import PASSWORD
from dianke.core.actor import SYSTEM, Actor
from dianke.core.errors import NotFound
from dianke.imports import operations as imports
from dianke.imports import running
from dianke.imports.models import ImportRun
from dianke.stores.models import Merchant, Store
from dianke.stores.operations import add_legal_entity, hire_staff, open_store, set_up_merchant

NAME = "Online Retail"
CURRENCY, ZONE = "GBP", "Europe/London"
#: Where the file is looked for when nobody says: the environment, then beside a checkout of the sources.
VARIABLE = "DIANKE_ONLINE_RETAIL"
_BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data" / "online-retail"
_BLOCK = 1 << 20
Say = Callable[[str], None]


class FileMissing(NotFound):
    code = "online_retail_missing"
    message = gettext_lazy(
        "The file of the shop is not there. Name it with --file, or set %(variable)s to it or its folder (from "
        "https://archive.ics.uci.edu/dataset/352/online+retail, as CSV, also .gz)."
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a run did, and how fast."""

    run: ImportRun
    seconds: float

    @property
    def speed(self) -> int:
        """Rows a second, from the first look at the file to the last return."""
        return round(self.run.row_count / max(self.seconds, 0.001))


def file_of(named: str = "") -> Path:
    """The file that was named, or is found. Raises `FileMissing`."""
    for place in (named, os.environ.get(VARIABLE, ""), str(_BESIDE)):
        path = Path(place).expanduser() if place else None
        if path is not None and path.is_dir():
            found = sorted([*path.glob("*.csv.gz"), *path.glob("*.csv"), *path.glob("*.xlsx")])
            path = found[0] if found else None
        if path is not None and path.is_file():
            return path
        if named:
            break
    raise FileMissing(variable=VARIABLE)


def load_online_retail(
    named: str = "", *, clock: Callable[[], datetime], say: Say = lambda text: None
) -> Loaded:
    """The merchant, if there is none yet, and its past; again: every row stands already.

    Raises `FileMissing`, and `DemoRefused` when somebody else's merchant is here.
    """
    path = file_of(named)
    merchant = Merchant.objects.first()
    if merchant is not None and merchant.name != NAME:
        raise DemoRefused
    _patterns = get_resolver().url_patterns
    with override(LANGUAGE):
        store = _found(clock()) if merchant is None else Store.objects.get()
        owner = actor_for(User.objects.get(username=_owner()["username"]), now=clock())
        loaded = bring_in(path, store, owner, clock, say)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return loaded


def bring_in(
    path: Path, store: Store, owner: Actor, clock: Callable[[], datetime], say: Say = lambda text: None
) -> Loaded:
    """Upload, check, import: what the pages do, with the columns as the importer suggests them."""
    begun = time.monotonic()
    run = imports.upload_file(
        importer="history", file_name=path.name, chunks=_blocks(path), actor=owner, now=clock()
    )
    run = imports.check_run(
        run=run,
        mapping=run.columns(),
        match_rule="",
        options={
            "store": str(store.pk),
            "source": NAME,
            "tender": "TRANSFER",
            "channel": "API",
            "day_order": "YMD",
            "goods": "1",
            "customers": "1",
        },
        actor=owner,
        now=clock(),
    )
    running.work(run.pk, clock)
    run.refresh_from_db()
    say(_("Checked: %(rows)d rows, %(errors)d with errors") % {"rows": run.row_count, "errors": _errors(run)})
    run = imports.start_run(run=run, actor=owner, now=clock())
    running.work(run.pk, clock)
    run.refresh_from_db()
    return Loaded(run, time.monotonic() - begun)


def _errors(run: ImportRun) -> int:
    return int(run.forecast.get("errors", 0))


def _blocks(path: Path) -> Iterator[bytes]:
    """The file as it would be uploaded: unpacked."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _owner() -> dict[str, str]:
    first: dict[str, str] = read_family()["people"][0]
    return first


@transaction.atomic
def _found(now: datetime) -> Store:
    """Merchant, company, owner and the one shop, which sells by mail."""
    opened = date(2010, 12, 1)
    set_up_merchant(
        name=NAME,
        short_name=NAME,
        trade="GENERAL",
        currency=CURRENCY,
        language=LANGUAGE,
        time_zone=ZONE,
        is_demo=True,
        actor=SYSTEM,
        now=now,
    )
    entity = add_legal_entity(
        values={"name": f"{NAME} Ltd", "short_name": NAME, "kind": "COMPANY", "currency": CURRENCY},
        actor=SYSTEM,
        now=now,
    )
    person = _owner()
    staff = hire_staff(
        username=person["username"],
        name=person["name"],
        number="OR001",
        legal_entity=entity,
        hired_on=opened,
        title=person["title"],
        password=PASSWORD,
        role=Role.objects.get(code="OWNER"),
        is_demo=True,
        actor=SYSTEM,
        now=now,
    )
    for role in Role.objects.filter(requires_second_factor=True):
        set_second_factor_rule(role=role, is_required=False, actor=SYSTEM, now=now)
    values = {
        "code": "LON",
        "name": "Online Retail London",
        "short_name": "London",
        "trade": "GENERAL",
        "legal_entity": entity,
        "opened_on": opened,
        "is_demo": True,
    }
    return open_store(values=values, actor=actor_for(staff.user, now=now), now=now)
