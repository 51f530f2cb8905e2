"""Services, bundles and made-to-order products over the API."""

from __future__ import annotations

from typing import get_args

import pytest

from dianke.catalog.api.recipe_schemas import OptionRuleKind
from dianke.catalog.models import BundleItem, ConfigurationRule, Consumable
from dianke.catalog.tests.goods import make_product, only_variant
from dianke.catalog.tests.shop_window import Window, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def window(cast) -> Window:
    return make_window(cast)


def test_a_service_says_how_long_it_takes_and_what_it_uses_up(window, api):
    path = f"/products/{window.facial.pk}/service"
    assert api("clerk", "GET", path)[1] == {
        "product_id": window.facial.pk, "duration_minutes": 60, "buffer_minutes": 10, "skill_ids": [],
    }  # fmt: skip
    assert api("clerk", "PUT", path, {"duration_minutes": 45})[0] == 403
    assert api("manager", "PUT", path, {"duration_minutes": 45})[1]["buffer_minutes"] == 0
    assert api("manager", "PUT", path, {"duration_minutes": 0})[0] == 422
    status, told = api("manager", "PUT", path, {"duration_minutes": 45, "skill_ids": [999_999]})
    assert (status, told["errors"][0]["field"]) == (422, "skill_ids")
    assert api("clerk", "GET", f"/products/{window.oil.pk}/service")[0] == 404
    facial, oil = only_variant(window.facial), only_variant(window.oil)
    path = f"/variants/{facial.pk}/consumables"
    assert api("clerk", "GET", path)[1] == [{"variant_id": oil.pk, "quantity": "0.0500"}]
    body = {"consumables": [{"variant_id": oil.pk, "quantity": "0.1"}]}
    assert api("manager", "PUT", path, body)[1][0]["quantity"] in ("0.1", "0.1000")
    assert api("manager", "PUT", path, {"consumables": body["consumables"] * 2})[0] == 422
    wrong = {"consumables": [{"variant_id": only_variant(window.gift).pk, "quantity": 1}]}
    assert api("manager", "PUT", path, wrong)[0] == 422
    assert api("manager", "PUT", path, {"consumables": []}) == (200, [])
    assert not Consumable.objects.exists()


def test_a_bundle_is_filled_as_a_whole(window, api, now):
    gift, oil = only_variant(window.gift), only_variant(window.oil)
    mask = only_variant(make_product(now, "面膜", price_amount=9_900))
    path = f"/variants/{gift.pk}/bundle"
    items = [{"variant_id": mask.pk, "quantity": 3, "weight": 2}, {"variant_id": oil.pk, "quantity": 1}]
    assert api("clerk", "PUT", path, {"items": items})[0] == 403
    assert [each["variant_id"] for each in api("manager", "PUT", path, {"items": items})[1]] == [
        mask.pk,
        oil.pk,
    ]
    assert [each["weight"] for each in api("clerk", "GET", path)[1]] == [2, 1]
    assert api("manager", "PUT", path, {"items": []})[0] == 422
    assert api("manager", "PUT", path, {"items": [{"variant_id": gift.pk, "quantity": 1}]})[0] == 422
    assert api("manager", "PUT", f"/variants/{oil.pk}/bundle", {"items": items[:1]})[0] == 422
    assert BundleItem.objects.filter(bundle=gift).count() == 2


def test_a_program_configures_a_sofa(window, api):
    path = f"/products/{window.sofa.pk}"
    shown = api("clerk", "GET", f"{path}/configuration")[1]
    cover, legs = shown["groups"]
    leather, linen = cover["options"]
    steel = legs["options"][0]
    assert (shown["lead_days"], cover["name"], legs["min_choices"]) == (30, "面料", 0)
    assert shown["rules"] == [{"option_id": leather["id"], "kind": "EXCLUDES", "other_id": steel["id"]}]
    asked = api("clerk", "POST", f"{path}/configuration/check", {"option_ids": [leather["id"]]})[1]
    assert (asked["is_valid"], asked["price_amount"], asked["lead_days"]) == (True, 1_080_000, 45)
    both = {"option_ids": [leather["id"], linen["id"], steel["id"], 999_999]}
    wrong = api("clerk", "POST", f"{path}/configuration/check", both)[1]
    assert not wrong["is_valid"]
    assert {each["code"] for each in wrong["problems"]} == {
        "too_many_choices", "choice_excludes", "unknown_choice",
    }  # fmt: skip
    assert all(each["text"] for each in wrong["problems"])


def test_groups_options_and_rules_are_made_and_changed(window, api):
    path, oil = f"/products/{window.sofa.pk}", only_variant(window.oil)
    assert api("clerk", "POST", f"{path}/option-groups", {"name": "扶手"})[0] == 403
    status, group = api("manager", "POST", f"{path}/option-groups", {"name": "扶手", "max_choices": None})
    assert (status, group["max_choices"], group["position"], group["options"]) == (201, None, 2, [])
    assert api("manager", "POST", f"{path}/option-groups", {"name": "扶手"})[0] == 409
    assert api("manager", "POST", f"/products/{window.oil.pk}/option-groups", {"name": "扶手"})[0] == 422
    body = {"name": "木", "price_delta_amount": -5_000, "variant_id": oil.pk, "quantity": "1.5"}
    status, wood = api("manager", "POST", f"/option-groups/{group['id']}/options", body)
    assert (status, wood["variant_id"], wood["price_delta_amount"]) == (201, oil.pk, -5_000)
    half = {"name": "铁", "variant_id": oil.pk}
    assert api("manager", "POST", f"/option-groups/{group['id']}/options", half)[0] == 422
    iron = api("manager", "POST", f"/option-groups/{group['id']}/options", {"name": "铁"})[1]
    changed = api("manager", "PATCH", f"/options/{wood['id']}", {"is_active": False, "extra_lead_days": 3})[1]
    assert (changed["is_active"], changed["extra_lead_days"], changed["name"]) == (False, 3, "木")
    assert api("manager", "PATCH", f"/option-groups/{group['id']}", {"min_choices": 2})[1]["min_choices"] == 2
    rule = {"option_id": wood["id"], "kind": "REQUIRES", "other_id": iron["id"]}
    assert api("manager", "PUT", f"{path}/configuration/rules", {"rules": [rule]})[1] == [rule]
    assert api("manager", "PUT", f"{path}/configuration/rules", {"rules": [rule, rule]})[0] == 422
    lost = rule | {"other_id": 999_999}
    assert api("manager", "PUT", f"{path}/configuration/rules", {"rules": [lost]})[0] == 422
    assert api("manager", "PUT", f"{path}/configuration/rules", {"rules": []}) == (200, [])


def test_the_words_of_the_api_are_those_of_the_tables():
    assert set(get_args(OptionRuleKind)) == set(ConfigurationRule.Kind.values)
