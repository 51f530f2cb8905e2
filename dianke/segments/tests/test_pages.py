"""The pages: put together without a script, counted, saved; what is wrong stands beside it; the API does the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from dianke.customers.tests.cast import make_customer
from dianke.segments import operations
from dianke.segments.forms.draft import Draft, act_on, as_tree, from_tree
from dianke.segments.models import Segment
from dianke.segments.queries.fields import Vocabulary

pytestmark = pytest.mark.django_db
NEW = "segments:new"
GENDER = {
    "n-0": "all",
    "n-0.0": "leaf",
    "f-0.0": "profile.gender",
    "was-0.0": "profile.gender",
    "o-0.0": "in",
}
WOMEN = {"all": [{"field": "profile.gender", "op": "in", "value": ["F"]}]}


@pytest.fixture
def people(cast):
    return [
        make_customer("玫瑰", gender="F", store=cast.lake),
        make_customer("橡树", gender="M", store=cast.lake),
    ]


@pytest.fixture
def segment(cast, now, people) -> Segment:
    return operations.make_segment(
        values={"name": "女客", "rules": WOMEN, "is_shared": True}, actor=cast.actor("owner"), now=now
    )


def test_a_segment_is_put_together_counted_and_saved(signed_in, people):
    owner = signed_in("owner")
    assert owner.get(reverse(NEW)).status_code == 200
    page = owner.post(reverse(NEW), GENDER | {"v-0.0": ["F"], "act": "look"})
    assert page.context["count"] == 1
    assert page.context["sentence"] == "性别为女"
    assert [row["customer"].name for row in page.context["sample"]] == ["玫瑰"]
    saved = owner.post(reverse(NEW), GENDER | {"v-0.0": ["F"], "name": "女客", "act": "save"})
    assert saved.status_code == 303
    assert Segment.objects.get().rules == WOMEN


def test_what_is_wrong_stands_beside_it_and_nothing_typed_is_lost(signed_in, people):
    answer = signed_in("owner").post(reverse(NEW), GENDER | {"name": "女客", "act": "save"})
    assert answer.status_code == 422
    assert "还没有选择" in answer.context["root"]["children"][0]["error"]
    assert answer.context["values"]["name"] == "女客"
    assert not Segment.objects.exists()


def test_another_field_begins_empty(signed_in, people):
    page = signed_in("owner").post(reverse(NEW), GENDER | {"f-0.0": "bought", "v-0.0": ["F"], "act": "look"})
    leaf = page.context["root"]["children"][0]
    assert leaf["widget"] == "bought"
    assert page.context["sentence"] == "最近 90 天买过"


@pytest.mark.parametrize(
    ("act", "tree"),
    [
        ("rule-0", {"all": ["a", {"any": ["b"]}, "profile.gender"]}),
        ("del-0.0", {"all": [{"any": ["b"]}]}),
        ("down-0.0", {"all": [{"any": ["a", "b"]}]}),
        ("up-0.1.0", {"all": ["a", "b", {"any": []}]}),
        ("down-0.1.0", {"all": ["a", {"any": []}, "b"]}),
        ("up-0.1", {"all": [{"any": ["b"]}, "a"]}),
        ("up-0.0", {"all": ["a", {"any": ["b"]}]}),
        ("del-0.7", {"all": ["a", {"any": ["b"]}]}),
    ],
)
def test_buttons_move_rules(act, tree):
    root = Draft("all", [Draft(field="a"), Draft("any", [Draft(field="b")])])
    act_on(root, act)
    assert shape(root) == tree


def shape(draft: Draft) -> Any:
    return {draft.how: [shape(child) for child in draft.children]} if draft.how else draft.field


def test_what_is_kept_comes_back_as_it_was(people):
    tree = {
        "any": [
            {"field": "metrics.spend", "op": "between", "value": [10050, 20000]},
            {
                "field": "bought",
                "op": "bought",
                "value": {
                    "goods": "any",
                    "measure": "amount",
                    "least": 500,
                    "days": 30,
                    "stores": [],
                    "channels": [],
                },
            },
        ]
    }
    vocabulary = Vocabulary()
    found = as_tree(from_tree(tree, vocabulary), vocabulary)
    assert found["any"][0]["value"] == [10050, 20000]
    assert found["any"][1]["value"]["least"] == 500
    assert found["any"][1]["value"]["days"] == "30"


def test_the_page_of_a_segment_and_why(signed_in, segment, people):
    manager = signed_in("manager")
    page = manager.get(reverse("segments:segment", args=[segment.pk]))
    assert "性别为女" in page.content.decode()
    assert page.context["people"] == [people[0]]
    why = manager.get(reverse("segments:why", args=[segment.pk, people[1].pk]))
    assert [row["holds"] for row in why.context["rows"]] == [False]
    assert manager.get(reverse("segments:segments")).status_code == 200
    assert manager.get(reverse("segments:starts")).status_code == 200
    assert manager.get(reverse("segments:history", args=[segment.pk])).status_code == 200


def test_ready_made_ones_are_those_one_may_ask_about(cast, signed_in):
    cast.hire("ads", "何推", "MARKETER")
    ads = signed_in("ads")
    offered = {row["start"].code for row in ads.get(reverse("segments:starts")).context["starts"]}
    everything = {
        row["start"].code for row in signed_in("owner").get(reverse("segments:starts")).context["starts"]
    }
    assert offered < everything
    assert ads.post(reverse("segments:start-all")).status_code == 303
    assert set(Segment.objects.values_list("start", flat=True)) == offered
    assert signed_in("clerk").post(reverse("segments:start-all")).status_code == 403


def test_overlaps_are_shown_for_two_and_more(signed_in, segment, cast, now):
    other = operations.copy_segment(segment=segment, name="同样", actor=cast.actor("owner"), now=now)
    page = signed_in("owner").get(reverse("segments:overlap"), {"s": [segment.pk, other.pk]})
    assert page.context["rows"][0]["count"] == 1
    assert page.context["together"] == 1


def test_acts_of_the_page(signed_in, segment):
    owner = signed_in("owner")
    owner.post(reverse("segments:convert", args=[segment.pk]), {"kind": "SNAPSHOT", "schedule": "DAILY"})
    segment.refresh_from_db()
    assert (segment.kind, segment.schedule) == ("SNAPSHOT", "DAILY")
    owner.post(reverse("segments:refresh", args=[segment.pk]))
    owner.post(reverse("segments:archive", args=[segment.pk]))
    segment.refresh_from_db()
    assert segment.archived_at is not None
    owner.post(reverse("segments:restore", args=[segment.pk]))
    assert Segment.objects.in_use().filter(pk=segment.pk).exists()
    assert owner.post(reverse("segments:copy", args=[segment.pk])).status_code == 302
    assert Segment.objects.count() == 2


def test_a_clerk_reads_what_is_shared_and_changes_nothing(signed_in, segment):
    clerk = signed_in("clerk")
    assert clerk.get(reverse("segments:segment", args=[segment.pk])).status_code == 200
    assert clerk.get(reverse("segments:edit", args=[segment.pk])).status_code == 403
    Segment.objects.filter(pk=segment.pk).update(is_shared=False)
    assert clerk.get(reverse("segments:segment", args=[segment.pk])).status_code == 404


def test_the_interface_makes_counts_lists_and_explains(signed_in, people):
    owner = signed_in("owner")
    made = owner.post(
        "/api/v1/segments", {"name": "女客", "rules": WOMEN}, content_type="application/json"
    ).json()
    assert made["member_count"] == 1
    url = f"/api/v1/segments/{made['id']}"
    assert owner.get(f"{url}/count").json() == {"count": 1, "sentence": "性别为女"}
    assert [row["name"] for row in owner.get(f"{url}/members").json()["items"]] == ["玫瑰"]
    why = owner.get(f"{url}/members/{people[1].pk}/explanation").json()
    assert why["rules"] == [{"path": "0.0", "text": "性别为女", "holds": False, "own": "男"}]
    typed = owner.post("/api/v1/segments/count", {"rules": WOMEN}, content_type="application/json").json()
    assert typed["count"] == 1
    wrong = {"rules": {"all": [{"field": "profile.gender", "op": "in", "value": []}]}}
    assert owner.patch(url, wrong, content_type="application/json").status_code == 422
    for act in ("refresh", "archive", "restore"):
        assert owner.post(f"{url}/{act}").status_code == 200
    clerk = signed_in("clerk")
    assert clerk.post(f"{url}/archive").status_code in (403, 404)


def test_a_customer_s_page_says_in_which(signed_in, segment, people):
    page = signed_in("owner").get(reverse("customers:dealings", args=[people[0].pk]))
    assert "女客" in page.content.decode()
