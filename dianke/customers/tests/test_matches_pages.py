"""The review queue and merging by hand as people see them. 林 leads the lake store, 李 is a clerk there."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dianke.customers.models import Customer, MatchPair, Merge, PairState
from dianke.customers.operations.merges import merge_customers
from dianke.customers.operations.pairs import decide_pair
from dianke.customers.tests.cast import make_customer
from dianke.customers.tests.test_merges import make_pair

PART = {"HX-Request": "true", "HX-Target": "div#duplicate"}


@pytest.fixture
def pairs(cast, now):
    """Three at the lake, one that reaches over to the harbour; most probable first."""

    def pair(n: int, probability: float, **more) -> MatchPair:
        left = make_customer(f"王小{n}", f"138000{n}1234", store=cast.lake)
        right = make_customer(f"王晓{n}", f"138000{n}1234", **({"store": cast.lake} | more))
        return make_pair(left, right, now, probability=probability)

    return [pair(1, 0.97), pair(2, 0.9), pair(3, 0.5), pair(4, 0.4, store=cast.harbour)]


def shown(response) -> int | None:
    pair = response.context["pair"]
    return pair.pk if pair else None


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("owner", True),
        ("manager", True),
        ("region", True),
        ("clerk", False),
        ("auditor", False),
        ("shen", False),
    ],
)
def test_the_queue_opens_for_who_may_decide(signed_in, pairs, name, opens):
    client = signed_in(name)
    for url in (reverse("customers:duplicates"), reverse("customers:duplicates-decided")):
        assert client.get(url).status_code == (200 if opens else 403)


def test_the_queue_begins_with_the_most_probable_and_is_walked_by_its_arrows(signed_in, pairs):
    client = signed_in("manager")
    page = client.get(reverse("customers:duplicates"))
    assert (shown(page), page.context["count"]) == (pairs[0].pk, 3)
    assert page.context["before_url"] == ""
    second = client.get(page.context["after_url"], headers=PART)
    assert shown(second) == pairs[1].pk
    assert "<html" not in second.content.decode()
    assert second["HX-Push-Url"] == reverse("customers:duplicate", args=[pairs[1].pk])
    assert shown(client.get(second.context["before_url"])) == pairs[0].pk
    last = client.get(second.context["after_url"])
    assert (shown(last), last.context["after_url"]) == (pairs[2].pk, "")


def test_a_pair_that_reaches_out_of_sight_is_not_there(signed_in, pairs):
    url = reverse("customers:duplicate", args=[pairs[3].pk])
    assert signed_in("manager").get(url).status_code == 404
    assert signed_in("owner").get(url).status_code == 200
    decide = reverse("customers:duplicate-decision", args=[pairs[3].pk])
    assert signed_in("manager").post(decide, {"verdict": "SAME"}).status_code == 404


def test_deciding_draws_the_next_pair_and_offers_to_undo(signed_in, pairs):
    client = signed_in("manager")
    answer = client.post(
        reverse("customers:duplicate-decision", args=[pairs[0].pk]), {"verdict": "SAME"}, headers=PART
    )
    assert (shown(answer), answer.context["count"], answer.context["done_count"]) == (pairs[1].pk, 2, 1)
    undo = reverse("customers:duplicate-taking-back", args=[pairs[0].pk])
    assert json.loads(answer["HX-Trigger"])["dk:toast"]["undo"] == undo
    assert answer.context["undo_url"] == undo
    assert MatchPair.objects.get(pk=pairs[0].pk).state == PairState.LINKED
    back = client.post(undo, headers=PART)
    assert (shown(back), back.context["count"]) == (pairs[0].pk, 3)
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_the_last_pair_of_the_queue_leads_back_to_its_beginning_and_then_to_the_end(signed_in, pairs):
    client = signed_in("manager")

    def decide(pair, verdict):
        url = reverse("customers:duplicate-decision", args=[pair.pk])
        return client.post(url, {"verdict": verdict}, headers=PART)

    assert shown(decide(pairs[2], "LATER")) == pairs[0].pk
    assert shown(decide(pairs[0], "DIFFERENT")) == pairs[1].pk
    done = decide(pairs[1], "DIFFERENT")
    assert shown(done) is None
    assert 'data-key="s"' not in done.content.decode()
    assert shown(client.get(reverse("customers:duplicates"), {"view": "later"})) == pairs[2].pk


def test_without_script_deciding_goes_on_with_the_filtered_queue(signed_in, pairs):
    url = reverse("customers:duplicate-decision", args=[pairs[0].pk]) + "?band=likely"
    answer = signed_in("manager").post(url, {"verdict": "LATER"})
    assert (answer.status_code, answer.url) == (302, reverse("customers:duplicates") + "?band=likely")


def test_the_one_to_keep_is_the_chosen_one(signed_in, pairs):
    pair = pairs[0]
    url = reverse("customers:duplicate-decision", args=[pair.pk])
    signed_in("manager").post(url, {"verdict": "SAME", "kept": pair.right_id}, headers=PART)
    assert Merge.objects.get().kept_id == pair.right_id


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"band": "likely"}, [0, 1]),
        ({"band": "possible"}, [2, 3]),
        ({"kind": "COMPANY"}, []),
        ({"store": "harbour"}, [3]),
        ({"store": "99999", "band": "nonsense"}, []),
        ({"view": "later"}, []),
    ],
)
def test_filters_narrow_the_queue(cast, signed_in, pairs, query, left):
    if query.get("store") == "harbour":
        query = {"store": cast.harbour.pk}
    page = signed_in("owner").get(reverse("customers:duplicates"), query)
    assert page.context["count"] == len(left)
    assert shown(page) == (pairs[left[0]].pk if left else None)
    if left:
        assert urlencode({k: v for k, v in query.items() if k != "view"}) in page.context["here"]


def test_phones_are_masked_and_differences_marked(signed_in, pairs):
    text = signed_in("manager").get(reverse("customers:duplicates")).content.decode()
    assert "138****1234" in text
    assert "13800011234" not in text
    assert "is-different" in text
    assert "王晓1" in text


def test_what_forbids_a_merge_is_told_before_anybody_presses(cast, signed_in, now):
    left = make_customer("甲一", unionid="o1", is_verified=True, store=cast.lake)
    right = make_customer("乙一", unionid="o2", is_verified=True, store=cast.lake)
    make_pair(left, right, now)
    page = signed_in("manager").get(reverse("customers:duplicates"))
    assert [problem.code for problem in page.context["problems"]] == ["identities_differ"]
    (button,) = re.findall(r'<button [^>]*value="SAME"[^>]*>', page.content.decode())
    assert button.endswith(" disabled>")


def test_a_pair_costs_the_same_however_long_the_queue_and_however_full_the_profiles(
    cast, signed_in, pairs, now
):
    client = signed_in("manager")

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert (
                client.get(reverse("customers:duplicate", args=[pairs[1].pk]), headers=PART).status_code
                == 200
            )
        return len(seen)

    before = cost()
    for n in range(12):
        one, other = (make_customer(f"客{side}{n}", store=cast.lake) for side in "甲乙")
        make_pair(one, other, now, probability=0.3 + n / 20)
    kept = Customer.objects.get(pk=pairs[1].left_id)
    for n in range(4):
        joined = make_customer(
            f"并入{n}", f"139000{n}4321", store=cast.lake, tags=["VIP"], birthday=(1990, 3, 5)
        )
        merge_customers(kept=kept, joined=joined, actor=cast.actor("owner"), now=now)
    assert cost() == before


def test_decided_pairs_are_listed_with_a_way_back(cast, signed_in, pairs, now):
    decide_pair(pair=pairs[0], verdict="DIFFERENT", actor=cast.actor("manager"), now=now)
    client = signed_in("manager")
    page = client.get(reverse("customers:duplicates-decided"))
    assert [item["pair"].pk for item in page.context["items"]] == [pairs[0].pk]
    answer = client.post(reverse("customers:duplicate-taking-back", args=[pairs[0].pk]))
    assert (answer.status_code, answer.url) == (302, reverse("customers:duplicate", args=[pairs[0].pk]))
    assert MatchPair.objects.get(pk=pairs[0].pk).state == PairState.WAITING


# --- merging by hand --------------------------------------------------------------------------------------------
def test_the_other_customer_is_found_by_phone_tail_and_likely_ones_stand_first(cast, signed_in, pairs):
    client = signed_in("manager")
    url = reverse("customers:merge-choose", args=[pairs[0].left_id])
    likely = client.get(url).context["likely"]
    assert [(item["customer"].pk, item["percent"]) for item in likely] == [(pairs[0].right_id, 97)]
    found = client.get(url, {"q": "1234"}, headers={"HX-Request": "true", "HX-Target": "div#merge-choices"})
    offered = found.content.decode()
    assert "<html" not in offered
    here = {n: f"merging/{pairs[n].left_id}/" in offered for n in range(3)}
    assert here == {0: False, 1: True, 2: True}
    assert f"merging/{pairs[3].right_id}/" not in offered  # at a store out of sight


def test_the_preview_shows_what_will_be_and_confirming_merges(cast, signed_in):
    a, b = make_customer("王女士", "13812345678", store=cast.lake), make_customer("王美丽", store=cast.lake)
    client = signed_in("manager")
    url = reverse("customers:merge-preview", args=[a.pk, b.pk])
    page = client.get(url)
    assert page.context["preview"].is_possible
    assert "王美丽" in page.content.decode()
    answer = client.post(url)
    assert (answer.status_code, answer.url) == (303, f"/customers/{a.pk}/")
    assert Customer.objects.get(pk=b.pk).merged_into == a


def test_a_merge_that_is_forbidden_says_why_and_offers_to_take_the_decision_back(cast, signed_in, pairs, now):
    decide_pair(pair=pairs[0], verdict="DIFFERENT", actor=cast.actor("manager"), now=now)
    url = reverse("customers:merge-preview", args=[pairs[0].left_id, pairs[0].right_id])
    client = signed_in("manager")
    for answer in (client.get(url), client.post(url)):
        assert [problem.code for problem in answer.context["problems"]] == ["told_apart"]
        assert reverse("customers:duplicate-taking-back", args=[pairs[0].pk]) in answer.content.decode()
    assert answer.status_code == 422


@pytest.mark.parametrize(("name", "status"), [("owner", 200), ("manager", 404), ("clerk", 403)])
def test_only_customers_in_sight_can_be_merged(cast, signed_in, name, status):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.harbour)
    url = reverse("customers:merge-preview", args=[a.pk, b.pk])
    assert signed_in(name).get(url).status_code == status


def test_the_history_of_a_profile_separates_again(cast, signed_in, now):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    merge = merge_customers(kept=a, joined=b, actor=cast.actor("manager"), now=now)
    client = signed_in("manager")
    page = client.get(reverse("customers:merges", args=[a.pk]))
    assert [(line.name, line.may_undo) for line in page.context["merges"]] == [("乙一", True)]
    assert (
        signed_in("clerk").get(reverse("customers:merges", args=[a.pk])).context["merges"][0].may_undo
        is False
    )
    url = reverse("customers:merge-separation", args=[merge.pk])
    assert signed_in("southerner").post(url).status_code == 404
    answer = client.post(url)
    assert (answer.status_code, answer.url) == (303, f"/customers/{b.pk}/")
    lines = client.get(reverse("customers:merges", args=[a.pk])).context["merges"]
    assert [(line.name, line.may_undo) for line in lines] == [("乙一", False)]


def test_who_left_a_profile_for_another_store_is_not_named_to_those_who_may_not_see_them(
    cast, signed_in, now
):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.harbour)
    merge = merge_customers(kept=a, joined=b, actor=cast.actor("owner"), now=now)
    client = signed_in("manager")
    assert "乙一" in client.get(reverse("customers:merges", args=[a.pk])).content.decode()
    signed_in("owner").post(reverse("customers:merge-separation", args=[merge.pk]))
    assert "乙一" not in client.get(reverse("customers:merges", args=[a.pk])).content.decode()


def test_the_profile_shows_what_it_consists_of_and_what_stays_apart(cast, signed_in, now, fake_room):
    a, b = make_customer("甲一", store=cast.lake), make_customer("乙一", store=cast.lake)
    fake_room |= {a.pk: 320, b.pk: 88}
    client, url = signed_in("manager"), reverse("customers:customer", args=[a.pk])
    assert 'id="merges"' not in client.get(url).content.decode()
    merge = merge_customers(kept=a, joined=b, actor=cast.actor("manager"), now=now)
    text = client.get(url).content.decode()
    assert "320 points + 88 points" in text
    assert reverse("customers:merge-separation", args=[merge.pk]) in text
    assert (
        reverse("customers:merge-separation", args=[merge.pk])
        not in signed_in("clerk").get(url).content.decode()
    )
    assert client.get(reverse("customers:customer", args=[b.pk])).status_code in (301, 302)
