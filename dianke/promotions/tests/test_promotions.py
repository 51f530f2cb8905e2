"""Promotions from draft to end: versions, budgets, limits, and what a sale takes and gives back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import PermissionRefused
from dianke.core.errors import InvalidInput
from dianke.events.models import Event
from dianke.promotions import operations, queries
from dianke.promotions.models import Promotion, PromotionGiven
from dianke.promotions.operations import (
    BudgetBelowSpent,
    BudgetSpent,
    CustomerNeeded,
    LimitReached,
    NotInThisState,
    NotYourStores,
    PeriodBackward,
    PeriodOver,
    PromotionNotRunning,
    PromotionUse,
)
from dianke.promotions.tests.counter import FULL_300, Counter


def running(counter: Counter, **more) -> list[str]:
    wanted = {"store_id": counter.cast.lake.pk, "channel": "COUNTER", "at": counter.now} | more
    return [offer.name for offer in queries.running(**wanted)]


def test_a_draft_does_nothing_until_it_is_started(counter: Counter):
    promotion = counter.draft(name="双十一")
    assert running(counter) == []
    operations.start_promotion(promotion=promotion, actor=counter.actor("owner"), now=counter.now)
    assert running(counter) == ["双十一"]
    assert list(promotion.versions.values_list("number", flat=True)) == [1]


def test_it_runs_only_in_its_period_at_its_stores_and_in_its_channels(counter: Counter):
    lake, road = counter.cast.lake.pk, counter.cast.road.pk
    counter.promotion(
        ends_at=counter.later(days=1),
        terms=FULL_300 | {"audience": {"store_ids": [lake], "channels": ["COUNTER"]}},
    )
    assert running(counter) == ["满减"]
    assert running(counter, store_id=road) == []
    assert running(counter, channel="ONLINE") == []
    assert running(counter, channel=None) == ["满减"]
    assert running(counter, at=counter.later(days=1)) == []
    assert running(counter, at=counter.later(hours=-2)) == []


def test_what_runs_is_read_by_one_statement(counter: Counter, django_assert_num_queries):
    for number in range(3):
        counter.promotion(name=f"满减{number}", per_customer_count=1)
    with django_assert_num_queries(1):
        assert len(running(counter, customer_ids=[counter.fang.pk])) == 3


def test_the_engine_is_told_what_is_left(counter: Counter):
    promotion = counter.promotion(budget_amount=10000, budget_count=5, per_customer_count=2)
    counter.take(promotion, 4000, of=counter.fang)
    args = {"store_id": counter.cast.lake.pk, "channel": "COUNTER", "at": counter.now}
    (offer,) = queries.running(**args, customer_ids=[counter.fang.pk])
    assert (offer.budget_left, offer.times_left) == (6000, 1)
    (offer,) = queries.running(**args, customer_ids=[counter.ming.pk])
    assert (offer.budget_left, offer.times_left) == (6000, 2)
    (offer,) = queries.running(**args, customer_ids=[])
    assert offer.times_left == 0
    (offer,) = queries.running(**args)
    assert offer.times_left == 4


def test_a_change_while_it_runs_makes_a_version_and_sales_keep_theirs(counter: Counter):
    promotion = counter.promotion()
    before = counter.take(promotion, 4000)
    changed = {"rule": {"kind": "EVERY_FULL", "measure": "AMOUNT", "full": 20000, "off_amount": 1000}}
    operations.change_promotion(
        promotion=promotion,
        values={"terms": changed},
        actor=counter.actor("owner"),
        now=counter.later(hours=1),
    )
    after = counter.take(promotion, 1000)
    pinned = dict(PromotionGiven.objects.values_list("reference", "version"))
    assert pinned == {before: 1, after: 2}
    assert queries.promotion_at(promotion.pk, 1).rule.kind == "LADDER"
    assert queries.promotion_at(promotion.pk, 2).rule.kind == "EVERY_FULL"
    assert queries.promotion_at(promotion.pk, 3) is None


def test_a_change_of_a_draft_or_of_a_budget_alone_makes_no_version(counter: Counter):
    who = {"actor": counter.actor("owner"), "now": counter.now}
    promotion = counter.draft()
    operations.change_promotion(promotion=promotion, values={"name": "满三百减四十"}, **who)
    promotion = operations.start_promotion(promotion=promotion, **who)
    promotion = operations.change_promotion(promotion=promotion, values={"budget_amount": 9000}, **who)
    assert promotion.version == 1
    events = Event.objects.filter(kind="promotions.promotion_changed").count()
    operations.change_promotion(promotion=promotion, values={"budget_amount": 9000}, **who)
    assert Event.objects.filter(kind="promotions.promotion_changed").count() == events


def test_the_budget_is_never_overdrawn(counter: Counter):
    promotion = counter.promotion(budget_amount=10000)
    counter.take(promotion, 8000)
    with pytest.raises(BudgetSpent) as refused:
        counter.take(promotion, 4000)
    assert refused.value.params["left_amount"] == 2000
    counter.take(promotion, 2000)
    assert running(counter) == []
    promotion.refresh_from_db()
    assert (promotion.spent_amount, promotion.spent_count) == (10000, 2)


def test_of_several_promotions_all_are_taken_or_none(counter: Counter):
    rich, poor = counter.promotion(budget_amount=9000), counter.promotion(budget_count=1)
    counter.take(poor, 100)
    with pytest.raises(BudgetSpent):
        counter.within(
            operations.take_promotions,
            uses=[PromotionUse(rich.pk, 100), PromotionUse(poor.pk, 100)],
            customer_id=None,
            reference="sales.order:both",
        )
    rich.refresh_from_db()
    assert rich.spent_amount == 0


def test_a_repeat_of_the_same_sale_takes_nothing_more(counter: Counter):
    promotion = counter.promotion(budget_amount=10000, per_customer_count=1)
    for _attempt in range(3):
        counter.take(promotion, 4000, of=counter.fang, reference="sales.order:1")
    promotion.refresh_from_db()
    assert promotion.spent_amount == 4000


def test_taking_is_one_statement_however_many_promotions(counter: Counter, django_assert_num_queries):
    promotions = [counter.promotion(name=f"满减{n}", per_customer_count=9) for n in range(4)]
    uses = [PromotionUse(promotion.pk, 100) for promotion in promotions]

    def take() -> None:
        with django_assert_num_queries(1):
            operations.take_promotions(
                uses=uses,
                customer_id=counter.fang.pk,
                reference="sales.order:1",
                actor=counter.actor("system"),
                now=counter.now,
            )

    counter.within(lambda actor, now: take())


def test_one_customer_has_it_as_often_as_it_says_whichever_of_their_records_buys(counter: Counter):
    promotion = counter.promotion(per_customer_count=2)
    counter.take(promotion, 4000, of=counter.fang)
    counter.take(promotion, 4000, of=counter.old_fang)
    with pytest.raises(LimitReached):
        counter.take(promotion, 4000, of=counter.old_fang)
    counter.take(promotion, 4000, of=counter.ming)
    with pytest.raises(CustomerNeeded):
        counter.take(promotion, 4000)


def test_what_was_taken_before_two_records_were_joined_counts_together(counter: Counter):
    promotion = counter.promotion(per_customer_count=1)
    counter.take(promotion, 4000, of=counter.ming)
    counter.ming.merged_into = counter.fang
    counter.ming.save(update_fields=["merged_into"])
    with pytest.raises(LimitReached):
        counter.take(promotion, 4000, of=counter.fang)


def test_a_limit_set_later_counts_what_was_given_before(counter: Counter):
    promotion = counter.promotion()
    counter.take(promotion, 4000, of=counter.fang)
    who = {"actor": counter.actor("owner"), "now": counter.now}
    with pytest.raises(BudgetBelowSpent):
        operations.change_promotion(promotion=promotion, values={"budget_amount": 3999}, **who)
    promotion = operations.change_promotion(
        promotion=promotion, values={"budget_amount": 8000, "per_customer_count": 1}, **who
    )
    assert promotion.spent_amount == 4000
    with pytest.raises(LimitReached):
        counter.take(promotion, 4000, of=counter.fang)
    counter.take(promotion, 4000, of=counter.ming)
    with pytest.raises(BudgetSpent):
        counter.take(promotion, 1)


def test_a_paused_promotion_is_not_given_any_more(counter: Counter):
    promotion = counter.promotion()
    who = {"actor": counter.actor("owner"), "now": counter.now}
    operations.pause_promotion(promotion=promotion, **who)
    assert running(counter) == []
    with pytest.raises(PromotionNotRunning):
        counter.take(promotion, 4000)
    operations.start_promotion(promotion=promotion, **who)
    counter.take(promotion, 4000)


def test_what_has_ended_stays_ended_and_is_copied(counter: Counter):
    who = {"actor": counter.actor("owner"), "now": counter.now}
    promotion = counter.promotion(ends_at=counter.later(days=3), budget_count=5)
    counter.take(promotion, 100)
    operations.end_promotion(promotion=promotion, **who)
    for act in (operations.start_promotion, operations.pause_promotion):
        with pytest.raises(NotInThisState):
            act(promotion=promotion, **who)
    copy = operations.copy_promotion(promotion=promotion, name="再来一次", **who)
    assert (copy.state, copy.spent_count, copy.budget_count) == ("DRAFT", 0, 5)
    assert copy.ends_at - copy.starts_at == promotion.ends_at - promotion.starts_at


def test_the_clock_ends_what_is_over(counter: Counter):
    promotion = counter.promotion(ends_at=counter.later(days=1))
    assert operations.end_those_over(actor=counter.actor("system"), now=counter.later(hours=23)) == 0
    assert operations.end_those_over(actor=counter.actor("system"), now=counter.later(days=1)) == 1
    promotion.refresh_from_db()
    assert promotion.state == Promotion.State.ENDED


def test_wrong_terms_are_named_by_their_path(counter: Counter):
    wrong = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 1}]}}
    with pytest.raises(InvalidInput) as refused:
        counter.draft(terms=wrong)
    assert refused.value.field == "rule.steps.0"
    with pytest.raises(InvalidInput):
        counter.draft(terms=FULL_300 | {"when": {"from_at": "2026-01-01T00:00"}})
    with pytest.raises(PeriodBackward):
        counter.draft(ends_at=counter.later(days=-1))


def test_a_period_that_is_over_is_not_started(counter: Counter):
    draft = counter.draft(starts_at=counter.later(days=-3), ends_at=counter.later(days=-1))
    with pytest.raises(PeriodOver):
        operations.start_promotion(promotion=draft, actor=counter.actor("owner"), now=counter.now)


def test_a_regional_manager_makes_offers_for_the_region_only(counter: Counter):
    lake, harbour = counter.cast.lake.pk, counter.cast.harbour.pk
    counter.draft(by="region", terms=FULL_300 | {"audience": {"store_ids": [lake]}})
    for stores in ([harbour], [lake, harbour], []):
        with pytest.raises(NotYourStores):
            counter.draft(by="region", terms=FULL_300 | {"audience": {"store_ids": stores}})
    with pytest.raises(PermissionRefused):
        counter.draft(by="clerk")


def test_offers_of_other_stores_are_not_seen(counter: Counter):
    lake, harbour = counter.cast.lake.pk, counter.cast.harbour.pk
    here = counter.draft(terms=FULL_300 | {"audience": {"store_ids": [lake]}})
    there = counter.draft(terms=FULL_300 | {"audience": {"store_ids": [harbour]}})
    everywhere = counter.draft()
    assert set(Promotion.objects.visible_to(counter.actor("clerk"))) == {here, everywhere}
    assert set(Promotion.objects.visible_to(counter.actor("southerner"))) == {there, everywhere}
    assert Promotion.objects.visible_to(counter.actor("owner")).count() == 3


# --- late sales ------------------------------------------------------------------------------------------------------
def test_a_sale_made_offline_is_kept_beyond_the_budget(counter: Counter):
    promotion = counter.promotion(budget_amount=5000, per_customer_count=1)
    counter.take(promotion, 4000, of=counter.fang)
    who = {"actor": counter.actor("owner"), "now": counter.now}
    operations.end_promotion(promotion=promotion, **who)
    reference = counter.take(promotion, 4000, of=counter.fang, late=True)
    promotion.refresh_from_db()
    assert (promotion.spent_amount, promotion.beyond_amount) == (4000, 4000)
    counter.give_back(reference)
    promotion.refresh_from_db()
    assert (promotion.spent_amount, promotion.beyond_amount) == (4000, 0)


# --- given back ------------------------------------------------------------------------------------------------------
def test_what_comes_back_of_a_sale_comes_back_to_budget_and_limit(counter: Counter):
    promotion = counter.promotion(budget_amount=4000, per_customer_count=1)
    reference = counter.take(promotion, 4000, of=counter.fang, brought=30000)
    expected = queries.preview_give_back(reference=reference, now=counter.now)
    assert counter.give_back(reference) == expected
    assert [(back.amount, back.count) for back in expected] == [(4000, 1)]
    assert counter.give_back(reference) == []
    counter.take(promotion, 4000, of=counter.fang)


def test_parts_given_back_come_to_the_whole(counter: Counter):
    promotion = counter.promotion(budget_amount=4000, per_customer_count=1)
    reference = counter.take(promotion, 4000, of=counter.fang, brought=29999)
    for amount, left in ((1500, 2500), (1500, 1000), (5000, 0)):
        counter.give_back(reference, promotion_amounts={promotion.pk: amount})
        promotion.refresh_from_db()
        assert promotion.spent_amount == left
    assert promotion.spent_count == 0
    sums = PromotionGiven.objects.filter(reference=reference)
    assert sum(row.brought_amount for row in sums) == 0


def test_the_same_return_gives_back_once(counter: Counter):
    promotion = counter.promotion(budget_amount=4000)
    reference = counter.take(promotion, 4000)
    for _attempt in range(2):
        counter.give_back(reference, promotion_amounts={promotion.pk: 1000}, own_reference="sales.return:1")
    promotion.refresh_from_db()
    assert promotion.spent_amount == 3000


def test_a_gift_without_money_gives_its_time_back(counter: Counter):
    promotion = counter.promotion(budget_count=1)
    reference = counter.take(promotion, 0)
    assert counter.give_back(reference, promotion_amounts={}) == []
    counter.give_back(reference, promotion_amounts={promotion.pk: 0})
    promotion.refresh_from_db()
    assert promotion.spent_count == 0


def test_versions_and_uses_cannot_be_rewritten(counter: Counter):
    from django.db import DatabaseError, transaction

    promotion = counter.promotion()
    counter.take(promotion, 100)
    for rows in (PromotionGiven.objects.all(), promotion.versions.all()):
        for change in (lambda rows: rows.delete(), lambda rows: rows.update(promotion=promotion)):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(rows)


def test_a_promotion_that_has_not_begun_waits(counter: Counter):
    counter.promotion(starts_at=counter.now + timedelta(days=2))
    assert running(counter) == []
    assert running(counter, at=counter.later(days=2)) == ["满减"]
