"""Who sees rows of a store: whoever may see orders there."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from dianke.core.actor import Actor

VIEW = "sales.view_orders"


class OfStoreQuerySet(models.QuerySet[Any]):
    """For rows with a `store`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Rows of the stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store__in=reached)


class OfOrderQuerySet(models.QuerySet[Any]):
    """For rows with an `order`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Rows of orders of the stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(order__store__in=reached)
