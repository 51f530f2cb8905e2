"""Campaigns over HTTP: made, changed, handed in, agreed to by a second person, taken back, copied."""

from __future__ import annotations

from typing import Any

import pytest

from dianke.marketing.models import Campaign, State
from dianke.marketing.tests.desk import Desk, fresh, is_in
from dianke.segments.models import Segment
from dianke.work.models import Approval

BASE = "/api/v1/campaigns"


class Caller:
    """Sends JSON as somebody."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def post(self, path: str = "", **body: Any) -> Any:
        return self.client.post(f"{BASE}{path}", body, content_type="application/json")

    def patch(self, path: str, **body: Any) -> Any:
        return self.client.patch(f"{BASE}{path}", body, content_type="application/json")

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}{path}").json()


@pytest.fixture
def owner(signed_in: Any) -> Caller:
    return Caller(signed_in("owner"))


def body(desk: Desk, **values: Any) -> dict[str, Any]:
    return {
        "name": "秋茶上新",
        "channels": ["SMS"],
        "starts_at": desk.now.isoformat(),
        "control_bp": 0,
        "prices": {"SMS": "0.05"},
        "budget_amount": 50_000,
        "variants": [{"coupon_kind_id": desk.kind().pk, "templates": {"SMS": desk.template().pk}}],
        **values,
    }


def test_one_is_made_step_by_step_and_says_what_is_missing(desk: Desk, owner: Caller) -> None:
    made = owner.post(name="秋茶上新")
    assert made.status_code == 201
    found = made.json()
    assert [each["step"] for each in found["problems"]] == ["message", "schedule"]
    assert found["variants"] == [{"weight": 1, "coupon_kind_id": None, "templates": {}}]
    wanted = body(desk)
    del wanted["name"]
    changed = owner.patch(f"/{found['id']}", **wanted).json()
    assert (changed["name"], changed["problems"], changed["budget_amount"]) == ("秋茶上新", [], 50_000)
    assert owner.patch(f"/{found['id']}", name="冬茶").json()["variants"] == changed["variants"]
    campaign = Campaign.objects.get()
    assert campaign.prices == {"SMS": "0.05"}
    handed_in = owner.post(f"/{campaign.pk}/submit").json()
    assert (handed_in["state"], handed_in["approval_id"]) == ("SCHEDULED", None)
    refused = owner.patch(f"/{campaign.pk}", name="再改")
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_not_draft")


def test_a_second_person_agrees_by_the_request_and_nobody_to_their_own(desk: Desk, signed_in: Any) -> None:
    desk.cast.hire("marketer", "周敏", "MARKETER")
    marketer = Caller(signed_in("marketer"))
    campaign = marketer.post(**body(desk)).json()["id"]
    why = marketer.post(f"/{campaign}/submit")
    assert (why.status_code, why.json()["code"]) == (422, "campaign_reason_missing")
    waiting = marketer.post(f"/{campaign}/submit", reason="秋茶到货").json()
    assert waiting["state"] == "WAITING"
    approval = Approval.objects.get(pk=waiting["approval_id"])
    decision = {"is_approved": True, "sha256": approval.sha256}
    path = f"/api/v1/approvals/{approval.pk}/decide"
    own = marketer.client.post(path, decision, content_type="application/json")
    assert own.status_code in (403, 404)
    assert signed_in("owner").post(path, decision, content_type="application/json").status_code == 200
    assert is_in(Campaign.objects.get(), State.SCHEDULED)
    assert marketer.get(f"/{campaign}")["approval_id"] is None


def test_it_is_taken_back_copied_and_its_request_is_gone(desk: Desk, signed_in: Any, owner: Caller) -> None:
    desk.cast.hire("marketer", "周敏", "MARKETER")
    marketer = Caller(signed_in("marketer"))
    campaign = marketer.post(**body(desk)).json()["id"]
    marketer.post(f"/{campaign}/submit", reason="秋茶到货")
    back = marketer.post(f"/{campaign}/take-back").json()
    assert (back["state"], back["approval_id"]) == ("DRAFT", None)
    copy = owner.post(f"/{campaign}/copy", name="秋茶再来")
    assert copy.status_code == 201
    salts = dict(Campaign.objects.values_list("pk", "salt"))
    assert salts[campaign] == salts[copy.json()["id"]]
    apart = owner.post(f"/{campaign}/copy", name="另起", is_series=False).json()["id"]
    assert Campaign.objects.get(pk=apart).salt != salts[campaign]


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"colour": "red"}, 422, "invalid_input"),
        ({"control_bp": 9500}, 422, "invalid_input"),
        ({"channels": ["PIGEON"]}, 422, "invalid_input"),
        ({"link_url": "http://example.com"}, 422, "campaign_link_not_safe"),
        ({"segment_id": 999_999}, 422, "reference_unknown"),
        ({"variants": [{"coupon_kind_id": 999_999}]}, 422, "reference_unknown"),
        ({"variants": [{"templates": {"SMS": 999_999}}]}, 422, "reference_unknown"),
        ({"store_ids": [999_999]}, 422, "campaign_store_unknown"),
    ],
)
def test_what_cannot_be_is_refused(owner: Caller, values: dict[str, Any], status: int, code: str) -> None:
    answer = owner.post(**{"name": "秋茶上新", **values})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Campaign.objects.exists()


def test_a_segment_of_somebody_else_stays_but_cannot_be_named(desk: Desk, signed_in: Any) -> None:
    desk.cast.hire("marketer", "周敏", "MARKETER")
    private = Segment.objects.create(
        name="私房名单",
        rules={"all": []},
        owner=desk.cast["owner"].user,
        made_at=desk.now,
        changed_at=desk.now,
    )
    campaign = desk.draft(segment_id=private.pk)
    marketer = Caller(signed_in("marketer"))
    assert marketer.post(name="借用", segment_id=private.pk).json()["code"] == "reference_unknown"
    assert marketer.patch(f"/{campaign.pk}", name="改名", segment_id=private.pk).status_code == 200
    assert fresh(campaign).name == "改名"


def test_the_api_tells_the_result_and_stops(desk: Desk, signed_in: Any, owner: Caller) -> None:
    desk.people(4)
    campaign = desk.scheduled(spread_minutes=90)
    desk.run()
    assert owner.get("")["items"][0]["id"] == campaign.pk
    result = owner.get(f"/{campaign.pk}/result")
    assert (result["withheld"], result["roi"], result["control"]) == ("no_control", None, None)
    assert result["variants"][0]["code"] == "A"
    assert owner.post(f"/{campaign.pk}/stop").json()["state"] == "STOPPED"
    clerk = Caller(signed_in("clerk"))
    assert clerk.client.get(f"{BASE}/{campaign.pk}/result").status_code == 403
    for path in ("submit", "take-back", "pause"):
        assert clerk.post(f"/{campaign.pk}/{path}").status_code == 403, path
    assert clerk.post(name="秋茶").status_code == 403
    assert clerk.post(f"/{campaign.pk}/copy", name="秋茶").status_code == 403
    manager = Caller(signed_in("manager"))
    other = desk.draft(store_ids=[desk.cast.harbour.pk])
    assert manager.patch(f"/{other.pk}", name="别店").status_code == 404
