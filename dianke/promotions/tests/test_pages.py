"""The pages: a promotion made in the form, its sentence, its acts; coupons given, looked up, claimed on the phone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from dianke.catalog.models import Category, Product, Unit, Variant
from dianke.customers.operations.portal import customer_actor
from dianke.promotions import operations
from dianke.promotions.forms.kinds import KINDS as COUPON_KINDS
from dianke.promotions.forms.promotions import KINDS
from dianke.promotions.models import Coupon, CouponKind, Promotion
from dianke.promotions.rules.terms import KINDS as ENGINE_KINDS
from dianke.promotions.tests.counter import FULL_300, Counter
from dianke.promotions.views.listings import end_text

pytestmark = pytest.mark.django_db
BEGIN = "2026-01-01T00:00"


@pytest.fixture
def goods(counter: Counter) -> dict[str, Any]:
    """Two products with one article each, in a category."""
    unit = Unit.objects.filter(kind="COUNT").first() or Unit.objects.create(code="PC", name="件")
    category = Category.objects.create(name="配饰")
    made = {}
    for code, name in (("WJ1", "羊绒围巾"), ("ST1", "羊皮手套")):
        product = Product.objects.create(
            name=name,
            code=code,
            unit=unit,
            category=category,
            created_at=counter.now,
            changed_at=counter.now,
        )
        made[code] = Variant.objects.create(product=product, code=code)
    return made | {"category": category}


FIELDS: dict[str, dict[str, Any]] = {
    "LADDER": {"measure": "AMOUNT", "full_1": "300", "off_1": "40", "full_2": "500", "pays_2": "80"},
    "PERCENT_OFF": {"pays_bp": "80"},
    "MONEY_OFF": {"off_amount": "20"},
    "FIXED_PRICE": {"amount": "99.90", "max_pieces": "2"},
    "NTH_PIECE": {"nth": "2", "pays_bp": "50", "alike": "PRODUCT"},
    "BUY_GET": {"buy": "2", "get": "1", "alike": "SET"},
    "BUNDLE": {"amount": "199", "part_1": "WJ1", "count_1": "1", "part_2": "ST1", "count_2": "1"},
    "EVERY_FULL": {"measure": "AMOUNT", "full": "200", "off_amount": "20"},
    "GIFT": {"measure": "AMOUNT", "full_1": "500", "gift_1": "ST1", "pick_1": "1"},
    "FREE_DELIVERY": {"full": "99"},
}
COUPON_FIELDS: dict[str, dict[str, Any]] = {
    "CASH": {"amount": "20", "threshold_amount": "100"},
    "PERCENT": {"pays_bp": "90", "max_amount": "50"},
    "GIFT": {"gift_codes": "ST1", "pick": "1"},
    "EXCHANGE": {"pieces": "1", "codes": "WJ1"},
    "FREE_DELIVERY": {},
}


def test_the_forms_offer_every_kind_the_engine_knows():
    assert {code for code, *_rest in KINDS} == set(ENGINE_KINDS) == set(FIELDS)
    assert {code for code, *_rest in COUPON_KINDS} == set(COUPON_FIELDS)


@pytest.mark.parametrize("kind", FIELDS)
def test_a_promotion_of_each_kind_is_made_and_changed_in_the_form(kind, signed_in, counter, goods):
    owner = signed_in("owner")
    url = f"{reverse('promotions:promotion-new')}?kind={kind}"
    assert owner.get(url).status_code == 200
    body = {"name": f"活动{kind}", "starts_at": BEGIN, "exclusion": "NONE", **FIELDS[kind]}
    answer = owner.post(url, body)
    assert answer.status_code in (302, 303), answer.context["form"].errors
    made = Promotion.objects.get()
    assert made.kind == kind
    edit = reverse("promotions:promotion-edit", args=[made.pk])
    form = owner.get(edit).context["form"]
    again = {name: form[name].value() for name in form.fields}
    again = {name: value for name, value in again.items() if value not in (None, False)}
    again |= {"starts_at": BEGIN, "name": "改名"}
    before = made.terms
    answer = owner.post(edit, again)
    assert answer.status_code in (302, 303), answer.context["form"].errors
    made.refresh_from_db()
    assert made.name == "改名"
    assert {**made.terms, "name": ""} == {**before, "name": ""}
    page = owner.get(reverse("promotions:promotion", args=[made.pk]))
    assert page.status_code == 200
    assert page.context["sentence"]


@pytest.mark.parametrize("kind", COUPON_FIELDS)
def test_a_kind_of_coupon_of_each_sort_is_made_and_changed_in_the_form(kind, signed_in, counter, goods):
    owner = signed_in("owner")
    url = f"{reverse('promotions:kind-new')}?kind={kind}"
    assert owner.get(url).status_code == 200
    more = {"valid_days": "30", "validity": "AFTER_CLAIM", "giving": "ISSUERS", "joins_promotions": "on"}
    answer = owner.post(url, {"name": f"券{kind}", **more, **COUPON_FIELDS[kind]})
    assert answer.status_code in (302, 303), answer.context["form"].errors
    made = CouponKind.objects.get()
    edit = reverse("promotions:kind-edit", args=[made.pk])
    form = owner.get(edit).context["form"]
    again = {name: form[name].value() for name in form.fields}
    again = {name: value for name, value in again.items() if value not in (None, False)} | {
        "note": "仅限本人"
    }
    before = made.terms
    answer = owner.post(edit, again)
    assert answer.status_code in (302, 303), answer.context["form"].errors
    made.refresh_from_db()
    assert (made.note, made.terms, made.version) == ("仅限本人", before, 1)
    assert owner.get(reverse("promotions:kind", args=[made.pk])).context["sentence"]


def test_the_sentence_follows_what_is_typed(signed_in, counter, goods):
    owner = signed_in("owner")
    url = reverse("promotions:promotion-sentence", args=["LADDER"])
    body = {**FIELDS["LADDER"], "weekdays": ["6", "7"], "stores": [str(counter.cast.lake.pk)]}
    said = owner.post(url, body, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "300" in said
    assert "西湖" in said
    empty = owner.post(url, {"measure": "AMOUNT"})
    assert empty.status_code == 200
    wrong = owner.post(url, {"measure": "AMOUNT", "full_1": "300"})
    assert wrong.status_code == 200
    assert Promotion.objects.count() == 0


def test_a_wrong_entry_stands_at_its_field(signed_in, counter):
    owner = signed_in("owner")
    url = f"{reverse('promotions:promotion-new')}?kind=LADDER"
    body = {"name": "满减", "starts_at": BEGIN, "exclusion": "NONE", "measure": "AMOUNT"}
    answer = owner.post(url, body | {"full_1": "300", "off_1": "40", "full_2": "200", "off_2": "80"})
    assert answer.status_code == 422
    assert "full_1" in answer.context["form"].errors
    answer = owner.post(url, body | {"full_1": "300", "off_1": "40", "codes": "NOSUCH"})
    assert "codes" in answer.context["form"].errors


def test_a_promotion_is_started_paused_copied_and_ended_by_its_page(signed_in, counter):
    owner, promotion = signed_in("owner"), counter.draft()
    for act, state in (("start", "RUNNING"), ("pause", "PAUSED"), ("start", "RUNNING"), ("end", "ENDED")):
        assert owner.post(reverse(f"promotions:promotion-{act}", args=[promotion.pk])).status_code in (
            302,
            303,
        )
        promotion.refresh_from_db()
        assert promotion.state == state
    assert owner.post(reverse("promotions:promotion-copy", args=[promotion.pk])).status_code in (302, 303)
    assert Promotion.objects.filter(state="DRAFT").count() == 1
    history = owner.get(reverse("promotions:promotion-history", args=[promotion.pk]))
    assert len(history.context["entries"]) == 6


def test_a_clerk_sees_offers_and_changes_none(signed_in, counter):
    clerk, promotion, kind = signed_in("clerk"), counter.promotion(), counter.kind()
    for name, args in (("promotions", []), ("promotion", [promotion.pk]), ("kinds", []), ("kind", [kind.pk])):
        page = clerk.get(reverse(f"promotions:{name}", args=args))
        assert page.status_code == 200
    for name, args in (("promotion-edit", [promotion.pk]), ("kind-new", []), ("kind-print", [kind.pk])):
        assert clerk.get(reverse(f"promotions:{name}", args=args)).status_code == 403
    assert clerk.post(reverse("promotions:promotion-end", args=[promotion.pk])).status_code == 403


def test_lists_need_the_same_statements_for_one_and_for_many(
    signed_in, counter, django_assert_max_num_queries
):
    owner, lake = signed_in("owner"), counter.cast.lake.pk
    for n in range(8):
        counter.promotion(name=f"满减{n}", terms=FULL_300 | {"audience": {"store_ids": [lake]}})
        counter.coupon(counter.kind(name=f"券{n}"))
    for name in ("promotions", "kinds", "coupons", "codes"):
        with django_assert_max_num_queries(20):
            assert owner.get(reverse(f"promotions:{name}")).status_code == 200


def test_lists_are_searched_and_filtered(signed_in, counter):
    owner = signed_in("owner")
    counter.promotion(name="双十一满减")
    counter.draft(name="元旦")
    coupon = counter.coupon()
    counter.coupon(of=counter.ming)

    def rows(name: str, query: str) -> int:
        page = owner.get(f"{reverse(f'promotions:{name}')}?{query}")
        return len(page.context["rows"])

    assert rows("promotions", "") == 2
    assert rows("promotions", "q=shuang") == 1
    assert rows("promotions", "state=DRAFT") == 1
    assert rows("kinds", "q=满100") == 2
    assert rows("coupons", f"q={coupon.code}") == 1
    assert rows("coupons", "q=苏芳") == 1
    assert rows("coupons", f"q={counter.ming.member_number}") == 1
    assert rows("coupons", "state=USED") == 0


# --- coupons ---------------------------------------------------------------------------------------------------------
def test_coupons_are_given_to_numbers_tags_and_one_customer(signed_in, counter):
    from dianke.customers.models import Tag, Tagging

    manager, kind = signed_in("manager"), counter.kind()
    url = reverse("promotions:give")
    usual = {"kind": kind.pk, "each": "1", "reason": "开业"}
    assert manager.post(url, usual).status_code == 422
    numbers = f"{counter.fang.member_number} {counter.ming.member_number}"
    assert manager.post(url, usual | {"numbers": numbers}).status_code in (302, 303)
    assert Coupon.objects.count() == 2
    wrong = manager.post(url, usual | {"numbers": "NOBODY"})
    assert "numbers" in wrong.context["form"].errors
    tag = Tag.objects.create(name="老顾客")
    Tagging.objects.create(customer=counter.fang, tag=tag, since=counter.now)
    assert manager.post(url, usual | {"tag": tag.pk}).status_code in (302, 303)
    assert manager.post(f"{url}?customer={counter.ming.pk}", usual).status_code in (302, 303)
    assert Coupon.objects.filter(customer=counter.fang).count() == 2
    assert Coupon.objects.filter(customer=counter.ming).count() == 2


def test_a_clerk_gives_only_what_everybody_may_give(signed_in, counter):
    clerk = signed_in("clerk")
    kind, free = counter.kind(), counter.kind(name="安抚券", giving="STAFF")
    url = f"{reverse('promotions:give')}?customer={counter.fang.pk}"
    assert clerk.post(url, {"kind": kind.pk, "each": "1"}).status_code == 422
    assert clerk.post(url, {"kind": free.pk, "each": "1"}).status_code in (302, 303)


def test_a_coupon_is_looked_up_by_its_code(signed_in, counter):
    clerk, coupon = signed_in("clerk"), counter.coupon()
    url = reverse("promotions:lookup")
    assert clerk.get(url).status_code == 200
    assert clerk.get(f"{url}?code={coupon.code}").context["held"].usable
    assert clerk.get(f"{url}?code=WRONG").context["problem"]
    elsewhere = signed_in("southerner").get(f"{url}?code={coupon.code}")
    assert "苏芳" not in elsewhere.content.decode()


def test_a_page_of_a_coupon_tells_its_way_and_it_is_revoked_with_a_reason(signed_in, counter):
    manager, coupon = signed_in("manager"), counter.coupon()
    page = manager.get(reverse("promotions:coupon", args=[coupon.pk]))
    assert [entry.title for entry in page.context["entries"]]
    url = reverse("promotions:revoke")
    assert manager.get(f"{url}?ids={coupon.pk}").status_code == 200
    asked = manager.post(url, {"ids": [coupon.pk]})
    assert asked.status_code == 200
    assert manager.post(url, {"ids": str(coupon.pk), "reason": "发错了"}).status_code in (302, 303)
    coupon.refresh_from_db()
    assert coupon.state == "REVOKED"


def test_codes_are_made_to_be_printed(signed_in, counter):
    manager, kind = signed_in("manager"), counter.kind()
    url = reverse("promotions:kind-print", args=[kind.pk])
    form = manager.get(url).context["form"]
    body = {"name": "传单", "count": "3", "reference": form["reference"].value()}
    answer = manager.post(url, body)
    assert answer.status_code in (302, 303)
    manager.post(url, body)
    page = manager.get(answer["Location"])
    assert len(page.context["rows"]) == 3
    assert signed_in("clerk").get(reverse("promotions:codes")).status_code == 403


def test_the_page_of_a_customer_shows_coupons(signed_in, counter):
    counter.coupon()
    page = signed_in("manager").get(reverse("customers:dealings", args=[counter.fang.pk]))
    assert "满100减20" in page.content.decode()
    assert re.search(r"有效至 (\d{4}年)?\d+月\d+日", page.content.decode())


# --- the customer's phone --------------------------------------------------------------------------------------------
@pytest.fixture
def phone(counter: Counter) -> Client:
    """A phone where 苏芳 is signed in."""
    from dianke.customers.models import PortalSession
    from dianke.customers.queries.portal import token_hash
    from dianke.customers.views.phone import cookie_name

    now = timezone.now()
    PortalSession.objects.create(
        customer=counter.fang,
        token_hash=token_hash("secret"),
        created_at=now,
        last_used_at=now,
        expires_at=now + timezone.timedelta(days=30),
        device="iPhone",
    )
    client = Client()
    client.cookies[cookie_name()] = "secret"
    return client


def test_the_customer_sees_coupons_with_their_codes(phone, counter):
    coupon = counter.coupon(now=timezone.now())
    assert reverse("promotions:portal-coupons") in phone.get("/m/").content.decode()
    page = phone.get(reverse("promotions:portal-coupons"))
    assert page.context["section"]["held"][0]["id"] == coupon.pk
    assert "data:image/svg" in page.content.decode()


def test_the_customer_claims_what_is_offered_and_what_is_printed(phone, counter):
    kind = counter.kind(is_claimable=True, per_customer_limit=1)
    url = reverse("promotions:portal-claim")
    assert phone.post(url, {"kind": kind.pk}).status_code in (302, 303)
    assert phone.post(url, {"kind": kind.pk}).status_code == 409
    offered = counter.coupon(counter.kind(name="待领"), to_be_claimed=True)
    assert phone.post(url, {"coupon": offered.pk}).status_code in (302, 303)
    batch = operations.print_coupons(
        kind=counter.kind(name="传单券"),
        count=1,
        name="传单",
        reference="b",
        actor=counter.actor("manager"),
        now=counter.now,
    )
    code = batch.coupons.get().code
    assert phone.post(url, {"code": code.lower()}).status_code in (302, 303)
    assert phone.post(url, {"code": "ABCD"}).status_code == 422
    assert phone.post(url, {}).status_code == 422
    assert Coupon.objects.filter(customer=counter.fang, state="CLAIMED").count() == 3


def test_the_customer_does_not_claim_what_was_offered_to_somebody_else(phone, counter):
    other = counter.coupon(counter.kind(), counter.ming, to_be_claimed=True)
    assert phone.post(reverse("promotions:portal-claim"), {"coupon": other.pk}).status_code == 404
    assert customer_actor(counter.fang, request_id="").can("promotions.view_promotions") is False


def test_nobody_claims_without_a_session(counter):
    answer = Client().post(reverse("promotions:portal-claim"), {"kind": 1})
    assert answer.status_code in (302, 303)
    assert "sign-in" in answer["Location"]


def test_what_ends_at_midnight_is_said_to_hold_to_the_end_of_the_day_before():
    zone = ZoneInfo("Asia/Shanghai")
    with timezone.override(zone), override("zh-hans"):
        assert end_text(datetime(2026, 12, 1, 0, 0, tzinfo=zone)) == "至 2026-11-30 当天"
        assert end_text(datetime(2026, 12, 1, 12, 30, tzinfo=zone)) == "2026-12-01 12:30"
        assert end_text(None) == ""
