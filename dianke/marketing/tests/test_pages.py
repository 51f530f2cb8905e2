"""The pages: a campaign made in four steps, handed in, watched, paused, read."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from python_calamine import CalamineWorkbook

from dianke.marketing.models import Campaign, State
from dianke.marketing.tests.desk import Desk, fresh, is_in

HTMX = {"HX-Request": "true"}


def sheet(answer: Any) -> list[list[Any]]:
    """The rows of a workbook that was answered."""
    return CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_a_campaign_is_made_in_four_steps(desk: Desk, signed_in: Any) -> None:
    desk.people(3)
    kind, template = desk.kind(), desk.template()
    owner = signed_in("owner")
    made = owner.post("/campaigns/new/", {"name": "秋茶上新", "purpose": "MARKETING", "rest_days": "0"})
    campaign = Campaign.objects.get()
    assert (made.status_code, made["Location"]) == (303, f"/campaigns/{campaign.pk}/step/offer/")
    base = f"/campaigns/{campaign.pk}/"
    assert owner.post(f"{base}step/offer/", {"coupon_a": kind.pk}).status_code == 303
    text = {"first": "SMS", "text_SMS": template.pk, "link_url": ""}
    assert owner.post(f"{base}step/message/", text).status_code == 303
    unready = owner.get(base).content.decode()
    assert f"{base}step/schedule/" in unready
    when = {
        "starts_at": "2026-11-01T09:00",
        "spread_hours": "0",
        "control_percent": "0",
        "window_days": "14",
        "budget_amount": "500",
        "sms_price": "0.05",
    }
    assert owner.post(f"{base}step/schedule/", when)["Location"] == base
    campaign.refresh_from_db()
    assert (campaign.channels, campaign.control_bp, campaign.budget_amount) == (["SMS"], 0, 50_000)
    assert campaign.variants.get().coupon_kind == kind
    reach = owner.get(f"{base}reach/").content.decode()
    assert re.search(r'class="num">3<', reach)
    owner.post(f"{base}submit/")
    assert is_in(campaign, State.SCHEDULED)


def test_two_variants_are_made_by_one_switch(desk: Desk, signed_in: Any) -> None:
    campaign = desk.draft()
    owner = signed_in("owner")
    owner.post(
        f"/campaigns/{campaign.pk}/step/offer/",
        {"coupon_a": "", "is_split": "on", "share_b": "30", "coupon_b": desk.kind(name="第二种").pk},
    )
    assert list(campaign.variants.values_list("weight", flat=True)) == [70, 30]
    page = owner.get(f"/campaigns/{campaign.pk}/step/message/").content.decode()
    assert "text_SMS_B" in page


def test_the_page_of_a_running_campaign_is_live_and_pauses(desk: Desk, signed_in: Any) -> None:
    desk.people(2)
    campaign = desk.scheduled(spread_minutes=120)
    desk.run()
    owner = signed_in("owner")
    base = f"/campaigns/{campaign.pk}/"
    assert "every 4s" in owner.get(base).content.decode()
    owner.post(f"{base}pause/")
    assert is_in(campaign, State.PAUSED)
    assert "every 4s" not in owner.get(f"{base}progress/").content.decode()
    owner.post(f"{base}resume/")
    owner.post(f"{base}stop/")
    assert is_in(campaign, State.STOPPED)


def test_what_it_came_to_leads_to_the_people(desk: Desk, signed_in: Any) -> None:
    desk.people(20)
    campaign = desk.scheduled(control_bp=5000)
    desk.run()
    owner = signed_in("owner")
    page = owner.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert f"/campaigns/members/?campaign={campaign.pk}&amp;arm=CONTROL" in page
    kept = campaign.members.filter(arm="CONTROL").count()
    shown = {"figure=people": 20, "figure=people&arm=CONTROL": kept, "figure=reached": 0, "variant=1": 0}
    shown |= {
        f"figure={figure}": 0 for figure in ("converted", "clicked", "redeemed", "came", "unsubscribed")
    }
    for query, count in shown.items():
        found = owner.get(f"/campaigns/members/?campaign={campaign.pk}&{query}")
        assert (found.status_code, found.context["result"].count) == (200, count), query
    desk.send()
    found = owner.get(f"/campaigns/members/?campaign={campaign.pk}&figure=reached")
    assert found.context["result"].count == 20 - kept
    rows = sheet(owner.get(f"/campaigns/{campaign.pk}/result.xlsx"))
    assert [row[1] for row in rows[5:]] == [20 - kept, kept]


def test_sales_lead_to_their_orders(desk: Desk, signed_in: Any) -> None:
    desk.people(2)
    campaign = desk.scheduled()
    desk.run()
    owner = signed_in("owner")
    address = f"/campaigns/orders/?campaign={campaign.pk}"
    page = owner.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert f"{address}&arm=TREATED".replace("&", "&amp;") in page
    assert owner.get(address).status_code == 200
    assert signed_in("clerk").get(address).status_code == 403


def test_chosen_campaigns_stand_beside_each_other_and_in_a_file(desk: Desk, signed_in: Any) -> None:
    desk.people(4)
    made = [desk.scheduled(name=name, rest_days=0) for name in ("一号活动", "二号活动", "三号活动")]
    draft = desk.draft(name="还没开始")
    desk.run()
    owner = signed_in("owner")
    first = owner.get("/campaigns/compare/")
    assert {row["campaign"].pk for row in first.context["rows"]} == {row.pk for row in made}
    query = f"?c={made[0].pk}&c={made[2].pk}&c={draft.pk}&c=x"
    two = owner.get(f"/campaigns/compare/{query}")
    assert {row["campaign"].name for row in two.context["rows"]} == {"一号活动", "三号活动"}
    rows = sheet(owner.get(f"/campaigns/compare.xlsx{query}"))
    assert {row[0] for row in rows[1:]} == {"一号活动", "三号活动"}
    assert [row[2] for row in rows[1:]] == [4, 4]
    assert signed_in("clerk").get("/campaigns/compare.xlsx").status_code == 403


def test_margin_is_for_who_may_see_costs(desk: Desk, signed_in: Any) -> None:
    desk.cast.hire("marketer", "周敏", "MARKETER")
    desk.people(2)
    campaign = desk.scheduled()
    desk.run()
    shown = {
        who: signed_in(who).get(f"/campaigns/{campaign.pk}/").content.decode()
        for who in ("owner", "marketer")
    }
    assert "毛利" in shown["owner"]
    assert "毛利" not in shown["marketer"]


def test_lists_calendar_and_comparison_stand_with_and_without_campaigns(desk: Desk, signed_in: Any) -> None:
    owner = signed_in("owner")
    for with_some in (False, True):
        if with_some:
            desk.people(2)
            desk.scheduled()
            desk.run()
        for path in (
            "",
            "calendar/",
            "calendar/?month=2026-11",
            "calendar/?month=x",
            "compare/",
            "new/",
            "members/",
        ):
            assert owner.get(f"/campaigns/{path}").status_code == 200, path
    campaign = fresh(Campaign.objects.get())
    assert campaign.name in owner.get("/campaigns/calendar/?month=2026-11").content.decode()
    assert owner.get(f"/campaigns/{campaign.pk}/history/").status_code == 200


def test_a_clerk_sees_none_of_it(desk: Desk, signed_in: Any) -> None:
    campaign = desk.draft()
    clerk = signed_in("clerk")
    for path in ("", "new/", "compare/", f"{campaign.pk}/", f"{campaign.pk}/progress/"):
        assert clerk.get(f"/campaigns/{path}").status_code == 403, path
    assert clerk.post(f"/campaigns/{campaign.pk}/stop/").status_code == 403


def test_another_stores_campaign_is_not_there(desk: Desk, signed_in: Any) -> None:
    campaign = desk.draft(store_ids=[desk.cast.harbour.pk])
    assert signed_in("manager").get(f"/campaigns/{campaign.pk}/").status_code == 404


def test_a_customers_page_tells_of_their_campaigns(desk: Desk, signed_in: Any) -> None:
    person = desk.person()
    campaign = desk.scheduled()
    desk.run()
    assert campaign.name in signed_in("owner").get(f"/customers/{person.pk}/dealings/").content.decode()


def test_the_plan_says_its_moment_as_people_do_and_what_adds_itself_quietly(
    desk: Desk, signed_in: Any
) -> None:
    starts = desk.now.replace(year=desk.now.year + 1)
    campaign = desk.draft(starts_at=starts)
    page = signed_in("owner").get(f"/campaigns/{campaign.pk}/").content.decode()
    assert re.search(rf"{starts.year}年\d+月\d+日 \d\d:\d\d", page)
    assert re.search(r'<p class="t-s t-2">[^<]*发送时会自动', page)
