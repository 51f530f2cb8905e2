"""One product is changed by one at a time; programs that follow the catalogue ask for what changed since."""

from __future__ import annotations

from datetime import datetime

from dianke.catalog.models import Product
from dianke.events.operations import step


@step
def lock_product(product_id: int) -> Product:
    """The product, and with it everything of it, until the end of the transaction."""
    product: Product = Product.objects.select_for_update().get(pk=product_id)
    return product


@step
def touch(product: Product, now: datetime) -> None:
    """Note that the product or something of it changed."""
    product.changed_at = now
    product.save(update_fields=["changed_at"])
