"""Attributes in order: renamed where they are used, merged where imports made them twice, removed where nothing is."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dianke.catalog.models import Attribute, AttributeValue, ProductAttribute, Variant
from dianke.catalog.operations import attributes
from dianke.catalog.queries.search import find
from dianke.catalog.tests.goods import make_attribute, make_product
from dianke.core.actor import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(db, now):
    return {"actor": SYSTEM, "now": now}


def labels(product) -> list[str]:
    return list(product.variants.order_by("position", "pk").values_list("label", flat=True))


def url(name: str, *args: object) -> str:
    return reverse(f"catalog:{name}", args=args)


def test_a_value_is_renamed_wherever_it_stands(cast, now, who):
    colour, (red, _blue) = make_attribute(now, "颜色", "红瑟", "蓝")
    size, sizes = make_attribute(now, "尺码", "M", "L")
    shirt = make_product(now, "衬衫", axes=[(colour, [red, _blue]), (size, sizes)])
    other = make_product(now, "裤子", axes=[(size, sizes)])
    attributes.rename_attribute_value(value=red, name="红色", **who)
    assert labels(shirt) == ["红色 / M", "红色 / L", "蓝 / M", "蓝 / L"]
    assert labels(other) == ["M", "L"]
    assert {hit.variant.label for hit in find(SYSTEM, "衬衫 红色")} == {"红色 / M", "红色 / L"}
    with pytest.raises(attributes.ValueNameTaken):
        attributes.rename_attribute_value(value=red, name="蓝", **who)
    with pytest.raises(attributes.ValueNameMissing):
        attributes.rename_attribute_value(value=red, name="  ", **who)


def test_two_values_become_one(now, who):
    colour, (red, crimson, blue) = make_attribute(now, "颜色", "红", "红色", "蓝")
    shirt = make_product(now, "衬衫", axes=[(colour, [crimson, blue])])
    trousers = make_product(now, "裤子", axes=[(colour, [red])])
    attributes.merge_attribute_values(value=crimson, into=red, **who)
    assert labels(shirt) == ["红", "蓝"]
    assert labels(trousers) == ["红"]
    assert list(colour.values.values_list("name", flat=True)) == ["红", "蓝"]
    assert Variant.objects.filter(values=red).count() == 2


def test_values_a_product_has_both_of_stay_apart(now, who):
    colour, (red, crimson) = make_attribute(now, "颜色", "红", "红色")
    shirt = make_product(now, "衬衫", axes=[(colour, [red, crimson])])
    with pytest.raises(attributes.BothOnProduct, match="衬衫"):
        attributes.merge_attribute_values(value=crimson, into=red, **who)
    assert labels(shirt) == ["红", "红色"]
    assert colour.values.count() == 2
    _size, (medium,) = make_attribute(now, "尺码", "M")
    with pytest.raises(attributes.MergedIntoOther):
        attributes.merge_attribute_values(value=red, into=medium, **who)


def test_two_attributes_become_one_with_their_values(now, who):
    colour, (red, blue) = make_attribute(now, "颜色", "红", "蓝")
    shade, (red_too, green) = make_attribute(now, "色号", "红", "绿")
    shirt = make_product(now, "衬衫", axes=[(colour, [red, blue])])
    lipstick = make_product(now, "口红", axes=[(shade, [red_too, green])])
    attributes.merge_attributes(attribute=shade, into=colour, **who)
    assert list(Attribute.objects.values_list("name", flat=True)) == ["颜色"]
    assert list(colour.values.values_list("name", flat=True)) == ["红", "蓝", "绿"]
    assert labels(lipstick) == ["红", "绿"]
    assert Variant.objects.filter(values=red).count() == 2
    assert list(ProductAttribute.objects.values_list("product", flat=True)) == [shirt.pk, lipstick.pk]


def test_attributes_a_product_is_told_apart_by_stay_apart(now, who):
    colour, colours = make_attribute(now, "颜色", "红")
    size, sizes = make_attribute(now, "尺码", "M")
    make_product(now, "衬衫", axes=[(colour, colours), (size, sizes)])
    with pytest.raises(attributes.BothOnProduct, match="衬衫"):
        attributes.merge_attributes(attribute=size, into=colour, **who)
    with pytest.raises(attributes.MergedIntoOther):
        attributes.merge_attributes(attribute=size, into=size, **who)
    assert Attribute.objects.count() == 2


def test_only_what_nothing_uses_is_removed(now, who):
    colour, (red, blue) = make_attribute(now, "颜色", "红", "蓝")
    idle, _values = make_attribute(now, "香型", "茉莉")
    make_product(now, "衬衫", axes=[(colour, [red])])
    with pytest.raises(attributes.ValueInUse):
        attributes.remove_attribute_value(value=red, **who)
    with pytest.raises(attributes.AttributeInUse):
        attributes.remove_attribute(attribute=colour, **who)
    attributes.remove_attribute_value(value=blue, **who)
    attributes.remove_attribute(attribute=idle, **who)
    assert list(AttributeValue.objects.values_list("name", flat=True)) == ["红"]
    assert list(Attribute.objects.values_list("name", flat=True)) == ["颜色"]


def test_sizes_stand_in_the_order_a_shop_wants(now, who):
    size, (large, small, medium) = make_attribute(now, "尺码", "L", "S", "M")
    attributes.sort_attribute_values(attribute=size, order=[small.pk, medium.pk, large.pk], **who)
    assert list(size.values.values_list("name", flat=True)) == ["S", "M", "L"]
    with pytest.raises(attributes.SortNamesOtherValues):
        attributes.sort_attribute_values(attribute=size, order=[small.pk], **who)
    colour, _values = make_attribute(now, "颜色")
    attributes.sort_attributes(order=[colour.pk, size.pk], **who)
    assert list(Attribute.objects.values_list("name", flat=True)) == ["颜色", "尺码"]


# --- pages -----------------------------------------------------------------------------------------------------------
def test_the_pages_say_where_an_attribute_is_used_and_put_it_in_order(cast, now, signed_in):
    client = signed_in("manager")
    client.post(url("attribute-new"), {"name": "颜色", "values": "红 蓝，红"})
    colour = Attribute.objects.get()
    red, blue = colour.values.all()
    product = make_product(now, "衬衫", axes=[(colour, [red])])
    page = client.get(url("attribute", colour.pk)).content.decode()
    assert product.name in page
    assert url("attribute-value-removal", blue.pk) in page
    assert url("attribute-value-removal", red.pk) not in page
    assert url("attribute-removal", colour.pk) not in page
    assert "1 个商品" in client.get(url("attributes")).content.decode()
    client.post(url("attribute-values-new", colour.pk), {"values": "绿"})
    green = colour.values.get(name="绿")
    client.post(url("attribute-value-up", green.pk))
    assert list(colour.values.values_list("name", flat=True)) == ["红", "绿", "蓝"]
    client.post(url("attribute-value", red.pk), {"name": "大红"})
    assert labels(product) == ["大红"]
    assert client.post(url("attribute-value", red.pk), {"name": "绿"}).status_code == 422
    assert client.get(url("attribute-value-merge", blue.pk)).status_code == 200
    assert client.post(url("attribute-value-merge", blue.pk), {"into": ""}).status_code == 422
    client.post(url("attribute-value-merge", blue.pk), {"into": green.pk})
    client.post(url("attribute-value-removal", green.pk))
    assert list(colour.values.values_list("name", flat=True)) == ["大红"]
    client.post(url("attribute-new"), {"name": "色号"})
    shade = Attribute.objects.get(name="色号")
    client.post(url("attribute-rename", shade.pk), {"name": "色系"})
    client.post(url("attribute-up", shade.pk))
    assert list(Attribute.objects.values_list("name", flat=True)) == ["色系", "颜色"]
    assert client.get(url("attribute-merge", shade.pk)).status_code == 200
    client.post(url("attribute-merge", shade.pk), {"into": colour.pk})
    assert list(Attribute.objects.values_list("name", flat=True)) == ["颜色"]
    for name in ("attributes", "attribute-new"):
        assert signed_in("clerk").get(url(name)).status_code == 403


# --- programs --------------------------------------------------------------------------------------------------------
def test_a_program_puts_attributes_in_order(cast, now, api):
    made = api("manager", "POST", "/product-attributes", {"name": "颜色", "values": ["红", "红色", "蓝"]})[1]
    path, (red, crimson, blue) = f"/product-attributes/{made['id']}", made["values"]
    assert api("clerk", "PATCH", path, {"name": "色"})[0] == 403
    assert api("manager", "PATCH", path, {"name": "色"})[1]["name"] == "色"
    order = {"order": [blue["id"], red["id"], crimson["id"]]}
    assert [each["name"] for each in api("manager", "PUT", f"{path}/values/order", order)[1]["values"]] == [
        "蓝", "红", "红色",
    ]  # fmt: skip
    value = f"/product-attribute-values/{crimson['id']}"
    assert api("manager", "PATCH", value, {"name": "蓝"})[0] == 409
    assert api("manager", "PATCH", value, {"name": "绛"})[1]["name"] == "绛"
    assert api("manager", "POST", f"{value}/merge", {"into_id": red["id"]})[1]["name"] == "红"
    assert api("manager", "DELETE", f"/product-attribute-values/{blue['id']}")[0] == 204
    other = api("manager", "POST", "/product-attributes", {"name": "色号"})[1]
    both = {"order": [other["id"], made["id"]]}
    assert [each["name"] for each in api("manager", "PUT", "/product-attributes/order", both)[1]] == [
        "色号",
        "色",
    ]
    merged = api("manager", "POST", f"/product-attributes/{other['id']}/merge", {"into_id": made["id"]})
    assert (merged[0], merged[1]["id"]) == (200, made["id"])
    assert api("manager", "DELETE", path)[0] == 204
    assert not Attribute.objects.exists()
