"""Made to order: groups of options, the options, and the rules between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import ConfigurationChoice, ConfigurationGroup, ConfigurationRule, Product
from dianke.catalog.operations.locking import lock_product, touch
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged

MANAGE = "catalog.manage_products"
GROUP_FIELDS = frozenset({"name", "min_choices", "max_choices", "position"})
CHOICE_FIELDS = frozenset(
    {
        "name",
        "price_delta_amount",
        "extra_lead_days",
        "variant",
        "quantity",
        "position",
        "is_active",
    }
)


class NotMadeToOrder(InvalidInput):
    code = "not_made_to_order"
    message = _("“%(name)s” is not made to order, so there is nothing to choose.")


class OptionNameTaken(Conflict):
    code = "option_name_taken"
    message = _("There is “%(name)s” here already. Choose another name.")
    default_field = "name"


class OptionNameMissing(InvalidInput):
    code = "option_name_missing"
    message = _("Give it a name customers understand.")
    default_field = "name"


class ChoiceCountsWrong(InvalidInput):
    code = "choice_counts_wrong"
    message = _("At most must be one or more, and not less than at least.")
    default_field = "max_choices"


class OptionUseWrong(InvalidInput):
    code = "option_use_wrong"
    message = _(
        "What an option uses up is goods with a quantity above zero; leave both empty or fill in both."
    )
    default_field = "quantity"


class RuleOutside(InvalidInput):
    code = "rule_outside"
    message = _("A rule stands between two different options of this product.")
    default_field = "rules"


class RuleTwice(InvalidInput):
    code = "rule_twice"
    message = _("“%(one)s” and “%(other)s” stand in two rules. Keep one of them.")
    default_field = "rules"


def _check_counts(group: ConfigurationGroup) -> None:
    least, most = group.min_choices, group.max_choices
    if least < 0 or (most is not None and (most < 1 or most < least)):
        raise ChoiceCountsWrong()


def _check_use(choice: ConfigurationChoice) -> None:
    uses = choice.variant is not None
    if uses != (choice.quantity is not None) or (choice.quantity is not None and choice.quantity <= 0):
        raise OptionUseWrong()
    if choice.variant is not None and not choice.variant.product.is_stocked:
        raise OptionUseWrong()


def _name(values: Mapping[str, Any]) -> str:
    name = " ".join(str(values.get("name", "")).split())
    if not name:
        raise OptionNameMissing()
    return name


@operation(MANAGE)
def add_group(
    *, product: Product, values: Mapping[str, Any], actor: Actor, now: datetime
) -> ConfigurationGroup:
    """A group of options: `name`, `min_choices`, `max_choices` (None: any number). Raises `NotMadeToOrder`,
    `OptionNameTaken`, `ChoiceCountsWrong`."""
    if product.kind != Product.Kind.MADE_TO_ORDER:
        raise NotMadeToOrder(name=product.name)
    product = lock_product(product.pk)
    given = {name: value for name, value in values.items() if name in GROUP_FIELDS} | {"name": _name(values)}
    if product.groups.filter(name=given["name"]).exists():
        raise OptionNameTaken(name=given["name"])
    given.setdefault("position", product.groups.count())
    group = ConfigurationGroup(product=product, **given)
    _check_counts(group)
    group.save(force_insert=True)
    touch(product, now)
    record(
        "catalog.option_group_added", product, also=[group], actor=actor, now=now, data={"name": group.name}
    )
    return group


@operation(MANAGE)
def change_group(
    *, group: ConfigurationGroup, values: Mapping[str, Any], actor: Actor, now: datetime
) -> ConfigurationGroup:
    """Change what is named."""
    product = lock_product(group.product_id)
    group = ConfigurationGroup.objects.select_for_update().get(pk=group.pk)
    given = {name: value for name, value in values.items() if name in GROUP_FIELDS}
    if "name" in given:
        given["name"] = _name(given)
        if product.groups.filter(name=given["name"]).exclude(pk=group.pk).exists():
            raise OptionNameTaken(name=given["name"])
    looked_at = ConfigurationGroup(**{name: given.get(name, getattr(group, name)) for name in GROUP_FIELDS})
    _check_counts(looked_at)
    changes = apply_changes(group, given)
    if not changes:
        unchanged()
        return group
    touch(product, now)
    data = {"name": group.name, "changes": changes}
    record("catalog.option_group_changed", product, also=[group], actor=actor, now=now, data=data)
    return group


@operation(MANAGE)
def add_choice(
    *, group: ConfigurationGroup, values: Mapping[str, Any], actor: Actor, now: datetime
) -> ConfigurationChoice:
    """An option of a group: `name`, `price_delta_amount` (minor units, may be below zero), `extra_lead_days`, and what
    it uses up (`variant`, `quantity`). Raises `OptionNameTaken`, `OptionUseWrong`."""
    product = lock_product(group.product_id)
    given = {name: value for name, value in values.items() if name in CHOICE_FIELDS} | {"name": _name(values)}
    if group.choices.filter(name=given["name"]).exists():
        raise OptionNameTaken(name=given["name"])
    given.setdefault("position", group.choices.count())
    choice = ConfigurationChoice(group=group, **given)
    _check_use(choice)
    choice.save(force_insert=True)
    touch(product, now)
    data = {"name": choice.name, "group": group.name}
    record("catalog.option_added", product, also=[choice], actor=actor, now=now, data=data)
    return choice


@operation(MANAGE)
def change_choice(
    *, choice: ConfigurationChoice, values: Mapping[str, Any], actor: Actor, now: datetime
) -> ConfigurationChoice:
    """Change what is named; `is_active` False offers it no more (orders keep it)."""
    product = lock_product(choice.group.product_id)
    choice = (
        ConfigurationChoice.objects.select_for_update(of=("self",))
        .select_related("group", "variant__product")
        .get(pk=choice.pk)
    )
    given = {name: value for name, value in values.items() if name in CHOICE_FIELDS}
    if "name" in given:
        given["name"] = _name(given)
        if choice.group.choices.filter(name=given["name"]).exclude(pk=choice.pk).exists():
            raise OptionNameTaken(name=given["name"])
    looked_at = ConfigurationChoice(
        **{name: given.get(name, getattr(choice, name)) for name in CHOICE_FIELDS}
    )
    _check_use(looked_at)
    changes = apply_changes(choice, given)
    if not changes:
        unchanged()
        return choice
    touch(product, now)
    data = {"name": choice.name, "changes": changes}
    record("catalog.option_changed", product, also=[choice], actor=actor, now=now, data=data)
    return choice


Rule = tuple[ConfigurationChoice, str, ConfigurationChoice]


@operation(MANAGE)
def set_rules(
    *, product: Product, rules: Sequence[Rule], actor: Actor, now: datetime
) -> list[ConfigurationRule]:
    """All rules between the options of a product: (choice, REQUIRES or EXCLUDES, other). Raises `RuleOutside`,
    `RuleTwice`."""
    product = lock_product(product.pk)
    seen: set[tuple[int, int]] = set()
    for choice, kind, other in rules:
        of = {choice.group.product_id, other.group.product_id}
        if of != {product.pk} or choice.pk == other.pk or kind not in ConfigurationRule.Kind.values:
            raise RuleOutside()
        if (choice.pk, other.pk) in seen:
            raise RuleTwice(one=choice.name, other=other.name)
        seen.add((choice.pk, other.pk))
    held = ConfigurationRule.objects.filter(choice__group__product=product)
    before = sorted(held.values_list("choice_id", "kind", "other_id"))
    after = sorted((choice.pk, kind, other.pk) for choice, kind, other in rules)
    if before == after:
        unchanged()
        return list(held)
    touch(product, now)
    held.delete()
    made = ConfigurationRule.objects.bulk_create(
        ConfigurationRule(choice=choice, kind=kind, other=other) for choice, kind, other in rules
    )
    changes = {"rules": [[list(rule) for rule in before], [list(rule) for rule in after]]}
    record("catalog.option_rules_set", product, actor=actor, now=now, data={"changes": changes})
    return made
