"""Coupons: given, claimed, used once, given back, revoked, expired."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from dianke.core.actor import Actor, ActorKind, PermissionRefused
from dianke.events.models import Event
from dianke.promotions import operations, queries
from dianke.promotions.models import Coupon, CouponKind, CouponStep
from dianke.promotions.operations import (
    ClaimNeedsLimit,
    CouponElsewhere,
    CouponExpired,
    CouponLimitReached,
    CouponNotClaimed,
    CouponNotRevocable,
    CouponNotYet,
    CouponNotYours,
    CouponRevoked,
    CouponsExhausted,
    CouponUsed,
    KindNotGiven,
    LimitBelowIssued,
    NotClaimable,
    NotForPeople,
    NotToBeClaimed,
    RevokeReasonMissing,
    ValidityMissing,
)
from dianke.promotions.tests.counter import TWENTY_OFF, Counter

PHONE = Actor(kind=ActorKind.CUSTOMER, id=1)


def state_of(coupon: Coupon) -> str:
    coupon.refresh_from_db()
    return coupon.state


def story_of(coupon: Coupon) -> list[str]:
    return list(CouponStep.objects.filter(coupon=coupon).order_by("pk").values_list("after", flat=True))


# --- given -----------------------------------------------------------------------------------------------------------
def test_a_coupon_given_by_staff_is_in_the_customers_hands(counter: Counter):
    coupon = counter.coupon()
    (held,) = queries.coupons_of([counter.fang.pk], store_id=counter.cast.lake.pk, at=counter.now)
    assert (held.id, held.usable, held.why_not) == (coupon.pk, True, None)
    assert held.terms.rule.amount == 2000
    assert f"{held.expires_at:%Y-%m-%d %H:%M}" == "2026-12-21 16:00"  # the end of 21 December in Shanghai
    assert story_of(coupon) == ["CLAIMED"]


def test_a_coupon_goes_to_the_profile_whichever_record_is_named(counter: Counter):
    issued = counter.issue(counter.kind(), counter.old_fang, counter.fang)
    assert [customer for _pk, customer in issued.given] == [counter.fang.pk]


def test_an_occasion_gives_once(counter: Counter):
    kind = counter.kind()
    first = counter.issue(kind, counter.fang, occasion="birthday:2026")
    again = counter.issue(kind, counter.fang, counter.old_fang, counter.ming, occasion="birthday:2026")
    assert (len(first.given), len(again.given), again.already) == (1, 1, 1)
    assert len(counter.issue(kind, counter.fang, occasion="birthday:2027").given) == 1
    events = Event.objects.filter(kind="promotions.coupons_issued")
    counter.issue(kind, counter.fang, occasion="birthday:2027")
    assert events.count() == 3


def test_one_customer_gets_no_more_than_the_kind_allows(counter: Counter):
    kind = counter.kind(per_customer_limit=2)
    assert counter.issue(kind, counter.fang, counter.ming, each=2).full == 0
    assert counter.issue(kind, counter.old_fang).full == 1


def test_no_more_are_given_than_there_are(counter: Counter):
    kind = counter.kind(total_limit=3)
    counter.issue(kind, counter.fang, each=2)
    with pytest.raises(CouponsExhausted) as refused:
        counter.issue(kind, counter.fang, counter.ming)
    assert refused.value.params["left"] == 1
    assert Coupon.objects.count() == 2
    counter.issue(kind, counter.ming)
    with pytest.raises(LimitBelowIssued):
        operations.change_kind(
            kind=kind, values={"total_limit": 2}, actor=counter.actor("owner"), now=counter.now
        )


def test_many_get_theirs_by_the_same_number_of_statements(counter: Counter, django_assert_max_num_queries):
    from dianke.customers.tests.cast import make_customer

    kind = counter.kind()
    people = [make_customer(f"顾客{n}", store=counter.cast.lake) for n in range(60)]
    with django_assert_max_num_queries(8):
        issued = counter.issue(kind, *people)
    assert len(issued.given) == 60
    assert len(set(Coupon.objects.values_list("code", flat=True))) == 60


def test_who_may_give_is_said_by_the_kind(counter: Counter):
    for_issuers, for_all = counter.kind(), counter.kind(name="安抚券", giving="STAFF")
    programme = counter.kind(name="生日券", giving="SYSTEM")
    with pytest.raises(PermissionRefused):
        counter.issue(for_issuers, by="clerk")
    assert counter.issue(for_all, by="clerk").given
    with pytest.raises(NotForPeople):
        counter.issue(programme, by="owner")
    assert counter.issue(programme, by="system").given


def test_a_paused_kind_is_not_given_and_its_coupons_stay_good(counter: Counter):
    kind = counter.kind()
    coupon = counter.coupon(kind)
    operations.set_kind_state(kind=kind, state="PAUSED", actor=counter.actor("owner"), now=counter.now)
    with pytest.raises(KindNotGiven):
        counter.issue(kind, counter.ming)
    counter.redeem(coupon)
    assert state_of(coupon) == "USED"


def test_coupons_keep_the_wording_they_were_given_with(counter: Counter):
    kind = counter.kind()
    counter.coupon(kind)
    cheaper = TWENTY_OFF | {"rule": {"kind": "CASH", "amount": 500}}
    kind = operations.change_kind(
        kind=kind, values={"terms": cheaper}, actor=counter.actor("owner"), now=counter.now
    )
    counter.coupon(kind)
    held = queries.coupons_of([counter.fang.pk], store_id=None, at=counter.now)
    assert [(one.version, one.terms.rule.amount) for one in held] == [(1, 2000), (2, 500)]


def test_a_kind_says_how_long_its_coupons_are_good(counter: Counter):
    with pytest.raises(ValidityMissing):
        counter.kind(valid_days=None)
    with pytest.raises(ValidityMissing):
        counter.kind(validity="FIXED", valid_from=date(2026, 11, 1))
    with pytest.raises(ClaimNeedsLimit):
        counter.kind(is_claimable=True)


# --- claimed ---------------------------------------------------------------------------------------------------------
def test_what_is_offered_is_used_after_it_was_claimed(counter: Counter):
    coupon = counter.coupon(to_be_claimed=True)
    with pytest.raises(CouponNotClaimed):
        counter.redeem(coupon)
    (held,) = queries.coupons_of([counter.fang.pk], store_id=None, at=counter.now)
    assert held.why_not is not None
    assert held.why_not.code == "not_claimed"
    with pytest.raises(NotToBeClaimed):
        operations.claim_offered(coupon=coupon, customer=counter.ming, actor=PHONE, now=counter.now)
    for _twice in range(2):
        operations.claim_offered(coupon=coupon, customer=counter.fang, actor=PHONE, now=counter.later(days=2))
    counter.redeem(coupon, now=counter.later(days=32))
    assert story_of(coupon) == ["ISSUED", "CLAIMED", "USED"]


def test_customers_claim_what_is_offered_to_all_within_the_limits(counter: Counter):
    kind = counter.kind(is_claimable=True, per_customer_limit=1, total_limit=2)
    operations.claim_coupon(kind=kind, customer=counter.fang, actor=PHONE, now=counter.now)
    with pytest.raises(CouponLimitReached):
        operations.claim_coupon(kind=kind, customer=counter.fang, actor=PHONE, now=counter.now)
    operations.claim_coupon(kind=kind, customer=counter.ming, actor=PHONE, now=counter.now)
    counter.cast.lake.refresh_from_db()
    from dianke.customers.tests.cast import make_customer

    third = make_customer("晚到", store=counter.cast.lake)
    with pytest.raises(CouponsExhausted):
        operations.claim_coupon(kind=kind, customer=third, actor=PHONE, now=counter.now)


def test_what_is_not_claimable_now_is_not_claimed(counter: Counter):
    later = counter.kind(is_claimable=True, per_customer_limit=1, claim_from=counter.later(days=1))
    for kind in (counter.kind(), later):
        with pytest.raises(NotClaimable):
            operations.claim_coupon(kind=kind, customer=counter.fang, actor=PHONE, now=counter.now)
    operations.claim_coupon(kind=later, customer=counter.fang, actor=PHONE, now=counter.later(days=1))


# --- printed ---------------------------------------------------------------------------------------------------------
def printed(counter: Counter, kind: CouponKind, count: int = 2, **more) -> list[Coupon]:
    batch = operations.print_coupons(
        kind=kind,
        count=count,
        name="开业传单",
        reference="batch:1",
        **more,
        actor=counter.actor("manager"),
        now=counter.now,
    )
    return list(batch.coupons.order_by("pk"))


def test_whoever_brings_a_printed_code_uses_it_once(counter: Counter):
    one, _two = printed(counter, counter.kind(total_limit=2))
    held = queries.coupon_by_code(one.code.lower(), at=counter.now)
    assert held is not None
    assert held.usable
    assert held.customer_id is None
    counter.redeem(one, customer_ids=[])
    with pytest.raises(CouponUsed):
        counter.redeem(one, customer_ids=[])


def test_the_same_batch_is_made_once(counter: Counter):
    kind = counter.kind()
    assert printed(counter, kind) == printed(counter, kind)
    assert Coupon.objects.count() == 2
    with pytest.raises(operations.BatchTaken):
        printed(counter, kind, count=3)


def test_a_printed_code_that_was_claimed_is_its_customers(counter: Counter):
    one, two = printed(counter, counter.kind(per_customer_limit=1), use_by=date(2026, 12, 1))
    operations.claim_by_code(code=one.code, customer=counter.fang, actor=PHONE, now=counter.now)
    with pytest.raises(CouponLimitReached):
        operations.claim_by_code(code=two.code, customer=counter.fang, actor=PHONE, now=counter.now)
    with pytest.raises(NotToBeClaimed):
        operations.claim_by_code(code=one.code, customer=counter.ming, actor=PHONE, now=counter.now)
    with pytest.raises(CouponNotYours):
        counter.redeem(one, of=counter.ming)
    one.refresh_from_db()
    assert (
        f"{one.expires_at:%Y-%m-%d %H:%M}" == "2026-12-01 16:00"
    )  # the paper's day, before thirty days are over
    counter.redeem(one)


# --- used ------------------------------------------------------------------------------------------------------------
def test_a_coupon_is_used_once_and_a_repeat_of_the_sale_changes_nothing(counter: Counter):
    coupon = counter.coupon()
    reference = counter.redeem(coupon)
    counter.redeem(coupon, reference=reference)
    with pytest.raises(CouponUsed):
        counter.redeem(coupon)
    assert story_of(coupon) == ["CLAIMED", "USED"]
    coupon.refresh_from_db()
    assert (coupon.used_amount, coupon.brought_amount, coupon.used_reference) == (2000, 12000, reference)


def test_of_several_coupons_all_are_used_or_none(counter: Counter):
    good, foreign = counter.coupon(), counter.coupon(of=counter.ming)
    with pytest.raises(CouponNotYours):
        counter.redeem(good, foreign)
    assert state_of(good) == "CLAIMED"


def test_a_coupon_is_used_by_every_record_of_its_customer(counter: Counter):
    kind = counter.kind()
    coupon = counter.coupon(kind)
    Coupon.objects.filter(pk=coupon.pk)
    counter.redeem(coupon, customer_ids=[counter.fang.pk, counter.old_fang.pk])
    assert state_of(coupon) == "USED"


def test_a_coupon_waits_for_its_first_day_and_ends_with_its_last(counter: Counter):
    coupon = counter.coupon(counter.kind(valid_days=2, starts_after_days=1))
    with pytest.raises(CouponNotYet):
        counter.redeem(coupon)
    (held,) = queries.coupons_of([counter.fang.pk], store_id=None, at=counter.now)
    assert held.why_not is not None
    assert held.why_not.code == "not_yet"
    with pytest.raises(CouponExpired):
        counter.redeem(coupon, now=counter.later(days=3))
    counter.redeem(coupon, now=counter.later(days=2))


def test_a_coupon_is_taken_at_its_stores_only(counter: Counter):
    lake, road = counter.cast.lake.pk, counter.cast.road.pk
    coupon = counter.coupon(counter.kind(terms=TWENTY_OFF | {"audience": {"store_ids": [lake]}}))
    (held,) = queries.coupons_of([counter.fang.pk], store_id=road, at=counter.now)
    assert not held.usable
    with pytest.raises(CouponElsewhere):
        counter.redeem(coupon, store_id=road)
    counter.redeem(coupon, store_id=lake)


def test_redeeming_is_one_statement(counter: Counter, django_assert_num_queries):
    coupons = [counter.coupon() for _n in range(3)]

    def redeem() -> None:
        with django_assert_num_queries(1):
            operations.redeem_coupons(
                uses=[operations.CouponUse(coupon.pk, 100) for coupon in coupons],
                customer_ids=[counter.fang.pk],
                reference="sales.order:1",
                store_id=counter.cast.lake.pk,
                actor=counter.actor("system"),
                now=counter.now,
            )

    counter.within(lambda actor, now: redeem())


def test_a_sale_made_offline_is_told_what_could_not_be_used(counter: Counter):
    good, gone = counter.coupon(), counter.coupon()
    counter.redeem(gone)
    refused = counter.redeem(good, gone, late=True)
    assert [(pk, error.code) for pk, error in refused.items()] == [(gone.pk, "coupon_used")]
    assert state_of(good) == "USED"


# --- given back ------------------------------------------------------------------------------------------------------
def test_a_coupon_that_comes_back_in_time_keeps_its_end(counter: Counter):
    coupon = counter.coupon()
    end, reference = coupon.expires_at, counter.redeem(coupon)
    expected = queries.preview_give_back(reference=reference, now=counter.now)
    assert counter.give_back(reference) == expected
    assert state_of(coupon) == "CLAIMED"
    assert coupon.expires_at == end
    assert counter.give_back(reference) == []
    counter.redeem(coupon)


def test_a_coupon_that_comes_back_too_late_gets_the_grace_of_its_kind(counter: Counter):
    graceful, strict = counter.coupon(counter.kind(grace_days=7)), counter.coupon(counter.kind(name="无宽限"))
    reference = counter.redeem(graceful, strict)
    late = counter.later(days=40)
    back = {given.id: given for given in counter.give_back(reference, now=late)}
    assert back[graceful.pk].is_extended
    assert not back[graceful.pk].is_expired
    assert back[strict.pk].is_expired
    assert (state_of(graceful), state_of(strict)) == ("CLAIMED", "EXPIRED")
    counter.redeem(graceful, now=counter.later(days=47))


def test_only_the_coupons_asked_for_come_back(counter: Counter):
    one, other = counter.coupon(), counter.coupon()
    reference = counter.redeem(one, other)
    counter.give_back(reference, coupon_ids=[one.pk])
    assert (state_of(one), state_of(other)) == ("CLAIMED", "USED")


def test_a_printed_coupon_that_comes_back_is_the_bearers_again(counter: Counter):
    one, _other = printed(counter, counter.kind())
    counter.give_back(counter.redeem(one, customer_ids=[]))
    assert state_of(one) == "ISSUED"
    counter.redeem(one, of=counter.ming)


# --- revoked, expired ------------------------------------------------------------------------------------------------
def revoke(counter: Counter, *coupons: Coupon, reason: str = "发错了", by: str = "manager") -> int:
    return operations.revoke_coupons(coupons=coupons, reason=reason, actor=counter.actor(by), now=counter.now)


def test_a_revoked_coupon_is_not_used_and_may_be_given_again(counter: Counter):
    kind = counter.kind(per_customer_limit=1)
    coupon = counter.coupon(kind)
    with pytest.raises(RevokeReasonMissing):
        revoke(counter, coupon, reason=" ")
    assert revoke(counter, coupon) == 1
    assert revoke(counter, coupon) == 0
    with pytest.raises(CouponRevoked):
        counter.redeem(coupon)
    assert counter.issue(kind).given


def test_a_used_coupon_is_not_revoked(counter: Counter):
    coupon = counter.coupon()
    counter.redeem(coupon)
    with pytest.raises(CouponNotRevocable):
        revoke(counter, coupon)
    with pytest.raises(PermissionRefused):
        revoke(counter, coupon, by="clerk")


def test_the_clock_expires_coupons_once(counter: Counter):
    coupon, used = counter.coupon(), counter.coupon()
    counter.redeem(used)
    system = counter.actor("system")
    assert operations.expire_coupons(actor=system, now=counter.later(days=30)) == 0
    assert operations.expire_coupons(actor=system, now=counter.later(days=31)) == 1
    assert operations.expire_coupons(actor=system, now=counter.later(days=31)) == 0
    assert (state_of(coupon), state_of(used)) == ("EXPIRED", "USED")


def test_customers_are_told_once_before_a_coupon_ends(counter: Counter):
    coupon = counter.coupon(counter.kind(notice_days=3))
    counter.coupon(counter.kind(name="不提醒", notice_days=0))
    system = counter.actor("system")
    assert operations.note_expiring(actor=system, now=counter.later(days=20)) == 0
    assert operations.note_expiring(actor=system, now=counter.later(days=28)) == 1
    assert operations.note_expiring(actor=system, now=counter.later(days=29)) == 0
    event = Event.objects.get(kind="promotions.coupons_expire_soon")
    assert event.data["coupons"] == [coupon.pk]
    assert f"customers.customer:{counter.fang.pk}" in event.subjects


def test_coupons_cannot_be_rewritten_or_deleted(counter: Counter):
    coupon = counter.coupon()
    rows = Coupon.objects.filter(pk=coupon.pk)
    for change in (
        lambda: rows.delete(),
        lambda: rows.update(code="X" * 12),
        lambda: rows.update(customer=counter.ming),
        lambda: CouponStep.objects.all().update(reason="x"),
        lambda: CouponStep.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_coupons_of_customers_one_may_not_see_are_not_seen(counter: Counter):
    coupon = counter.coupon()
    assert list(Coupon.objects.visible_to(counter.actor("clerk"))) == [coupon]
    assert list(Coupon.objects.visible_to(counter.actor("southerner"))) == []
    assert list(Coupon.objects.visible_to(counter.actor("owner"))) == [coupon]
