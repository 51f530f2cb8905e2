"""Small reads rooms and pages share: the tree of categories with names, tax rates, what a configuration comes to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from dianke.catalog.models import Category, ConfigurationChoice, ConfigurationRule, Product, TaxRate
from dianke.catalog.rules import configuring


@dataclass(frozen=True, slots=True)
class Branch:
    """A category in the tree with the names from the top: "珠宝 / 戒指"."""

    category: Category
    full_name: str
    level: int


def category_tree(*, is_whole: bool = False) -> list[Branch]:
    """Every category in use (with `is_whole` those put away as well), parents before what is inside them, siblings in
    their order. One query; the tree is small."""
    rows = Category.objects.all() if is_whole else Category.objects.in_use()
    inside: dict[int | None, list[Category]] = {}
    for category in rows.order_by("position", "pk"):
        inside.setdefault(category.parent_id, []).append(category)
    found: list[Branch] = []

    def walk(parent_id: int | None, above: str) -> None:
        for category in inside.get(parent_id, ()):
            name = f"{above} / {category.name}" if above else category.name
            found.append(Branch(category, name, category.level))
            walk(category.pk, name)

    walk(None, "")
    return found


def category_names(category_ids: Iterable[int]) -> dict[int, str]:
    """The full names of these categories. Two queries at most."""
    rows = {row.pk: row for row in Category.objects.filter(pk__in=set(category_ids))}
    above = {pk for row in rows.values() for pk in row.path}
    names = dict(Category.objects.filter(pk__in=above).values_list("pk", "name"))
    return {
        pk: " / ".join([*(names[above_id] for above_id in row.path), row.name]) for pk, row in rows.items()
    }


def tax_rates_on(day: date, tax_class_ids: Collection[int]) -> dict[int, int]:
    """The rate in basis points of each class on a day; a class without a rate by then is left out. One query."""
    rows = TaxRate.objects.filter(tax_class_id__in=tax_class_ids, from_date__lte=day)
    newest = rows.order_by("tax_class_id", "-from_date").distinct("tax_class_id")
    return dict(newest.values_list("tax_class_id", "rate_bp"))


def configured(product: Product, base_amount: int, chosen: Iterable[int]) -> configuring.Configured:
    """Check a choice of options of a product made to order: price, days, problems. Three queries."""
    groups = list(product.groups.order_by("position", "pk"))
    choices = ConfigurationChoice.objects.filter(group__product=product)
    rules = ConfigurationRule.objects.filter(choice__group__product=product)
    return configuring.configure(
        base_amount=base_amount,
        base_lead_days=product.lead_days,
        groups=[
            configuring.Group(group.pk, group.name, group.min_choices, group.max_choices, group.position)
            for group in groups
        ],
        choices=[
            configuring.Choice(
                choice.pk,
                choice.group_id,
                choice.name,
                choice.price_delta_amount,
                choice.extra_lead_days,
                choice.position,
                choice.is_active,
            )
            for choice in choices
        ],
        rules=[configuring.Rule(rule.choice_id, rule.kind, rule.other_id) for rule in rules],
        chosen=chosen,
    )
