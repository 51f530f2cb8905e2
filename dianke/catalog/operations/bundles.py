"""What is in a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import BundleItem, Product, Variant
from dianke.catalog.operations.locking import lock_product, touch
from dianke.catalog.operations.service_details import Part, check_parts, told
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, step, unchanged

MANAGE = "catalog.manage_products"
MOST_PARTS = 50


class NotABundle(InvalidInput):
    code = "not_a_bundle"
    message = _("“%(name)s” is not a bundle, so nothing is in it.")


class BundleEmpty(InvalidInput):
    code = "bundle_empty"
    message = _("A bundle holds at least one part and at most %(limit)s.")
    default_field = "items"


class BundleInBundle(InvalidInput):
    code = "bundle_in_bundle"
    message = _("“%(name)s” is a bundle itself. Put its parts in instead.")
    default_field = "items"


class WeightsEmpty(InvalidInput):
    code = "bundle_weights_empty"
    message = _("At least one part needs a share of the price above zero.")
    default_field = "items"


def check_content(bundle: Variant, parts: Sequence[Part]) -> None:
    """Raises what `set_bundle` raises."""
    if bundle.product.kind != Product.Kind.BUNDLE:
        raise NotABundle(name=bundle.product.name)
    if not 0 < len(parts) <= MOST_PARTS:
        raise BundleEmpty(limit=MOST_PARTS)
    check_parts(parts, field="items")
    for part in parts:
        if part.variant.product.kind == Product.Kind.BUNDLE:
            raise BundleInBundle(name=str(part.variant))
    if any(part.weight < 0 for part in parts) or not any(part.weight for part in parts):
        raise WeightsEmpty()


@step
def write_content(*, bundle: Variant, parts: Sequence[Part]) -> list[BundleItem]:
    """The rows of a bundle that has none."""
    check_content(bundle, parts)
    return BundleItem.objects.bulk_create(
        BundleItem(
            bundle=bundle,
            variant=part.variant,
            quantity=part.quantity,
            weight=part.weight,
            position=position,
        )
        for position, part in enumerate(parts)
    )


@operation(MANAGE)
def set_bundle(*, bundle: Variant, parts: Sequence[Part], actor: Actor, now: datetime) -> list[BundleItem]:
    """The whole content of a bundle in its order. Raises `NotABundle`, `BundleEmpty`, `BundleInBundle`, `WeightsEmpty`,
    `PartTwice`, `PartQuantityWrong`."""
    check_content(bundle, parts)
    product = lock_product(bundle.product_id)
    held = bundle.bundle_items.select_related("variant")
    before = [Part(row.variant, row.quantity, row.weight) for row in held]
    if told(before) == told(parts):
        unchanged()
        return list(held)
    touch(product, now)
    bundle.bundle_items.all().delete()
    made = write_content(bundle=bundle, parts=parts)
    changes = {"items": [told(before), told(parts)]}
    record("catalog.bundle_set", bundle, also=[product], actor=actor, now=now, data={"changes": changes})
    return made
