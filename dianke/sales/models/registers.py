"""Shifts of a register and the cash in its drawer.

What the drawer should hold is never typed in: it is what the shift began with, the cash payments of the shift and the
movements written here. Counts, movements and openings without a sale are append-only. Amounts are minor units of the
store's currency, seen from the drawer: more is above zero.
"""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.ids import uuid7
from dianke.sales.models.visible import VIEW, OfStoreQuerySet

_USER = settings.AUTH_USER_MODEL


class OfShiftQuerySet(models.QuerySet[Any]):
    """For rows with a `shift`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Rows of shifts of the stores where the actor holds the permission."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(shift__store__in=reached)


class ShiftQuerySet(OfStoreQuerySet):
    def running(self) -> Self:
        """Open, or counted and not closed yet."""
        return self.filter(state__in=Shift.RUNNING)


class Shift(models.Model):
    """OPEN → COUNTED → CLOSED, or back to OPEN while it is only counted. A register has one that runs, at most.

    `carried_amount` was in the drawer by the books when it began, `float_amount` by counting. `expected_amount`,
    `counted_amount` and `left_amount` (what stays for the next one) are filled when it is closed.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("shift", "Open")
        COUNTED = "COUNTED", pgettext_lazy("shift", "Counted")
        CLOSED = "CLOSED", pgettext_lazy("shift", "Closed")

    RUNNING = (State.OPEN, State.COUNTED)

    uuid = models.UUIDField(default=uuid7, editable=False, unique=True)
    register = models.ForeignKey(
        "stores.Register", models.PROTECT, related_name="+", verbose_name=_("register"), db_index=False
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    legal_entity = models.ForeignKey("stores.LegalEntity", models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    business_date = models.DateField(_("business date"))
    opened_at = models.DateTimeField(pgettext_lazy("register", "opened"))
    opened_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by"), db_index=False
    )
    taken_over_from = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="handed_over_to", verbose_name=_("taken over from")
    )
    carried_amount = models.BigIntegerField(default=0)
    float_amount = models.BigIntegerField(pgettext_lazy("register", "float"))
    counted_at = models.DateTimeField(pgettext_lazy("register", "counted"), null=True)
    counted_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+", db_index=False)
    counted_amount = models.BigIntegerField(_("counted cash"), null=True)
    expected_amount = models.BigIntegerField(_("expected cash"), null=True)
    left_amount = models.BigIntegerField(_("left in the drawer"), null=True)
    closed_at = models.DateTimeField(pgettext_lazy("register", "closed"), null=True)
    closed_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by"), db_index=False
    )
    reason = models.CharField(_("why cash was over or short"), max_length=200, blank=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.UniqueConstraint(
                fields=["register"], condition=~Q(state="CLOSED"), name="sales_shift_one_runs"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "COUNTED", "CLOSED"]), name="sales_shift_state"
            ),
            models.CheckConstraint(
                condition=Q(float_amount__gte=0)
                & (Q(counted_amount=None) | Q(counted_amount__gte=0))
                & (Q(left_amount=None) | Q(left_amount__gte=0, left_amount__lte=F("counted_amount"))),
                name="sales_shift_amounts",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", counted_at=None, counted_amount=None)
                | (~Q(state="OPEN") & Q(counted_at__isnull=False, counted_amount__isnull=False)),
                name="sales_shift_counted",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="CLOSED",
                    closed_at__isnull=False,
                    expected_amount__isnull=False,
                    left_amount__isnull=False,
                )
                | (~Q(state="CLOSED") & Q(closed_at=None, expected_amount=None, left_amount=None)),
                name="sales_shift_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["register", "-opened_at", "-id"], name="sales_shift_of_register"),
            models.Index(fields=["store", "business_date"], name="sales_shift_of_day"),
            models.Index(fields=["store", "-opened_at", "-id"], name="sales_shift_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.business_date}"

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def difference_amount(self) -> int | None:
        """Over (above zero) or short; None before it is closed."""
        if self.counted_amount is None or self.expected_amount is None:
            return None
        return self.counted_amount - self.expected_amount


class CashCount(models.Model):
    """A drawer counted: how many of each note and coin (`{"10000": 3}`: three of 100 yuan), by whom, when."""

    class Kind(models.TextChoices):
        OPENING = "OPENING", _("At the opening")
        CLOSING = "CLOSING", _("At the end")

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="counts", verbose_name=_("shift"))
    kind = models.CharField(max_length=7, choices=Kind.choices)
    pieces = models.JSONField(_("notes and coins"), default=dict)
    total_amount = models.BigIntegerField(pgettext_lazy("register", "total"))
    counted_at = models.DateTimeField(pgettext_lazy("register", "counted"))
    counted_by = models.ForeignKey(_USER, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = OfShiftQuerySet.as_manager()

    class Meta:
        ordering = ["shift", "id"]
        verbose_name = _("count of cash")
        constraints = [
            models.CheckConstraint(condition=Q(total_amount__gte=0), name="sales_cashcount_amount"),
            models.CheckConstraint(condition=Q(kind__in=["OPENING", "CLOSING"]), name="sales_cashcount_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.total_amount}"


class CashMovement(models.Model):
    """Cash that entered or left a drawer other than by a payment, and what was over or short."""

    class Kind(models.TextChoices):
        FROM_SAFE = "FROM_SAFE", _("From the safe")
        TO_SAFE = "TO_SAFE", _("Into the safe")
        FROM_BANK = "FROM_BANK", _("Change fetched from the bank")
        TO_BANK = "TO_BANK", _("Brought to the bank")
        OTHER_IN = "OTHER_IN", _("Other cash in")
        EXPENSE = "EXPENSE", _("Paid for something")
        PREPAID = "PREPAID", _("Stored value and cards")
        OPENING_DIFFERENCE = "OPENING_DIFFERENCE", _("Over or short at the opening")
        DIFFERENCE = "DIFFERENCE", _("Over or short at the count")
        CORRECTION = "CORRECTION", _("Over or short explained by late sales")

    INWARD = (Kind.FROM_SAFE, Kind.FROM_BANK, Kind.OTHER_IN)
    OUTWARD = (Kind.TO_SAFE, Kind.TO_BANK, Kind.EXPENSE)
    DIFFERENCES = (Kind.OPENING_DIFFERENCE, Kind.DIFFERENCE, Kind.CORRECTION)

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="movements", verbose_name=_("shift"))
    kind = models.CharField(_("kind"), max_length=18, choices=Kind.choices)
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reference = models.CharField(max_length=100, unique=True)
    business_date = models.DateField(_("business date"))
    made_at = models.DateTimeField(_("when"))
    made_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, related_name="+", verbose_name=_("who"), db_index=False
    )

    objects = OfShiftQuerySet.as_manager()

    class Meta:
        ordering = ["shift", "id"]
        verbose_name = _("cash movement")
        verbose_name_plural = _("cash movements")
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind__in=["FROM_SAFE", "FROM_BANK", "OTHER_IN"], amount__gt=0))
                | (Q(kind__in=["TO_SAFE", "TO_BANK", "EXPENSE"], amount__lt=0))
                | (Q(kind__in=["PREPAID", "OPENING_DIFFERENCE", "DIFFERENCE", "CORRECTION"]) & ~Q(amount=0)),
                name="sales_cashmovement_direction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class DrawerOpening(models.Model):
    """The drawer was opened although nobody paid."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="openings", verbose_name=_("shift"))
    reason = models.CharField(_("reason"), max_length=200)
    opened_at = models.DateTimeField(_("when"))
    opened_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, related_name="+", verbose_name=_("who"), db_index=False
    )

    objects = OfShiftQuerySet.as_manager()

    class Meta:
        ordering = ["shift", "id"]
        verbose_name = _("drawer opened without a sale")

    def __str__(self) -> str:
        return f"{self.shift_id} {self.opened_at}"
