"""The calculator of something made to order: options as they are ticked, what they cost more and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import ConfigurationChoice, ConfigurationGroup, ConfigurationRule, Product, Variant
from dianke.catalog.rules.configuring import Choice, Group, Rule, configure
from dianke.catalog.views.day_prices import store_of
from dianke.catalog.views.goods import product_or_404, shown
from dianke.catalog.views.listings import MANAGE, VIEW, merchant_currency
from dianke.web.listing import as_id


def calculator(http: Request, product: Product, variants: Sequence[Variant], currency: str) -> dict[str, Any]:
    """The options with what is ticked in the query string, and what that makes."""
    groups = list(ConfigurationGroup.objects.filter(product=product))
    choices = list(
        ConfigurationChoice.objects.filter(group__product=product).select_related("variant__product")
    )
    rules = list(
        ConfigurationRule.objects.filter(choice__group__product=product).select_related("choice", "other")
    )
    sold = [variant for variant in variants if variant.is_active]
    chosen_variant = next(
        (each for each in sold if str(each.pk) == http.GET.get("variant")), sold[0] if sold else None
    )
    is_asked = "calculate" in http.GET
    chosen = {as_id(value) for value in http.GET.getlist("choice")} - {0}
    for group in groups:
        chosen |= {as_id(http.GET.get(f"group-{group.pk}", ""))} - {0}
    base = chosen_variant.price_amount if chosen_variant and chosen_variant.price_amount is not None else 0
    made = configure(
        base_amount=base,
        base_lead_days=product.lead_days,
        groups=[Group(g.pk, g.name, g.min_choices, g.max_choices, g.position) for g in groups],
        choices=[
            Choice(c.pk, c.group_id, c.name, c.price_delta_amount, c.extra_lead_days, c.position, c.is_active)
            for c in choices
        ],
        rules=[Rule(rule.choice_id, rule.kind, rule.other_id) for rule in rules],
        chosen=chosen,
    )
    return {
        "groups": [
            {
                "group": group,
                "is_single": group.max_choices == 1,
                "choices": [
                    {
                        "choice": choice,
                        "delta": _delta(choice.price_delta_amount, currency),
                        "is_chosen": choice.pk in chosen,
                    }
                    for choice in choices
                    if choice.group_id == group.pk
                ],
            }
            for group in groups
        ],
        "option_rules": rules,
        "sold_variants": sold,
        "chosen_variant": chosen_variant,
        "made": made,
        "is_asked": is_asked,
        "made_price": shown(made.price_amount, currency),
        "base_price": shown(base, currency),
    }


def _delta(minor: int, currency: str) -> str:
    if not minor:
        return ""
    return ("+" if minor > 0 else "−") + shown(abs(minor), currency)


@require_GET
@requires(VIEW)
def configuration(request: Request, pk: int) -> HttpResponse:
    """The calculator alone, as options are ticked."""
    product = product_or_404(request, pk)
    store = store_of(request)
    variants = list(product.variants.filter(is_active=True))
    currency = store.currency if store else merchant_currency()
    context = {"product": product, "can_manage": request.actor.can(MANAGE)}
    context |= calculator(request, product, variants, currency)
    return render(request, "catalog/product/calculator.html", context)
