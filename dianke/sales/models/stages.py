"""Stages of orders: the steps a trade takes an order through, the task each brings, and what must be done before."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.sales.models.orders import Order
from dianke.sales.models.visible import VIEW
from dianke.stores.models import Trade


class StageQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """The merchant's, whole, for who sees orders."""
        return self if actor.can(permission) else self.none()

    def in_use(self) -> Self:
        return self.filter(is_active=True)


class Stage(models.Model):
    """`order_state` is what the order is while in this stage; `task_title` the work that begins with it, due after
    `task_days`; `gate` what must hold before it is entered."""

    class Gate(models.TextChoices):
        NONE = "", pgettext_lazy("before a stage", "Nothing")
        DEPOSIT_PAID = "DEPOSIT_PAID", pgettext_lazy("before a stage", "Deposit is paid")
        BALANCE_PAID = "BALANCE_PAID", pgettext_lazy("before a stage", "Everything is paid")
        PREVIOUS_DONE = "PREVIOUS_DONE", pgettext_lazy("before a stage", "Work of the stage before is done")

    trade = models.CharField(_("trade"), max_length=16, choices=Trade.choices)
    code = models.CharField(_("code"), max_length=16)
    name = models.CharField(_("name"), max_length=40)
    position = models.PositiveSmallIntegerField()
    order_state = models.CharField(_("state of the order"), max_length=13, choices=Order.State.choices)
    gate = models.CharField(_("only when"), max_length=13, choices=Gate.choices, blank=True, default="")
    task_title = models.CharField(_("task"), max_length=80, blank=True)
    task_days = models.PositiveSmallIntegerField(_("due after days"), default=1)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["trade", "position", "id"]
        verbose_name = _("stage of orders")
        verbose_name_plural = _("stages of orders")
        constraints = [models.UniqueConstraint(fields=["trade", "code"], name="sales_stage_once")]

    def __str__(self) -> str:
        return self.name


class StageEntry(models.Model):
    """An order entered a stage; `task_id` is the work that began with it."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="stage_entries")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField(_("since"))
    left_at = models.DateTimeField(_("until"), null=True)
    task = models.ForeignKey("work.Task", models.SET_NULL, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("stage an order went through")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.stage_id}"
