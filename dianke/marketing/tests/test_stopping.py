"""Approved by a second person; paused, resumed and stopped so that it really stops; two at once; who may not."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import close_old_connections, connection

from dianke.core.actor import PermissionRefused
from dianke.marketing import operations
from dianke.marketing.models import Campaign, State
from dianke.marketing.tasks import reopen_refused, run_campaigns
from dianke.marketing.tests.desk import Desk, fresh, is_in, make_desk, messages, states
from dianke.promotions.models import Coupon
from dianke.work.models import Approval
from dianke.work.operations.approvals import ApprovalOvertaken, decide


# --- a second person -------------------------------------------------------------------------------------------------
@pytest.fixture
def marketer(desk: Desk) -> str:
    desk.cast.hire("marketer", "周敏", "MARKETER")
    return "marketer"


def test_a_marketer_asks_and_a_manager_agrees(desk: Desk, marketer: str) -> None:
    campaign = desk.draft(by=marketer)
    with pytest.raises(operations.CampaignReasonMissing):
        desk.submit(campaign, by=marketer)
    desk.submit(campaign, by=marketer, reason="上新")
    assert is_in(campaign, State.WAITING)
    desk.run()
    assert is_in(campaign, State.WAITING)
    request = Approval.objects.get()
    decide(
        approval=request,
        is_approved=True,
        sha256=request.sha256,
        note="",
        actor=desk.actor("owner"),
        now=desk.now,
    )
    assert is_in(campaign, State.SCHEDULED)
    assert [step.after for step in campaign.steps.all()] == ["DRAFT", "WAITING", "SCHEDULED"]


def test_a_change_after_approval_needs_it_again(desk: Desk, marketer: str) -> None:
    campaign = desk.submit(desk.draft(by=marketer), by=marketer, reason="上新")
    with pytest.raises(operations.CampaignNotDraft):
        operations.change_campaign(
            campaign=campaign, values={"name": "别的"}, actor=desk.actor(marketer), now=desk.now
        )
    desk.act("take_back", campaign, by=marketer)
    assert Approval.objects.get().outcome == Approval.Outcome.OVERTAKEN
    operations.change_campaign(
        campaign=campaign, values={"budget_amount": 99_900}, actor=desk.actor(marketer), now=desk.now
    )
    desk.submit(campaign, by=marketer, reason="改了预算")
    assert is_in(campaign, State.WAITING)
    assert Approval.objects.filter(outcome=Approval.Outcome.PENDING).count() == 1


def test_what_was_changed_behind_the_request_is_not_approved(desk: Desk, marketer: str) -> None:
    campaign = desk.submit(desk.draft(by=marketer), by=marketer, reason="上新")
    Campaign.objects.filter(pk=campaign.pk).update(budget_amount=10_000_000)
    request = Approval.objects.get()
    with pytest.raises(ApprovalOvertaken):
        decide(
            approval=request,
            is_approved=True,
            sha256=request.sha256,
            note="",
            actor=desk.actor("owner"),
            now=desk.now,
        )
    assert is_in(campaign, State.WAITING)


def test_a_refused_campaign_is_a_draft_again(desk: Desk, marketer: str) -> None:
    from dianke.events.models import Event

    campaign = desk.submit(desk.draft(by=marketer), by=marketer, reason="上新")
    request = Approval.objects.get()
    decide(
        approval=request,
        is_approved=False,
        sha256=request.sha256,
        note="太贵",
        actor=desk.actor("owner"),
        now=desk.now,
    )
    reopen_refused(Event.objects.get(kind="work.approval_refused"), now=desk.now)
    assert is_in(campaign, State.DRAFT)


@pytest.mark.parametrize("act", ["pause", "resume", "stop", "take_back"])
def test_a_clerk_does_none_of_it(desk: Desk, act: str) -> None:
    campaign = desk.scheduled()
    with pytest.raises(PermissionRefused):
        desk.act(act, campaign, by="clerk")


def test_a_clerk_makes_none_and_a_marketer_approves_none(desk: Desk, marketer: str) -> None:
    with pytest.raises(PermissionRefused):
        desk.draft(by="clerk", variants=[operations.VariantPlan()])
    campaign = desk.submit(desk.draft(by=marketer), by=marketer, reason="上新")
    with pytest.raises(PermissionRefused):
        desk.act("approve", campaign, by=marketer)


def test_a_manager_makes_campaigns_for_the_own_stores_only(desk: Desk) -> None:
    for stores in ([], [desk.cast.harbour.pk]):
        with pytest.raises(operations.CampaignOfOtherStores):
            desk.draft(by="manager", store_ids=stores)
    made = desk.draft(by="manager", store_ids=[desk.cast.lake.pk])
    assert made.store_ids == [desk.cast.lake.pk]


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({"starts_at": None}, "begins"),
        ({"channels": []}, "channel"),
        ({"channels": ["SMS", "EMAIL"]}, "template"),
        ({"purpose": "CARE"}, "purpose"),
    ],
)
def test_what_is_missing_is_said_before_it_is_handed_in(
    desk: Desk, values: dict[str, object], step: str
) -> None:
    from django.utils.translation import override

    with override("en"), pytest.raises(operations.CampaignNotReady, match=step):
        desk.scheduled(**values)


def test_a_link_elsewhere_than_https_is_refused(desk: Desk) -> None:
    with pytest.raises(operations.LinkNotSafe):
        desk.draft(link_url="http://example.com")


# --- it really stops -------------------------------------------------------------------------------------------------
def test_a_pause_calls_back_what_waits_and_nobody_gets_it_twice_after(desk: Desk) -> None:
    desk.people(4)
    campaign = desk.scheduled()
    desk.run()
    desk.carrier.batch = 50
    assert states(campaign) == {"HANDED": 4}
    desk.act("pause", campaign)
    desk.send()
    assert desk.carrier.got == []
    assert states(campaign) == {"PLANNED": 4}
    desk.run(minutes=1)
    assert is_in(campaign, State.PAUSED)
    desk.act("resume", campaign, minutes=2)
    desk.run(minutes=3)
    desk.send(minutes=3)
    assert sorted(item.customer_id for item in desk.carrier.got) == sorted(
        campaign.members.values_list("customer_id", flat=True)
    )
    assert Coupon.objects.count() == 4
    assert fresh(campaign).spent_amount == 4 * 2005
    assert {row.occurrence for row in messages(campaign) if row.state == "SENT"} == {"2"}


def test_what_went_before_the_pause_does_not_go_again(desk: Desk) -> None:
    desk.people(3)
    campaign = desk.scheduled()
    desk.run()
    desk.send()
    desk.act("pause", campaign)
    desk.act("resume", campaign)
    desk.run(minutes=1)
    desk.send(minutes=1)
    assert len(desk.carrier.got) == 3


def test_a_stop_ends_it_for_good_and_frees_what_messages_would_have_cost(desk: Desk) -> None:
    desk.people(4)
    campaign = desk.scheduled(spread_minutes=60)
    desk.run(minutes=20)
    handed = states(campaign)["HANDED"]
    desk.act("stop", campaign, minutes=21)
    for minutes in (30, 90):
        desk.run(minutes=minutes)
        desk.send(minutes=minutes)
    assert desk.carrier.got == []
    assert states(campaign) == {"LEFT": 4}
    assert set(campaign.members.values_list("reason", flat=True)) == {"stopped"}
    assert fresh(campaign).spent_amount == handed * 2000  # the coupons are in their hands
    with pytest.raises(operations.CampaignNotRunning):
        desk.act("resume", campaign)


def test_a_scheduled_campaign_is_stopped_before_it_begins(desk: Desk) -> None:
    desk.person()
    campaign = desk.scheduled(starts_at=desk.later(10))
    desk.act("stop", campaign)
    desk.run(minutes=11)
    assert campaign.members.count() == 0


# --- two at once -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_pause_waits_for_the_batch_under_way_and_leaves_nothing_behind(now, monkeypatch) -> None:
    """The batch holds the row of the campaign when the pause comes: the pause sees its messages and calls them back."""
    from dianke.marketing.operations import handing_over

    desk = make_desk(now)
    desk.people(3)
    campaign = desk.scheduled()
    operations.begin_campaign(campaign=campaign, actor=desk.actor("system"), now=now)
    inside, go_on = threading.Event(), threading.Event()
    settle = handing_over._settle

    def slow(*args) -> None:
        settle(*args)
        inside.set()
        go_on.wait(10)

    monkeypatch.setattr(handing_over, "_settle", slow)
    worker = _in_thread(lambda: operations.hand_over(campaign=campaign, actor=desk.actor("system"), now=now))
    assert inside.wait(10)
    pause = _in_thread(lambda: desk.act("pause", campaign))
    pause.join(0.5)
    assert pause.is_alive(), "the pause did not wait for the batch"
    go_on.set()
    worker.join(10)
    pause.join(10)
    assert is_in(campaign, State.PAUSED)
    assert {row.state for row in messages(campaign)} == {"CANCELLED"}
    assert states(campaign) == {"PLANNED": 3}


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_message_of_each(now) -> None:
    desk = make_desk(now)
    desk.people(20)
    campaign = desk.scheduled(budget_amount=10 * 2005)
    operations.begin_campaign(campaign=campaign, actor=desk.actor("system"), now=now)
    workers = [_in_thread(lambda: run_campaigns(now)) for _n in range(3)]
    for worker in workers:
        worker.join(20)
    assert len(messages(campaign)) == 10
    assert Coupon.objects.count() == 10
    assert fresh(campaign).spent_amount == 10 * 2005


def _in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        close_old_connections()
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
