"""Tills that sold without the server: what they were given, what arrives, what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import signing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianke.access.models import Device
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.inventory.tests.shop import within
from dianke.sales.models import DeviceJournal, OfflineGrant, OrderException
from dianke.sales.operations import exceptions, offline
from dianke.sales.queries.offline import gaps_of, journal_of, state_of
from dianke.sales.rules.offline import Journal, Limits, OfflineSale
from dianke.sales.tests.till import Till, make_till
from dianke.work.models import Task

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def till(db: None, now) -> Till:
    return make_till(now)


@pytest.fixture
def device(till: Till, now) -> Device:
    return Device.objects.create(
        name="前台平板", store_id=till.lake.pk, token_hash="a", enrolled_at=now, last_seen_at=now
    )


@pytest.fixture
def issued(till: Till, device: Device) -> offline.Issued:
    return offline.issue_grant(device=device, store=till.lake, register=till.first, **till.usual({}))


def used(till: Till, token: str, device_id: int, sale: OfflineSale) -> list[tuple[str, str]]:
    """What is wrong with a sale that arrives: (kind, reason or limit)."""
    found = within(
        work=lambda: offline.use_grant(token=token, device_id=device_id, sale=sale, now=till.now),
        actor=SYSTEM,
        now=till.now,
    )
    return [(each.kind, each.data.get("reason") or each.data["limit"]) for each in found.problems]


def test_a_till_is_given_the_limits_of_its_store(till: Till, device: Device, now):
    owner = {"actor": till.actor("owner"), "now": now}
    offline.set_offline_policy(store=None, limits=Limits(sale_count=100, block_hours=48), **owner)
    offline.set_offline_policy(store=till.lake, limits=Limits(sale_count=7, warn_hours=2), **owner)
    issued = offline.issue_grant(device=device, store=till.lake, **till.usual({}))
    assert (issued.grant.sale_count, issued.grant.warn_hours, issued.grant.block_hours) == (7, 2, 24)
    assert issued.grant.expires_at == now + 24 * HOUR
    assert offline.limits_of(till.cast.road).sale_count == 100
    read = offline.read_token(issued.token)
    assert read is not None
    assert (read["device"], read["sale_count"], read["points_count"]) == (device.pk, 7, 0)


def test_only_who_may_gives_limits(till: Till, device: Device, now):
    with pytest.raises(PermissionRefused):
        offline.set_offline_policy(store=till.lake, limits=Limits(), **till.usual({}))
    with pytest.raises(PermissionRefused):
        offline.issue_grant(device=device, store=till.cast.road, **till.usual({}))
    with pytest.raises(offline.TillNotOfStore):
        offline.issue_grant(device=device, store=till.cast.road, **till.usual({"by": "owner"}))
    device.revoked_at = now
    with pytest.raises(offline.TillNotOfStore):
        offline.issue_grant(device=device, store=till.lake, **till.usual({}))


def test_a_sale_within_its_limits_is_counted(till: Till, device: Device, issued, now):
    sale = OfflineSale(12_000, now + HOUR)
    assert used(till, issued.token, device.pk, sale) == []
    assert used(till, issued.token, device.pk, sale) == []
    grant = OfflineGrant.objects.get()
    assert (grant.used_sale_count, grant.used_total_amount) == (2, 24_000)


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"amount": 500_001}, [("LIMIT", "sale_amount")]),
        ({"points": 1}, [("LIMIT", "points_count")]),
        ({"coupons": 1, "wallet_amount": 1}, [("LIMIT", "coupon_count"), ("LIMIT", "wallet_amount")]),
        ({"hours": 24}, [("GRANT", "ENDED")]),
        ({"hours": -2}, [("GRANT", "NOT_YET")]),
    ],
)
def test_beyond_its_limits_it_is_told_and_counted_all_the_same(
    till: Till, device, issued, now, change, problems
):
    hours = change.pop("hours", 1)
    sale = replace(OfflineSale(100, now + hours * HOUR), **change)
    assert used(till, issued.token, device.pk, sale) == problems
    assert OfflineGrant.objects.get().used_sale_count == 1


def test_forged_limits_are_not_believed(till: Till, device: Device, issued, now):
    sale = OfflineSale(100, now)
    body, _colon, signature = issued.token.rpartition(":")
    other = signing.Signer(salt="elsewhere").sign_object({"id": str(issued.grant.uuid), "device": device.pk})
    for token in (f"{body}x:{signature}", f"{body}:{signature[:-2]}xx", "rubbish", other):
        assert used(till, token, device.pk, sale) == [("GRANT", "FORGED")]
    assert used(till, "", device.pk, sale) == [("GRANT", "MISSING")]
    assert OfflineGrant.objects.get().used_sale_count == 0


def test_limits_of_another_till_are_told(till: Till, device: Device, issued, now):
    assert used(till, issued.token, device.pk + 1, OfflineSale(1, now)) == [("GRANT", "OTHER_TILL")]


def test_withdrawn_limits_end_at_once_for_what_is_sold_afterwards(till: Till, device: Device, issued, now):
    count = offline.revoke_grants(device=device, reason="平板丢了", actor=till.actor("owner"), now=now + HOUR)
    assert count == 1
    assert used(till, issued.token, device.pk, OfflineSale(1, now + HOUR / 2)) == []
    assert used(till, issued.token, device.pk, OfflineSale(1, now + HOUR)) == [("GRANT", "WITHDRAWN")]
    assert offline.revoke_grants(device=device, reason="再收", actor=till.actor("owner"), now=now + HOUR) == 0
    with pytest.raises(offline.RevokeReasonMissing):
        offline.revoke_grants(device=device, reason=" ", actor=till.actor("owner"), now=now)


def test_a_till_that_is_no_till_any_more_sells_nothing_more(till: Till, device: Device, issued, now):
    Device.objects.filter(pk=device.pk).update(revoked_at=now + HOUR)
    assert used(till, issued.token, device.pk, OfflineSale(1, now + 2 * HOUR)) == [("GRANT", "WITHDRAWN")]


# --- numbers ---------------------------------------------------------------------------------------------------------
def note(till: Till, device: Device, number: int, *, now=None) -> bool:
    at = now or till.now
    return bool(
        within(
            work=lambda: offline.note_sequence(
                device_id=device.pk, store_id=till.lake.pk, number=number, now=at
            ),
            actor=SYSTEM,
            now=at,
        )
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 15), max_size=25))
def test_the_database_keeps_the_journal_of_the_rules(till: Till, device: Device, numbers):
    DeviceJournal.objects.filter(device=device).delete()
    told = Journal()
    for number in numbers:
        assert note(till, device, number) is not told.has(number)
        told = told.noting(number)
    assert journal_of(device.pk) == told
    state = state_of(device.pk)
    assert (state.contiguous, state.highest) == (told.contiguous, told.highest)
    assert state.highest - state.missing_count == told.arrived_count


def test_missing_sales_become_one_task_after_half_an_hour(till: Till, device: Device, now):
    for number in (1, 4):
        note(till, device, number)
    journal = DeviceJournal.objects.get()
    assert exceptions.tell_of_gaps(journal=journal, actor=SYSTEM, now=now + HOUR / 4) is None
    task = exceptions.tell_of_gaps(journal=journal, actor=SYSTEM, now=now + HOUR)
    assert task is not None
    assert "2–3" in task.title
    assert exceptions.tell_of_gaps(journal=journal, actor=SYSTEM, now=now + 2 * HOUR) is None
    assert Task.objects.count() == 1
    assert gaps_of(device.pk) == [(2, 3)]


def test_the_clock_of_a_till_is_kept(till: Till, device: Device, now):
    for skew in (400, -3):
        within(
            work=lambda skew=skew: offline.note_clock(
                device_id=device.pk, store_id=till.lake.pk, skew_seconds=skew, now=now
            ),
            actor=SYSTEM,
            now=now,
        )
    assert state_of(device.pk).skew_seconds == -3


# --- exceptions ------------------------------------------------------------------------------------------------------
def test_what_was_wrong_with_a_sale_is_one_task_and_ends_when_all_was_examined(till: Till, now):
    order = till.sell(None, 500, ("TRANSFER", 500))
    for kind in ("PRICE", "LIMIT"):
        OrderException.objects.create(order=order, store=till.lake, kind=kind, at=now)
    for _again in range(2):
        within(
            work=lambda: exceptions.raise_task(order=order, exceptions=2, actor=SYSTEM, now=now),
            actor=SYSTEM,
            now=now,
        )
    task = Task.objects.get()
    assert (task.kind, task.store, order.number in task.title) == ("till", till.lake, True)
    price, limit = OrderException.objects.order_by("pk")
    manager = till.usual({"by": "manager"})
    with pytest.raises(PermissionRefused):
        exceptions.examine_exceptions(exceptions=[price], outcome="ok", **till.usual({}))
    with pytest.raises(exceptions.OutcomeMissing):
        exceptions.examine_exceptions(exceptions=[price], outcome=" ", **manager)
    exceptions.examine_exceptions(exceptions=[price], outcome="价签没换", **manager)
    price.refresh_from_db()
    assert (price.outcome, price.seen_by, price.seen_at) == ("价签没换", till.cast["manager"].user, now)
    task.refresh_from_db()
    assert task.is_open
    with pytest.raises(exceptions.ExaminedAlready):
        exceptions.examine_exceptions(exceptions=[price, limit], outcome="看过", **manager)
    exceptions.examine_exceptions(exceptions=[limit], outcome="已提醒店员", **manager)
    task.refresh_from_db()
    assert task.completed_at == now


def test_an_offline_sale_is_taken_and_what_was_wrong_is_told(till: Till, device: Device, issued, now):
    """Paid is paid: over its limits, under a number that came before, without limits."""
    later = now + HOUR
    till_of = {"device": device, "now": later, "at": now + HOUR / 2}
    fine = till.sell(None, 100, ("TRANSFER", 100), device_sequence=1, grant_token=issued.token, **till_of)
    much = till.sell(
        None, 600_000, ("TRANSFER", 600_000), device_sequence=2, grant_token=issued.token, **till_of
    )
    twice = till.sell(None, 100, ("TRANSFER", 100), device_sequence=2, **till_of)
    told = {
        order: sorted(OrderException.objects.filter(order=order).values_list("kind", "data"), key=str)
        for order in (fine, much, twice)
    }
    assert told[fine] == []
    assert told[much] == [("LIMIT", {"limit": "sale_amount", "allowed": 500_000, "was": 600_000})]
    assert told[twice] == [("GRANT", {"reason": "MISSING"}), ("SEQUENCE", {"number": 2})]
    assert Task.objects.filter(kind="till").count() == 2
    till.sell(None, 100, ("TRANSFER", 100), device_sequence=5, grant_token=issued.token, **till_of)
    assert gaps_of(device.pk) == [(3, 4)]
    assert OfflineGrant.objects.get().used_sale_count == 3
