"""What to propose to whom, worked out from a snapshot of everybody and put in place at once; what somebody declined;
and goods that are never proposed.

Between nights nothing is worked out anew: who asks (`queries/proposals`) looks at what was bought, merged, sold out and
declined since. docs/algorithms/recommendations.md
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dianke.catalog.models import Category, Product
from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.insight.models import (
    PROPOSE,
    DeclinedProposal,
    ProductPair,
    Proposal,
    SnapshotRun,
    UnproposedCategory,
)
from dianke.insight.operations.replacing import replace_rows
from dianke.insight.operations.snapshots import Taken
from dianke.insight.operations.snapshots.manifest import home
from dianke.insight.queries.engine import opened
from dianke.stores.queries import local_date

REFRESH, MANAGE = "insight.refresh_snapshots", "insight.manage_proposals"
#: What is learnt from: purchases of two years, the latest so many.
HISTORY, MOST_LINES = timedelta(days=730), 5_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """Two files of rows as COPY reads them, and how they came about (`SnapshotRun.recommending`)."""

    proposals: Path
    pairs: Path
    told: dict[str, Any]


@contextmanager
def prepared(taken: Taken, *, now: datetime) -> Iterator[Found]:
    """Work out everybody's proposals, before any transaction is opened for them."""
    import numpy as np

    from dianke.insight.rules import worth
    from dianke.insight.rules.recommending import Purchases
    from dianke.insight.rules.recommending.proposing import Proposing, most_bought, told

    as_of = local_date(now)
    snapshot = opened(taken.manifest, home())
    try:
        rows = snapshot.engine.to_pyarrow(worth.goods(snapshot.tables, as_of - HISTORY, MOST_LINES))
    finally:
        snapshot.engine.disconnect()
    heads, products, days = (
        rows.column(name).to_numpy().astype(np.int64) for name in ("head_id", "product_id", "day")
    )
    items = most_bought(products)
    taking_part = np.isin(products, items)
    purchases = Purchases(
        heads[taking_part], days[taking_part], np.searchsorted(items, products[taking_part]), len(items)
    )
    offered = np.isin(items, np.fromiter(_offered(), dtype=np.int64))
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        found = Found(Path(folder) / "proposals.csv", Path(folder) / "pairs.csv", {})
        people = pairs = 0
        if len(items):
            learnt = Proposing(purchases, day=(as_of - worth.EPOCH).days, offered=offered)
            people, pairs = _write(found, learnt, items), len(learnt.pairs.item)
            found.told.update(told(learnt.learnt, people, pairs))
        else:
            found.proposals.touch()
            found.pairs.touch()
        yield found


def _offered() -> Iterator[int]:
    """Products that may be proposed at all; whether there is any of one is asked when it is proposed."""
    rows = Product.objects.in_use().filter(variants__is_active=True)
    return iter(rows.order_by().values_list("pk", flat=True).distinct())


def _write(found: Found, learnt: Any, items: Any) -> int:
    """The files; how many people something is proposed to."""
    heads = learnt.baskets.people
    count = 0
    with found.proposals.open("w", newline="") as file:
        writer = csv.writer(file)
        for rows in learnt.rows():
            count += 1
            for place, row in enumerate(rows):
                because = int(items[row.because]) if row.because >= 0 else ""
                interval = "" if row.interval is None else row.interval
                writer.writerow(
                    [
                        int(heads[row.person]),
                        int(items[row.item]),
                        place,
                        row.kind,
                        because,
                        row.part,
                        row.whole,
                        interval,
                    ]
                )
    pairs = learnt.pairs
    with found.pairs.open("w", newline="") as file:
        writer = csv.writer(file)
        places: dict[int, int] = {}
        for item, then, together, share, lift in zip(
            pairs.item, pairs.then, pairs.together, pairs.confidence, pairs.lift, strict=True
        ):
            place = places[item] = places.get(item, -1) + 1
            times = round(together / share)
            writer.writerow(
                [
                    int(items[item]),
                    int(items[then]),
                    place,
                    int(together),
                    times,
                    f"{min(lift, 1_000_000):.2f}",
                ]
            )
    return count


@operation(REFRESH)
def write_proposals(*, run: SnapshotRun, found: Found, actor: Actor, now: datetime) -> SnapshotRun:
    """Put the proposals of everybody and what goes together in place of those there were."""
    replace_rows(
        Proposal,
        found.proposals,
        (
            "customer_id",
            "product_id",
            "place",
            "kind",
            "because_id",
            "part_count",
            "all_count",
            "interval_days",
        ),
        keys=2,
    )
    pair = ("product_id", "then_id", "place", "part_count", "all_count", "lift")
    replace_rows(ProductPair, found.pairs, pair, keys=2)
    run.recommending = found.told
    run.save(update_fields=["recommending"])
    record(
        "insight.proposals_written", run, actor=actor, now=now, data={"people": found.told.get("people", 0)}
    )
    return run


@step
def forget_proposals(customer_ids: Collection[int], now: datetime) -> int:
    """Of somebody who is erased nothing is proposed, and what they declined goes."""
    count, _by = DeclinedProposal.objects.filter(customer__in=customer_ids).delete()
    return count + Proposal.objects.filter(customer_id__in=customer_ids).delete()[0]


# --- what somebody does not want ------------------------------------------------------------------------------------
@operation(PROPOSE)
def decline_proposal(
    *, customer: Customer, product: Product, actor: Actor, now: datetime
) -> DeclinedProposal:
    """They said they do not want this: it is not proposed to them any more. Said before: nothing changes."""
    declined, is_new = DeclinedProposal.objects.get_or_create(
        customer_id=customer.head_id, product=product, defaults={"at": now, "by_id": actor.user_id}
    )
    if not is_new:
        unchanged()
        return declined
    record(
        "insight.proposal_declined",
        customer,
        actor=actor,
        now=now,
        also=[product],
        store_id=customer.store_id,
        data={"product": product.name},
    )
    return declined


@operation(PROPOSE)
def propose_again(*, customer: Customer, product: Product, actor: Actor, now: datetime) -> None:
    """Take it back, for everybody in the profile."""
    members = Customer.objects.cluster(customer.head_id)
    count, _by = DeclinedProposal.objects.filter(customer__in=members, product=product).delete()
    if not count:
        unchanged()
        return
    record(
        "insight.proposal_allowed",
        customer,
        actor=actor,
        now=now,
        also=[product],
        store_id=customer.store_id,
        data={"product": product.name},
    )


# --- what is never proposed -----------------------------------------------------------------------------------------
@operation(MANAGE)
def leave_out_categories(*, category_ids: Collection[int], actor: Actor, now: datetime) -> int:
    """These categories, and what is below them, are never proposed; others are again. How many there are now."""
    wanted = set(Category.objects.filter(pk__in=category_ids, merged_into=None).values_list("pk", flat=True))
    standing = set(UnproposedCategory.objects.values_list("pk", flat=True))
    if wanted == standing:
        unchanged()
        return len(wanted)
    UnproposedCategory.objects.exclude(pk__in=wanted).delete()
    UnproposedCategory.objects.bulk_create(UnproposedCategory(pk=pk) for pk in wanted - standing)
    record(
        "insight.proposals_ruled", "insight.proposals:all", actor=actor, now=now, data={"count": len(wanted)}
    )
    return len(wanted)
