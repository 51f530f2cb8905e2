"""Nightly jobs of the ledger: balances folded, the whole book proven."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.ledger.operations import fold_balances
from dianke.ledger.queries import verify

logger = logging.getLogger(__name__)


@app.periodic(cron=daily("2:30"))
@app.task(name="ledger.fold_balances", queue="nightly", pass_context=False)
def fold_nightly(timestamp: int) -> None:
    """Fold the postings of busy accounts, so that summing them stays cheap."""
    fold_balances(actor=SYSTEM, now=timezone.now())


@app.periodic(cron=daily("2:50"))
@app.task(name="ledger.verify", queue="nightly", pass_context=False)
def verify_nightly(timestamp: int) -> None:
    """Prove every invariant; whatever is found goes to the error log, one line each."""
    for finding in verify():
        logger.critical("ledger: %s", finding)
