"""Jobs of stock: reservations that ran out, month ends folded, the whole of it proven; and the places of new stores."""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.core.errors import DiankeError
from dianke.events.models import Event
from dianke.inventory.operations import StockBusy, fold_closings, open_places, release_expired
from dianke.inventory.operations.alerts import look_through_stock
from dianke.inventory.queries import verify
from dianke.stores.models import LegalEntity, StockPlace, Store

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="inventory.release_expired", queue="default", pass_context=False)
def release_expired_reservations(timestamp: int) -> None:
    """Every minute; mostly there is nothing to do."""
    release_expired(actor=SYSTEM, now=timezone.now())


@app.periodic(cron=daily("2:40"))
@app.task(name="inventory.fold_closings", queue="nightly", pass_context=False)
def fold_nightly(timestamp: int) -> None:
    """Fold month ends, so that reports as of a date read little."""
    for entity in LegalEntity.objects.all():
        try:
            fold_closings(legal_entity=entity, actor=SYSTEM, now=timezone.now())
        except StockBusy:
            logger.warning("inventory: closings of %s not folded, a posting was under way", entity.pk)


@app.periodic(cron=daily("3:00"))
@app.task(name="inventory.verify", queue="nightly", pass_context=False)
def verify_nightly(timestamp: int) -> None:
    """Prove every invariant; whatever is found goes to the error log, one line each."""
    for finding in verify():
        logger.critical("inventory: %s", finding)


@app.periodic(cron=daily("5:20"))
@app.task(name="inventory.look_through_stock", queue="nightly", pass_context=False)
def look_through_nightly(timestamp: int) -> None:
    """Before the shops open: what is low, near its expiry, lying too long or below zero becomes alerts and tasks."""
    look_through_all_stock(timezone.now())


def look_through_all_stock(now: datetime) -> int:
    """Every open store; one that fails does not hold up the others. Returns how many alerts began."""
    began = 0
    for store in Store.objects.still_open().order_by("pk"):
        try:
            began += look_through_stock(store=store, actor=SYSTEM, now=now).began
        except DiankeError as error:
            logger.error("stock of store %s: %r", store.pk, error)
    return began


def open_places_of_store(event: Event, *, now: datetime) -> None:
    """A store or a place of stock was opened: it has its place here at once."""
    label, _colon, pk = event.subject.rpartition(":")
    store: Store | None
    if label == "stores.stockplace":
        row = StockPlace.objects.select_related("store").filter(pk=int(pk)).first()
        store = row.store if row else None
    else:
        store = Store.objects.filter(pk=int(pk)).first()
    if store is not None:
        open_places(store=store, actor=event.as_cause(), now=now)
