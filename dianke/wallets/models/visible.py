"""Rows that belong to customers are seen by who may see the customer and prepaid value."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from dianke.core.actor import Actor
from dianke.customers.models import Customer

VIEW = "wallets.view_wallets"


class OfCustomerQuerySet(models.QuerySet[Any]):
    """`customer_path` leads from the row to its customer."""

    customer_path = "customer"

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Those of customers the actor's grants of the permission reach."""
        if actor.is_system:
            return self
        if not actor.can(permission):
            return self.none()
        reached = Customer.objects.visible_to(actor, permission)
        return self.filter(**{f"{self.customer_path}__in": reached.values("pk")})


class OfWalletQuerySet(OfCustomerQuerySet):
    """Rows below a wallet."""

    customer_path = "wallet__customer"


class OfCardQuerySet(OfCustomerQuerySet):
    """Rows below a session card."""

    customer_path = "card__customer"


class OfEitherQuerySet(models.QuerySet[Any]):
    """Rows about a wallet or a card."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Those of customers the actor's grants of the permission reach."""
        if actor.is_system:
            return self
        if not actor.can(permission):
            return self.none()
        reached = Customer.objects.visible_to(actor, permission).values("pk")
        return self.filter(Q(wallet__customer__in=reached) | Q(card__customer__in=reached))


class SharedQuerySet(models.QuerySet[Any]):
    """What the merchant set up: seen by whoever works with prepaid value."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """All, or none."""
        return self if actor.can(permission) else self.none()
