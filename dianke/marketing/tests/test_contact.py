"""Where people answer what campaigns write: followed links and used coupons, known answers by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.customers.models import Consent, ContactPoint, Customer
from dianke.insight.models import ContactPreference
from dianke.insight.operations.contact import forget_preferences
from dianke.insight.tests.answers import work_out_answers
from dianke.marketing.models import Campaign, Click, Member
from dianke.marketing.operations import VariantPlan
from dianke.marketing.tests.desk import Desk, member
from dianke.messaging.models import Message
from dianke.messaging.queries.preferred import marked_channels, preferred_channels
from dianke.promotions.models import Coupon
from dianke.promotions.tests.counter import within


@dataclass
class Past:
    """What was written on other days, by as many campaigns with a link as it takes."""

    desk: Desk
    campaigns: list[Campaign] = field(default_factory=list)

    def campaign(self, number: int, **values: Any) -> Campaign:
        while len(self.campaigns) <= number:
            plan = VariantPlan(1, None, {"SMS": self.desk.template("新茶 {{ link }}").pk})
            linked = {"link_url": "https://mall.example/tea", "name": f"第{len(self.campaigns)}期"}
            self.campaigns.append(self.desk.draft(variants=[plan], **linked))
        return self.campaigns[number]

    def wrote(
        self, person: Customer, channel: str, messages: int, answers: int, *, days: float = 30, **values: Any
    ) -> list[Message]:
        """So many messages, the first `answers` of them answered by the link."""
        before = Member.objects.filter(customer=person).count()
        return [
            self.one(person, self.campaign(before + n), channel, days=days, is_answered=n < answers, **values)
            for n in range(messages)
        ]

    def one(
        self,
        person: Customer,
        campaign: Campaign,
        channel: str,
        *,
        days: float,
        is_answered: bool = False,
        coupon: Coupon | None = None,
        state: str = "SENT",
    ) -> Message:
        at = self.desk.now - timedelta(days=days)
        taking_part = Member.objects.create(
            campaign=campaign,
            customer=person,
            arm=Member.Arm.TREATED,
            variant=campaign.variants.get(),
            state=Member.State.HANDED,
            channel=channel,
            due_at=at,
            begun_at=at,
            coupon_id=coupon.pk if coupon else None,
        )
        if is_answered:
            Click.objects.create(member=taking_part, first_at=at, last_at=at)
        return Message.objects.create(
            key=person.key,
            customer=person,
            source=campaign.source,
            step="A",
            occurrence="1",
            channel=channel,
            purpose="MARKETING",
            state=state,
            created_at=at,
            due_at=at,
            sent_at=at,
        )


@pytest.fixture
def past(desk: Desk, settings: Any, tmp_path: Path) -> Past:
    settings.DIANKE_DATA = tmp_path
    return Past(desk)


def test_who_follows_links_in_text_messages_is_written_to_there(desk: Desk, past: Past) -> None:
    person, other = desk.people(2)
    past.wrote(person, "SMS", 6, 4)
    past.wrote(person, "EMAIL", 5, 1)
    past.wrote(other, "EMAIL", 4, 3)
    past.wrote(other, "SMS", 4, 2)
    assert work_out_answers(desk.now) == {person.pk: ("SMS", 6, 4), other.pk: ("EMAIL", 4, 3)}
    assert marked_channels([person.pk, other.pk]) == {}  # each has a first number and a first address
    assert preferred_channels([person.pk, other.pk]) == {person.pk: "SMS", other.pk: "EMAIL"}


def test_only_what_went_out_within_the_year_and_could_be_answered_counts(desk: Desk, past: Past) -> None:
    person = desk.person()
    past.wrote(person, "SMS", 2, 2)
    past.wrote(person, "SMS", 2, 2, days=366)
    past.wrote(person, "SMS", 2, 2, days=2)
    past.wrote(person, "SMS", 2, 0, state="FAILED")
    past.wrote(person, "CALL", 3, 3)  # nobody follows a link on the phone
    silent = desk.draft(variants=[VariantPlan(1, None, {"SMS": desk.template("新茶").pk})])
    past.one(person, silent, "SMS", days=30)
    assert work_out_answers(desk.now) == {}
    past.wrote(person, "SMS", 1, 0, days=364)
    assert work_out_answers(desk.now) == {person.pk: ("SMS", 3, 2)}


def test_a_coupon_is_an_answer_when_it_is_used_after_the_message(desk: Desk, past: Past) -> None:
    person = desk.person()
    kind = desk.kind()
    plan = [VariantPlan(1, kind.pk, {"SMS": desk.template().pk})]
    sent = desk.now - timedelta(days=30)
    used: list[tuple[datetime | None, str]] = [
        (sent + timedelta(days=4), "sale:1"),
        (sent + timedelta(days=5), "sale:2"),
        (sent - timedelta(hours=1), "sale:3"),
        (None, ""),
    ]
    for number, (at, reference) in enumerate(used):
        coupon = Coupon.objects.create(
            kind=kind,
            version=1,
            code=f"CODE{number}",
            state=Coupon.State.USED if at else Coupon.State.CLAIMED,
            customer=person,
            issued_at=sent - timedelta(hours=2),
            claimed_at=sent - timedelta(hours=2),
            valid_from=sent - timedelta(hours=2),
            expires_at=sent + timedelta(days=30),
            used_at=at,
            used_reference=reference,
        )
        past.one(person, desk.draft(variants=plan), "SMS", days=30, coupon=coupon)
    assert work_out_answers(desk.now) == {person.pk: ("SMS", 4, 2)}


def test_what_was_marked_wins(desk: Desk, past: Past) -> None:
    person = desk.person()
    past.wrote(person, "SMS", 6, 4)
    work_out_answers(desk.now)
    ContactPoint.objects.filter(customer=person, kind="PHONE").update(is_preferred=False)
    assert marked_channels([person.pk]) == preferred_channels([person.pk]) == {person.pk: "EMAIL"}
    ContactPoint.objects.filter(customer=person, kind="EMAIL").update(is_preferred=False)
    assert preferred_channels([person.pk]) == {person.pk: "SMS"}


def test_a_merged_profile_counts_both(desk: Desk, past: Past) -> None:
    head = desk.person()
    joined = desk.person()
    past.wrote(head, "EMAIL", 2, 1)
    past.wrote(joined, "EMAIL", 2, 2)
    assert work_out_answers(desk.now) == {}
    Customer.objects.filter(pk=joined.pk).update(merged_into=head, state="MERGED")
    assert work_out_answers(desk.now) == {head.pk: ("EMAIL", 4, 3)}
    assert preferred_channels([head.pk, joined.pk]) == {head.pk: "EMAIL", joined.pk: "EMAIL"}


def test_of_who_refuses_it_is_not_told_and_a_refusal_of_today_holds_at_once(desk: Desk, past: Past) -> None:
    asked = {("MARKETING", "SMS"): True, ("PROFILING", "ANY"): False}
    refusing, person = desk.person(consents=asked), desk.person()
    for one in (refusing, person):
        past.wrote(one, "SMS", 6, 4)
    assert list(work_out_answers(desk.now)) == [person.pk]
    assert preferred_channels([person.pk]) == {person.pk: "SMS"}
    said = Consent.objects.filter(customer=refusing, purpose="PROFILING").values().get()
    said |= {"id": None, "customer_id": person.pk}
    Consent.objects.create(**said)
    assert preferred_channels([person.pk]) == {}
    assert work_out_answers(desk.now) == {}


def test_the_next_night_takes_away_what_is_not_true_any_more(desk: Desk, past: Past) -> None:
    person, other = desk.people(2)
    past.wrote(person, "SMS", 3, 3)
    past.wrote(other, "SMS", 3, 3, days=360)
    assert len(work_out_answers(desk.now)) == 2
    assert list(work_out_answers(desk.now + timedelta(days=10))) == [person.pk]
    forgotten = within(work=lambda: forget_preferences([person.pk], desk.now), actor=SYSTEM, now=desk.now)
    assert forgotten == 1
    assert not ContactPreference.objects.exists()


def test_only_who_may_bring_figures_up_to_date_works_it_out(desk: Desk, past: Past) -> None:
    past.wrote(desk.person(), "SMS", 3, 3)
    with pytest.raises(NotAllowed):
        work_out_answers(desk.now, actor=desk.actor("clerk"))
    assert not ContactPreference.objects.exists()


def test_a_campaign_is_handed_over_where_they_answer(desk: Desk, past: Past) -> None:
    answering, silent = desk.people(2, consents={("MARKETING", "ANY"): True})
    past.wrote(answering, "PORTAL", 4, 3)
    work_out_answers(desk.now)
    texts = {channel: desk.template("新茶到店", channel=channel).pk for channel in ("SMS", "PORTAL")}
    campaign = desk.scheduled(channels=["SMS", "PORTAL"], variants=[VariantPlan(1, None, texts)])
    desk.run()
    assert (member(campaign, answering).channel, member(campaign, silent).channel) == ("PORTAL", "SMS")


def test_as_many_statements_for_many(desk: Desk, past: Past) -> None:
    people = desk.people(6)
    for person in people:
        past.wrote(person, "SMS", 3, 3)

    def asked(count: int) -> tuple[int, int]:
        night: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            night.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):  # the cursor that counts queries cannot COPY with values
            work_out_answers(desk.now)
        with CaptureQueriesContext(connection) as day:
            found = preferred_channels([person.pk for person in people[:count]])
        assert len(found) == count
        return len(night), len(day)

    first = asked(1)
    past.wrote(desk.person(), "SMS", 3, 3)
    assert asked(6) == first
    assert first[1] <= 5


def test_the_page_of_the_customer_says_where_they_answer(desk: Desk, past: Past, signed_in: Any) -> None:
    person = desk.person()
    past.wrote(person, "SMS", 6, 4)
    work_out_answers(desk.now)
    url, told = f"/customers/{person.pk}/dealings/", "常在短信上回应（6 条里 4 条）"
    assert told in signed_in("clerk").get(url).content.decode()
    ContactPreference.objects.update(channel="CALL")
    assert "常接电话（6 次里 4 次）" in signed_in("clerk").get(url).content.decode()
    desk.cast.hire("accountant", "钱会", "ACCOUNTANT")
    assert "常接电话" not in signed_in("accountant").get(url).content.decode()
