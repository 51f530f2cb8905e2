"""The tree of categories: moved with its branch, sorted, merged."""

from __future__ import annotations

import pytest

from dianke.catalog.models import Brand, Category, Product
from dianke.catalog.operations import brands, categories
from dianke.catalog.queries.reading import category_names, category_tree
from dianke.catalog.rules.categories import CategoryInsideItself, CategoryTooDeep
from dianke.catalog.tests.goods import make_product
from dianke.core.actor import SYSTEM
from dianke.events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(now):
    return {"actor": SYSTEM, "now": now}


@pytest.fixture
def tree(who):
    """珠宝 > 戒指 > 对戒, 配饰."""
    jewelry = categories.add_category(name="珠宝", **who)
    rings = categories.add_category(name="戒指", parent=jewelry, **who)
    pairs = categories.add_category(name="对戒", parent=rings, **who)
    extras = categories.add_category(name="配饰", **who)
    return jewelry, rings, pairs, extras


def names() -> list[str]:
    return [branch.full_name for branch in category_tree()]


def test_a_branch_moves_with_everything_below_it(tree, who, now):
    _jewelry, rings, pairs, extras = tree
    product = make_product(now, "情侣对戒", category=pairs)
    categories.move_category(category=rings, parent=extras, **who)
    assert names() == ["珠宝", "配饰", "配饰 / 戒指", "配饰 / 戒指 / 对戒"]
    assert list(Product.objects.in_branch(extras.pk)) == [product]
    assert category_names([pairs.pk]) == {pairs.pk: "配饰 / 戒指 / 对戒"}
    categories.move_category(category=rings, parent=None, **who)
    assert Category.objects.get(pk=pairs.pk).path == [rings.pk]
    with pytest.raises(CategoryInsideItself):
        categories.move_category(category=rings, parent=pairs, **who)
    with pytest.raises(CategoryInsideItself):
        categories.move_category(category=rings, parent=rings, **who)


def test_the_tree_has_five_levels(who):
    parent = None
    for level in range(5):
        parent = categories.add_category(name=f"第{level}层", parent=parent, **who)
    with pytest.raises(CategoryTooDeep):
        categories.add_category(name="太深", parent=parent, **who)
    top = categories.add_category(name="顶", **who)
    with pytest.raises(CategoryTooDeep):
        categories.move_category(category=Category.objects.get(name="第0层"), parent=top, **who)


def test_a_name_stands_once_at_a_place(tree, who):
    jewelry, rings, _pairs, extras = tree
    with pytest.raises(categories.CategoryNameTaken):
        categories.add_category(name="戒指", parent=jewelry, **who)
    twin = categories.add_category(name="戒指", parent=extras, **who)
    with pytest.raises(categories.CategoryNameTaken):
        categories.move_category(category=twin, parent=jewelry, **who)
    with pytest.raises(categories.CategoryNameTaken):
        categories.rename_category(category=extras, name="珠宝", **who)
    with pytest.raises(categories.CategoryNameMissing):
        categories.rename_category(category=rings, name=" ", **who)


def test_categories_are_sorted_by_hand(tree, who):
    jewelry, _rings, _pairs, extras = tree
    categories.sort_categories(parent=None, order=[extras.pk, jewelry.pk], **who)
    assert names()[0] == "配饰"
    categories.sort_categories(parent=None, order=[extras.pk, jewelry.pk], **who)
    assert Event.objects.filter(kind="catalog.categories_sorted").count() == 1
    with pytest.raises(categories.SortNamesOthers):
        categories.sort_categories(parent=None, order=[extras.pk], **who)


def test_merging_joins_twins_and_leaves_no_chain(tree, who, now):
    jewelry, rings, pairs, extras = tree
    twin = categories.add_category(name="戒指", parent=extras, **who)
    old = categories.add_category(name="旧", **who)
    product = make_product(now, "素圈", category=twin)
    categories.merge_category(category=old, into=extras, **who)
    categories.merge_category(category=extras, into=jewelry, **who)
    product.refresh_from_db()
    assert product.category_id == rings.pk
    assert names() == ["珠宝", "珠宝 / 戒指", "珠宝 / 戒指 / 对戒"]
    gone = dict(Category.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))
    assert gone == {old.pk: jewelry.pk, extras.pk: jewelry.pk, twin.pk: rings.pk}
    with pytest.raises(categories.MergedIntoBranch):
        categories.merge_category(category=jewelry, into=pairs, **who)
    with pytest.raises(categories.CategoryGone):
        categories.add_category(name="新", parent=extras, **who)
    assert categories.add_category(name="配饰", **who).pk != extras.pk  # the name is free again


def test_brands_are_named_once_and_put_away(who):
    brand = brands.add_brand(name="周大生", aliases="CHOW TAI SENG", **who)
    with pytest.raises(brands.BrandNameTaken):
        brands.add_brand(name="周大生", **who)
    brands.change_brand(brand=brand, values={"is_archived": True}, **who)
    assert Brand.objects.get().archived_at == who["now"]
    brands.change_brand(brand=brand, values={"is_archived": False, "name": "周大福"}, **who)
    assert Brand.objects.get(search_words__found_by="zdf").archived_at is None
    with pytest.raises(brands.BrandNameMissing):
        brands.change_brand(brand=brand, values={"name": " "}, **who)
