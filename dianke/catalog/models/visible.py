"""Who sees the catalogue: it is the merchant's, whole, for everybody who holds `catalog.view_products`."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from dianke.core.actor import Actor


class CatalogQuerySet(models.QuerySet[Any]):
    """Reads as `Variant.objects.visible_to(actor)`."""

    def visible_to(self, actor: Actor, permission: str = "catalog.view_products") -> Self:
        """All rows, or none."""
        return self if actor.can(permission) else self.none()
