"""Two at the same moment at one register, one day, one till: exactly one gets it, and numbers have no gaps."""

from __future__ import annotations

from functools import partial
from threading import Barrier

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import post_migrate

from dianke.access.models import Device
from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.inventory.tests.shop import within
from dianke.sales.models import CashMovement, DayClose, DeviceJournal, Shift, ZReport
from dianke.sales.operations import offline, shifts
from dianke.sales.operations.drawers import ShiftNotOpen
from dianke.sales.queries.offline import gaps_of
from dianke.sales.queries.shifts import running_shift
from dianke.sales.tests.till import FLOAT, TODAY, Till, books, make_till

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(transactional_db: None, now) -> Till:
    # What migrating puts in (preset roles, kinds of payment) goes with the rows of a test that commits.
    for name in ("access", "sales"):
        config = apps.get_app_config(name)
        post_migrate.send(config, app_config=config, using="default", verbosity=0, interactive=False, plan=[])
    return make_till(now)


def test_of_those_who_open_a_register_at_once_one_gets_it(till: Till):
    for turn in range(5):
        results = at_once(*[partial(till.open, by=name) for name in ("clerk", "manager", "owner", "region")])
        assert refusals(results, shifts.ShiftRuns) == 3
        (shift,) = Shift.objects.running()
        till.close(shift, 30_000)
        assert Shift.objects.count() == turn + 1
    assert books() == {"drawer": 30_000, "safe": -30_000}


def test_without_waiting_at_the_register_only_the_constraint_would_stop_the_second(till: Till, now):
    """The negative control: both look, nobody runs, both write. The database takes one and refuses the other, with an
    error no cashier could read."""
    both_looked = Barrier(2)

    def open_unguarded() -> None:
        with transaction.atomic():
            assert running_shift(till.first.pk) is None
            both_looked.wait(timeout=20)
            Shift.objects.create(
                register=till.first,
                store=till.lake,
                legal_entity=till.cast.silk,
                currency="CNY",
                business_date=TODAY,
                opened_at=now,
                float_amount=0,
            )

    results = at_once(open_unguarded, open_unguarded)
    assert sum(isinstance(result, IntegrityError) for result in results) == 1
    assert Shift.objects.running().count() == 1


def test_a_shift_closed_twice_at_once_ends_once(till: Till):
    shift = till.count(till.open(), 29_000)
    close = partial(shifts.close_shift, shift=shift, left_amount=0, reason="少了", **till.usual({}))
    results = at_once(*[close] * 4)
    assert all(isinstance(result, Shift) for result in results)
    assert CashMovement.objects.filter(kind="DIFFERENCE").count() == 1
    assert books() == {"safe": -1_000, "cash_difference": 1_000}


def test_a_day_closed_by_several_at_once_is_closed_once(till: Till):
    till.close(till.open(), 30_000)
    results = at_once(*[partial(till.close_day, by=name) for name in ("manager", "owner", "region", "admin")])
    assert len({result.pk for result in results if isinstance(result, DayClose)}) == 1
    assert not [result for result in results if isinstance(result, Exception)]
    assert (DayClose.objects.count(), ZReport.objects.count()) == (1, 1)


def test_a_sale_beside_a_closing_shift_is_in_the_count_or_comes_as_late(till: Till):
    """Whoever comes first: the closes hold every payment, and the drawer in the books is what was left."""
    sold = 0
    for _turn in range(5):
        shift = till.open()
        results = at_once(partial(till.sell, shift, 500), partial(till.close, shift, 30_000, reason="差"))
        sold += 500 * (1 - refusals(results, ShiftNotOpen))
    till.close_day()
    assert books()["drawer"] == 30_000
    (close,) = DayClose.objects.all()
    assert close.snapshot["figures"].get("cash", {}).get("in", 0) == sold


def test_numbers_of_one_till_arriving_at_once_are_all_noted(till: Till, now):
    device = Device.objects.create(
        name="平板", store_id=till.lake.pk, token_hash="t", enrolled_at=now, last_seen_at=now
    )

    def note(number: int) -> bool:
        def work() -> bool:
            return offline.note_sequence(device_id=device.pk, store_id=till.lake.pk, number=number, now=now)

        return bool(within(work=work, actor=SYSTEM, now=now))

    results = at_once(*[partial(note, number) for number in (3, 1, 7, 2, 7, 5)])
    assert sorted(results, key=str) == [False, True, True, True, True, True]
    assert gaps_of(device.pk) == [(4, 4), (6, 6)]
    journal = DeviceJournal.objects.get()
    assert (journal.highest, journal.arrived_count) == (7, 5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sales_devicegap")
        assert cursor.fetchone() == (2,)


def test_the_float_is_counted_once_however_often_it_is_sent(till: Till):
    results = at_once(*[partial(till.open, pieces=FLOAT)] * 3)
    assert refusals(results, shifts.ShiftRuns) == 2
    assert books() == {"drawer": 30_000, "safe": -30_000}
