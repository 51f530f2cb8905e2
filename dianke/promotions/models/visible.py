"""Who sees promotions and coupons: whoever may see them somewhere sees the merchant's offers, and the coupons of the
customers who are theirs to see."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from dianke.core.actor import Actor
from dianke.customers.models import Customer

VIEW = "promotions.view_promotions"
MANAGE = "promotions.manage_promotions"
ISSUE = "promotions.issue_coupons"


class OfferQuerySet(models.QuerySet[Any]):
    """For rows with `store_ids` (empty: every store)."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Offers of a store the actor reaches; those of every store, everybody with the permission."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        if not reached:
            return self.none()
        return self.filter(Q(store_ids=[]) | Q(store_ids__overlap=sorted(reached)))


class OfCustomerQuerySet(models.QuerySet[Any]):
    """For rows with a `customer` (None: whoever has the code)."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Rows of customers the actor may see, and those of nobody yet."""
        if actor.is_system:
            return self
        if not actor.can(permission):
            return self.none()
        seen = Customer.objects.visible_to(actor)
        if not seen.query.where:
            return self
        return self.filter(Q(customer=None) | Q(customer__in=seen.values("pk")))
