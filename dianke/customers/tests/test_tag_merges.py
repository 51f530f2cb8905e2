"""One tag made of two, and two of them again: at the door, on the settings page and over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from dianke.core.actor import PermissionRefused
from dianke.customers.models import CareRule, Customer, Tag, Tagging, TagMerge
from dianke.customers.operations import tags
from dianke.customers.operations.entry import enter_customer
from dianke.customers.operations.tag_merges import (
    NotMerged,
    SameTag,
    TagMerged,
    merge_tags,
    unmerge_tags,
)
from dianke.customers.queries.tags import preview_of_tags, tags_by_name
from dianke.customers.rules.entry import Entry
from dianke.customers.tests.cast import make_customer
from dianke.events.models import Event
from tests.api.conftest import key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def acts(cast, now):
    def who(name: str = "owner", later: int = 1) -> dict[str, object]:
        return {"actor": cast.actor(name), "now": now + timedelta(minutes=later)}

    return who


@pytest.fixture
def people(cast) -> dict[str, Customer]:
    """Who has the word VIP, who 贵宾, and who both."""
    return {
        "vip": make_customer("王一", store=cast.lake, tags=["VIP"]),
        "guest": make_customer("王二", store=cast.lake, tags=["贵宾"]),
        "both": make_customer("王三", store=cast.lake, tags=["VIP", "贵宾"]),
    }


@pytest.fixture
def vip(people) -> Tag:
    return Tag.objects.get(name="VIP")


@pytest.fixture
def guest(people) -> Tag:
    return Tag.objects.get(name="贵宾")


def held() -> dict[str, set[str]]:
    """Name → words."""
    found: dict[str, set[str]] = {}
    for name, word in Tagging.objects.values_list("customer__name", "tag__name"):
        found.setdefault(name, set()).add(word)
    return found


BEFORE = {"王一": {"VIP"}, "王二": {"贵宾"}, "王三": {"VIP", "贵宾"}}


def test_the_preview_counts_whom_a_merge_concerns(vip, guest, people, cast):
    make_customer("王一", store=cast.lake, tags=["VIP"], merged_into=people["vip"])
    CareRule.objects.create(name="生日", tag=vip, title="问候")
    told = preview_of_tags(vip, guest)
    assert (told.joined, told.kept, told.both, told.after, told.rules) == (2, 2, 1, 3, 1)


def test_everybody_gets_the_kept_tag_and_the_other_is_offered_no_more(vip, guest, acts):
    rule = CareRule.objects.create(name="生日", tag=vip, title="问候")
    merge_tags(joined=vip, kept=guest, **acts())
    assert held() == {"王一": {"贵宾"}, "王二": {"贵宾"}, "王三": {"贵宾"}}
    vip.refresh_from_db()
    rule.refresh_from_db()
    assert (vip.merged_into, vip.archived_at is not None, rule.tag) == (guest, True, guest)
    event = Event.objects.get(kind="customers.tags_merged")
    assert (event.data["name"], event.data["into"], event.data["moved"], event.data["both"]) == (
        "VIP",
        "贵宾",
        1,
        1,
    )


def test_undoing_puts_back_what_everybody_had(vip, guest, acts):
    rule = CareRule.objects.create(name="生日", tag=vip, title="问候")
    merge = merge_tags(joined=vip, kept=guest, **acts())
    unmerge_tags(merge=merge, **acts(later=2))
    assert held() == BEFORE
    vip.refresh_from_db()
    rule.refresh_from_db()
    assert (vip.merged_into, vip.archived_at, rule.tag) == (None, None, vip)
    assert Event.objects.filter(kind="customers.tag_merge_undone").count() == 1
    with pytest.raises(NotMerged):
        unmerge_tags(merge=merge, **acts(later=3))


def test_undoing_leaves_what_was_changed_since(vip, guest, people, acts, cast):
    merge = merge_tags(joined=vip, kept=guest, **acts())
    tags.untag_customers(customers=[people["vip"], people["both"]], tags=[guest], **acts(later=2))
    later = make_customer("王四", store=cast.lake, tags=["贵宾"])
    unmerge_tags(merge=merge, **acts(later=3))
    assert held() == {"王二": {"贵宾"}, later.name: {"贵宾"}}


def test_the_old_word_leads_to_the_kept_tag(vip, guest, acts, cast):
    merge_tags(joined=vip, kept=guest, **acts())
    entry = Entry(name="王四", tags=("VIP", "贵宾"))
    made = enter_customer(entry=entry, channel="COUNTER", store=cast.lake, **acts("clerk")).customer
    assert list(made.taggings.values_list("tag__name", flat=True)) == ["贵宾"]
    assert tags_by_name() == {"VIP": guest.pk, "贵宾": guest.pk}
    with pytest.raises(tags.TagStandsFor):
        tags.make_tag(name="VIP", **acts())


def test_a_chain_of_merges_is_undone_from_its_end(vip, guest, acts):
    gold = tags.make_tag(name="金卡", **acts())
    first = merge_tags(joined=vip, kept=guest, **acts())
    second = merge_tags(joined=guest, kept=gold, **acts(later=2))
    vip.refresh_from_db()
    assert vip.merged_into == gold  # never a tag that was merged itself
    with pytest.raises(TagMerged):
        merge_tags(joined=vip, kept=gold, **acts(later=3))
    with pytest.raises(TagMerged):
        unmerge_tags(merge=first, **acts(later=3))
    unmerge_tags(merge=second, **acts(later=4))
    vip.refresh_from_db()
    assert vip.merged_into == guest
    unmerge_tags(merge=first, **acts(later=5))
    assert held() == BEFORE


def test_a_tag_is_not_merged_into_itself_nor_by_a_clerk(vip, guest, acts):
    with pytest.raises(SameTag):
        merge_tags(joined=vip, kept=vip, **acts())
    with pytest.raises(PermissionRefused):
        merge_tags(joined=vip, kept=guest, **acts("clerk"))


def test_an_archived_tag_can_be_joined_but_not_kept(vip, guest, acts):
    tags.archive_tag(tag=vip, **acts())
    with pytest.raises(tags.TagArchived):
        merge_tags(joined=guest, kept=vip, **acts())
    merge = merge_tags(joined=vip, kept=guest, **acts())
    assert unmerge_tags(merge=merge, **acts(later=2)).archived_at is not None


# --- the settings page --------------------------------------------------------------------------------------------
def test_the_page_shows_whom_it_concerns_before_it_merges_and_undoes(signed_in, vip, guest):
    client = signed_in("owner")
    path = reverse("customers:tag-merging", args=[vip.pk])
    assert client.post(path, {}).status_code == 422
    told = client.get(path, {"into": guest.pk}, headers={"HX-Request": "true"})
    assert told.context["preview"].after == 3
    assert TagMerge.objects.count() == 0
    assert client.post(path, {"into": guest.pk}).status_code == 303
    merge = TagMerge.objects.get()
    page = client.get(reverse("customers:tag-settings"))
    undo = reverse("customers:tag-unmerging", args=[merge.pk])
    assert undo in page.content.decode()
    assert [tag.name for tag in page.context["tags"]] == ["贵宾"]
    assert page.context["archived"] == []
    assert client.post(undo).status_code == 303
    assert held() == BEFORE


def test_a_saved_view_of_the_old_tag_finds_those_of_the_kept_one(signed_in, vip, guest, acts):
    merge_tags(joined=vip, kept=guest, **acts())
    listed = signed_in("owner").get(reverse("customers:customers"), {"tag": vip.pk}).content.decode()
    assert all(name in listed for name in BEFORE)


# --- the API ------------------------------------------------------------------------------------------------------
def test_the_api_lists_previews_merges_and_undoes(cast, vip, guest):
    key = key_of(cast["owner"].user)
    listed = key.call("GET", "/customer-tags").json()["items"]
    assert {tag["name"]: tag["merged_into_id"] for tag in listed} == {"VIP": None, "贵宾": None}
    path = f"/customer-tags/{vip.pk}"
    assert key.call("POST", f"{path}/merge-preview", {"into_id": guest.pk}).json()["after"] == 3
    assert key.call("POST", f"{path}/merge", {"into_id": vip.pk}).status_code == 422
    made = key.call("POST", f"{path}/merge", {"into_id": guest.pk})
    assert (made.status_code, made.json()["moved_count"], made.json()["both_count"]) == (201, 1, 1)
    assert key.call("POST", f"{path}/merge", {"into_id": guest.pk}).status_code == 409
    undone = key.call("POST", f"/customer-tags/merges/{made.json()['id']}/undo")
    assert (undone.status_code, undone.json()["is_archived"]) == (200, False)
    assert held() == BEFORE
    clerk = key_of(cast["clerk"].user)
    assert clerk.call("POST", f"{path}/merge", {"into_id": guest.pk}).status_code == 403


def test_the_api_makes_changes_and_archives_tags(cast):
    key = key_of(cast["owner"].user)
    made = key.call("POST", "/customer-tags", {"name": "老客", "colour": "teal"})
    assert made.status_code == 201
    path = f"/customer-tags/{made.json()['id']}"
    assert key.call("PATCH", path, {"colour": "red"}).json()["name"] == "老客"
    assert key.call("POST", f"{path}/archive").json()["is_archived"]
