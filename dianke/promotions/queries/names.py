"""Names of what offers mention, gathered for a whole list at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import pgettext

from dianke.catalog.models import Brand, Category, Product, Variant
from dianke.promotions.queries.segments import segments
from dianke.promotions.rules.terms import CouponTerms, Promotion
from dianke.promotions.rules.wording import Names, coupon_text, promotion_text
from dianke.stores.models import Store

#: Where a sale comes from, as `sales` names it.
CHANNELS = ("TILL", "BACK_OFFICE", "QUOTE", "PORTAL", "API")


def channel_names() -> dict[str, str]:
    """Code of a channel to its name."""
    return {
        "TILL": pgettext("channel of a sale", "Till"),
        "BACK_OFFICE": pgettext("channel of a sale", "Back office"),
        "QUOTE": pgettext("channel of a sale", "Quote"),
        "PORTAL": pgettext("channel of a sale", "Customer's phone"),
        "API": pgettext("channel of a sale", "Interface"),
    }


def names_for(terms: Iterable[Mapping[str, Any]], *, for_customers: bool = False) -> Names:
    """Names of everything these terms (as kept) mention: at most six statements, however many. `for_customers`: without
    what the shop calls the groups it puts them in."""
    nouns = ("store", "category", "brand", "product", "variant", "segment")
    found: dict[str, set[int]] = {key: set() for key in nouns}
    for each in terms:
        _gather(each, found)
    return Names(
        stores=dict(Store.objects.filter(pk__in=found["store"]).values_list("pk", "short_name")),
        categories=dict(Category.objects.filter(pk__in=found["category"]).values_list("pk", "name")),
        brands=dict(Brand.objects.filter(pk__in=found["brand"]).values_list("pk", "name")),
        products=dict(Product.objects.filter(pk__in=found["product"]).values_list("pk", "name")),
        variants={
            row.pk: str(row)
            for row in Variant.objects.filter(pk__in=found["variant"]).select_related("product")
        },
        channels=channel_names(),
        segments=segments().names(found["segment"]) if found["segment"] and not for_customers else {},
    )


def _gather(value: Any, found: dict[str, set[int]]) -> None:
    """Ids by the names of their entries: `category_ids`, `excluded_category_ids`, `variant_id`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            noun = str(key).removeprefix("excluded_").removesuffix("s").removesuffix("_id")
            if noun in found and isinstance(inner, int):
                found[noun].add(inner)
            elif noun in found and isinstance(inner, list):
                found[noun].update(inner)
            else:
                _gather(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _gather(inner, found)


def promotion_sentence(
    terms: Mapping[str, Any], names: Names | None = None, *, per_customer: int | None = None
) -> str:
    """What a promotion with these terms (as kept) does."""
    read = Promotion.read({**terms, "id": 0})
    return promotion_text(read, names or names_for([terms]), per_customer=per_customer)


def coupon_sentence(terms: Mapping[str, Any], names: Names | None = None) -> str:
    """What a coupon with these terms (as kept) gives."""
    read = CouponTerms.read({**terms, "kind_id": 0})
    return coupon_text(read, names or names_for([terms]))
