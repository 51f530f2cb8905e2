"""Snapshots: what is sold is in them, brought up to date they are what a new one would be, a crash changes nothing."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal as D
from uuid import uuid4

import duckdb
import pytest
from django.db import connection

from dianke.core.actor import SYSTEM
from dianke.customers.operations.merges import merge_customers, unmerge
from dianke.insight.operations import snapshots
from dianke.insight.operations.snapshots import building, manifest
from dianke.insight.operations.snapshots.statements import touched_after
from dianke.sales.models import Turnover
from dianke.sales.operations.history import PastLine, PastSale, bring_in_sales
from dianke.sales.tests.counter import Counter, make_counter
from dianke.sales.tests.test_reports import busy


def rows(table: str, columns: str) -> list[tuple]:
    standing = manifest.read(manifest.home())
    files = [str(manifest.home() / "files" / piece.name) for piece in standing.of(table).values()]
    return duckdb.sql(f"SELECT {columns} FROM read_parquet({files!r})").fetchall()


def parts(taken: snapshots.Taken, table: str = "facts") -> list[str]:
    return list(taken.manifest.of(table))


def test_a_snapshot_holds_every_row_cut_by_its_people(counter: Counter, now):
    busy(counter, 7)
    taken = snapshots.refresh(now=now)
    assert taken.is_full
    [(sold, tax, cost, quantity)] = rows("facts", "sum(amount), sum(tax_amount), sum(cost), sum(quantity)")
    turnover = list(Turnover.objects.all())
    assert sold == sum(row.amount for row in turnover)
    assert tax == sum(row.tax_amount for row in turnover)
    assert cost == sum(row.cost for row in turnover)
    assert quantity == sum(row.quantity for row in turnover)
    assert len({row[0] for row in rows("facts", "id")}) == len(turnover) < len(rows("facts", "id"))


@pytest.mark.parametrize("seed", [1, 2])
def test_brought_up_to_date_it_is_what_a_new_one_would_be(counter: Counter, now, seed):
    """Weeks of trade with returns, deliveries of older orders, merges and past sales, refreshed again and again."""
    chance = random.Random(seed)
    members = [counter.member("王小明"), counter.member("李小红"), counter.member("张三")]
    orders = []
    snapshots.refresh(now=now)
    merge = None
    for step in range(6):
        for _sale in range(chance.randrange(1, 5)):
            when = now - timedelta(days=chance.randrange(70), hours=chance.randrange(6))
            lines = [(counter.hat, chance.randrange(1, 3)), (counter.socks, 1)]
            due = 50_00 * lines[0][1] + 9_99
            orders.append(
                counter.sell(
                    *lines, customer=chance.choice([*members, None]), payments=[("CASH", due)], now=when
                )
            )
        if chance.random() < 0.6:
            order = orders.pop(chance.randrange(len(orders)))
            counter.give_back(
                order, ("l1", 1), now=max(order.occurred_at, now - timedelta(days=chance.randrange(3)))
            )
        if step == 2:
            merge = merge_customers(kept=members[0], joined=members[1], actor=SYSTEM, now=now)
        if step == 3:
            past = PastSale(
                uuid4(),
                now - timedelta(days=200),
                (PastLine("旧货", D(1), 88_00, 88_00, counter.hat.pk),),
                (("CASH", 88_00),),
                members[2].pk,
            )
            bring_in_sales(store=counter.store, sales=[past], actor=SYSTEM, now=now)
        if step == 4 and merge:
            unmerge(merge=merge, actor=SYSTEM, now=now)
        taken = snapshots.refresh(now=now)
        assert not taken.is_full
        anew = snapshots.refresh(now=now, is_full=True, place=manifest.home().parent / f"other{step}")
        assert taken.manifest.content == anew.manifest.content
    assert len(parts(taken)) > 2
    assert snapshots.verify(now=now) == []


@pytest.mark.django_db(transaction=True)
def test_only_what_events_touched_is_read_again(now):
    counter = make_counter(now)
    old = counter.sell((counter.hat, 1), payments=[("CASH", 50_00)], now=now - timedelta(days=80))
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)], now=now - timedelta(days=40))
    first = snapshots.refresh(now=now)
    nothing = snapshots.refresh(now=now)
    assert nothing.touched is not None
    assert (nothing.touched.orders, nothing.manifest.content) == ((), first.manifest.content)
    counter.give_back(old)
    second = snapshots.refresh(now=now)
    assert second.touched is not None
    assert second.touched.orders == (old.pk,)
    before, after = first.manifest.of("facts"), second.manifest.of("facts")
    assert [after[part].name for part in before] == [piece.name for piece in before.values()]
    assert list(after)[-1] == "2026-11"
    assert snapshots.verify(now=now) == []
    assert touched_after(second.manifest.position).orders == ()


def test_a_crash_in_the_middle_leaves_the_snapshot_that_stood(counter: Counter, now, monkeypatch):
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    before = snapshots.refresh(now=now).manifest
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    packed = building.Builder._packed
    calls = []

    def break_off(self, table, part, rows, **more):
        calls.append(part)
        if len(calls) == 2:
            raise OSError("no space left")
        return packed(self, table, part, rows, **more)

    monkeypatch.setattr(building.Builder, "_packed", break_off)
    with pytest.raises(OSError, match="no space"):
        snapshots.refresh(now=now, is_full=True)
    assert manifest.read(manifest.home()) == before
    assert [amount for (amount,) in rows("facts", "amount")] == [50_00]
    monkeypatch.undo()
    assert snapshots.refresh(now=now).manifest.of("facts")["2026-11"].row_count == 2


def test_readers_of_the_snapshot_before_keep_their_files(counter: Counter, now):
    place = manifest.home() / "files"
    names = []
    for _turn in range(3):
        counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
        names.append(snapshots.refresh(now=now).manifest.of("facts")["2026-11"].name)
    assert [(place / name).exists() for name in names] == [False, True, True]


def test_another_database_in_its_place_is_read_anew(counter: Counter, now):
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    snapshots.refresh(now=now)
    path = manifest.home() / "manifest.json"
    path.write_text(path.read_text().replace('"position": [', '"position": [9, 9, 9], "was": ['))
    assert snapshots.refresh(now=now).is_full


def test_a_lost_row_is_told(counter: Counter, now):
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    snapshots.refresh(now=now)
    with connection.cursor() as cursor:  # past the operations, so that no event tells of it
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE events_event SET subjects = '{sales.nothing:1}' WHERE kind = 'sales.order_completed'"
        )
        cursor.execute("UPDATE sales_orderline SET cost = cost + 1")
    assert [problem.split(":")[0] for problem in snapshots.verify(now=now)] == ["facts 2026-11"]
