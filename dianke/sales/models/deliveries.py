"""Goods on their way to customers: the windows a store delivers in, crews, deliveries and installations with their
history and proof. Where they go is sealed with the customer's key."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.encrypted_fields import EncryptedTextField, Sealed, SealedQuerySet
from dianke.core.ids import uuid7
from dianke.customers.models.people import customer_key
from dianke.sales.models.orders import Order
from dianke.sales.models.visible import VIEW, OfStoreQuerySet

WHOLE_WEEK = 0b1111111


class DeliverySetting(models.Model):
    """How a store delivers; a store without a row does what the defaults say. `gold_lock_hours`: how long a price of
    the day is promised with a quote; `quote_days`: how long a quote holds from the day it was priced."""

    store = models.OneToOneField("stores.Store", models.PROTECT, primary_key=True, related_name="+")
    needs_signature = models.BooleanField(_("Ask for a signature"), default=True)
    needs_photo = models.BooleanField(_("Ask for a photo"), default=False)
    tells_customers = models.BooleanField(_("Tell customers how their order goes on"), default=True)
    gold_lock_hours = models.PositiveSmallIntegerField(
        _("A price of the day is kept for (hours)"), default=24
    )
    quote_days = models.PositiveSmallIntegerField(_("A quote holds for (days)"), default=15)
    old_gold_loss_bp = models.PositiveIntegerField(_("Loss in melting old gold"), default=0)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of deliveries")
        constraints = [
            models.CheckConstraint(
                condition=Q(gold_lock_hours__gte=1, gold_lock_hours__lte=24 * 30)
                & Q(old_gold_loss_bp__lte=10_000),
                name="sales_deliverysetting_range",
            )
        ]

    def __str__(self) -> str:
        return str(self.store_id)


class DeliverySlot(models.Model):
    """A window of a store's day ("morning") in which so many deliveries fit. `weekdays`: bit 0 is Monday."""

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    name = models.CharField(_("name"), max_length=20)
    from_time = models.TimeField(_("from"))
    to_time = models.TimeField(pgettext_lazy("of a window of time", "to"))
    capacity = models.PositiveSmallIntegerField(_("deliveries at most"))
    weekdays = models.PositiveSmallIntegerField(_("days of the week"), default=WHOLE_WEEK)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["store", "from_time", "id"]
        verbose_name = _("window for deliveries")
        verbose_name_plural = _("windows for deliveries")
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="sales_deliveryslot_once"),
            models.CheckConstraint(
                condition=Q(to_time__gt=F("from_time"), weekdays__gte=1, weekdays__lte=WHOLE_WEEK),
                name="sales_deliveryslot_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.span}"

    @property
    def span(self) -> str:
        """ "09:00–12:00"."""
        return f"{self.from_time:%H:%M}–{self.to_time:%H:%M}"

    def runs_on(self, day: date) -> bool:
        return bool(self.weekdays & 1 << day.weekday())


class SlotDay(models.Model):
    """Another capacity of a window on one day; 0: nothing is delivered then."""

    slot = models.ForeignKey(DeliverySlot, models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    capacity = models.PositiveSmallIntegerField(_("deliveries at most"))

    class Meta:
        verbose_name = _("day of a window for deliveries")
        constraints = [models.UniqueConstraint(fields=["slot", "day"], name="sales_slotday_once")]

    def __str__(self) -> str:
        return f"{self.slot_id} {self.day}: {self.capacity}"


class DeliveryCrew(models.Model):
    """People of a store who deliver together; the first of them holds the task."""

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    name = models.CharField(_("name"), max_length=30)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="delivery_crews", verbose_name=_("people")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = OfStoreQuerySet.as_manager()

    class Meta:
        ordering = ["store", "name", "id"]
        verbose_name = _("delivery crew")
        verbose_name_plural = _("delivery crews")
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="sales_deliverycrew_once")]

    def __str__(self) -> str:
        return self.name


class DeliveryQuerySet(SealedQuerySet):
    """Reads as `Delivery.objects.visible_to(actor).open()`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Of the stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store__in=reached)

    def open(self) -> Self:
        """Still to be done, also what went wrong and has no new day yet."""
        return self.exclude(state__in=["DELIVERED", "CANCELLED"])

    def under_way(self) -> Self:
        """What takes up goods and a place in its window: planned and on the way."""
        return self.filter(state__in=["PLANNED", "LOADED", "UNDER_WAY"])


class Delivery(Sealed):
    """One trip to a customer with goods of an order, or to install them. What went wrong keeps its row: it is planned
    anew, and `attempts` counts the tries. Receiver, phone, street, note and who took it are sealed."""

    class Kind(models.TextChoices):
        DELIVERY = "DELIVERY", pgettext_lazy("kind of trip", "Delivery")
        INSTALLATION = "INSTALLATION", pgettext_lazy("kind of trip", "Installation")

    class State(models.TextChoices):
        PLANNED = "PLANNED", pgettext_lazy("state of a delivery", "Planned")
        LOADED = "LOADED", pgettext_lazy("state of a delivery", "Loaded")
        UNDER_WAY = "UNDER_WAY", pgettext_lazy("state of a delivery", "On the way")
        DELIVERED = "DELIVERED", pgettext_lazy("state of a delivery", "Done")
        FAILED = "FAILED", pgettext_lazy("state of a delivery", "Not delivered")
        CANCELLED = "CANCELLED", pgettext_lazy("state of a delivery", "Cancelled")

    class Reason(models.TextChoices):
        NONE = "", _("No reason")
        NOBODY_THERE = "NOBODY_THERE", _("Nobody was there")
        NOT_REACHED = "NOT_REACHED", _("Customer could not be reached")
        ADDRESS_WRONG = "ADDRESS_WRONG", _("Address is wrong")
        REFUSED = "REFUSED", _("Customer did not accept it")
        DAMAGED = "DAMAGED", _("Goods are damaged")
        DOES_NOT_FIT = "DOES_NOT_FIT", _("Does not fit through or cannot be installed")
        NO_TIME = "NO_TIME", _("There was no time left")
        OTHER = "OTHER", pgettext_lazy("why a delivery failed", "Something else")

    key = customer_key()
    order = models.ForeignKey(Order, models.PROTECT, related_name="deliveries", verbose_name=_("order"))
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"), db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    kind = models.CharField(
        pgettext_lazy("of a trip", "kind"), max_length=12, choices=Kind.choices, default=Kind.DELIVERY
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PLANNED)
    day = models.DateField(_("day"))
    slot = models.ForeignKey(
        DeliverySlot, models.PROTECT, null=True, related_name="+", verbose_name=_("window"), db_index=False
    )
    crew = models.ForeignKey(
        DeliveryCrew, models.PROTECT, null=True, related_name="+", verbose_name=_("crew"), db_index=False
    )
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    reason = models.CharField(
        _("why not"), max_length=13, choices=Reason.choices, blank=True, default=Reason.NONE
    )
    province = models.CharField(_("province"), max_length=30, blank=True)
    city = models.CharField(_("city"), max_length=30, blank=True)
    district = models.CharField(_("district"), max_length=30, blank=True)
    street = EncryptedTextField(_("street and house"), subject="key", null=True, blank=True)
    receiver = EncryptedTextField(_("receiver"), subject="key", null=True, blank=True)
    phone = EncryptedTextField(_("receiver's phone"), subject="key", null=True, blank=True)
    note = EncryptedTextField(_("note for the crew"), subject="key", null=True, blank=True)
    taken_by = EncryptedTextField(pgettext_lazy("delivery", "taken by"), subject="key", null=True, blank=True)
    is_signed = models.BooleanField(_("signed"), default=False)
    task = models.ForeignKey("work.Task", models.SET_NULL, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(_("planned at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(_("done at"), null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("done by"),
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["day", "slot__from_time", "id"]
        verbose_name = pgettext_lazy("to a customer", "delivery")
        verbose_name_plural = pgettext_lazy("to a customer", "deliveries")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["PLANNED", "LOADED", "UNDER_WAY", "DELIVERED", "FAILED", "CANCELLED"],
                    kind__in=["DELIVERY", "INSTALLATION"],
                ),
                name="sales_delivery_state",
            ),
            models.CheckConstraint(
                condition=Q(state="DELIVERED", done_at__isnull=False)
                | (~Q(state="DELIVERED") & Q(done_at=None)),
                name="sales_delivery_done_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="FAILED") | ~Q(reason=""), name="sales_delivery_failed_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-day", "-id"], name="sales_delivery_of_store"),
            models.Index(fields=["crew", "day"], name="sales_delivery_of_crew"),
            models.Index(
                fields=["day", "store"],
                condition=~Q(state__in=["DELIVERED", "CANCELLED"]),
                name="sales_delivery_open",
            ),
            models.Index(fields=["slot", "day"], name="sales_delivery_of_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.day}"

    @property
    def is_open(self) -> bool:
        return self.state not in (self.State.DELIVERED, self.State.CANCELLED)

    @property
    def is_planned(self) -> bool:
        """It takes up goods and a place in its window."""
        return self.state in (self.State.PLANNED, self.State.LOADED, self.State.UNDER_WAY)

    @property
    def district_text(self) -> str:
        """Where roughly, without repeating a city that is a province."""
        parts = [self.province, self.city if self.city != self.province else "", self.district]
        return "".join(parts)

    @property
    def address(self) -> str:
        """Whole, in the clear."""
        return f"{self.district_text}{self.street or ''}"


class OfDeliveryQuerySet(models.QuerySet[Any]):
    """For rows with a `delivery`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(delivery__store__in=reached)


class DeliveryLine(models.Model):
    """So much of a line goes with a delivery, or is installed."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="lines")
    # Lines of an order are replaced while nothing is planned; what was planned and called off goes with them.
    line = models.ForeignKey("sales.OrderLine", models.CASCADE, related_name="delivery_lines")
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)

    class Meta:
        ordering = ["delivery", "line__position", "id"]
        verbose_name = _("line of a delivery")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "line"], name="sales_deliveryline_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_deliveryline_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.line_id}"


class DeliveryChange(models.Model):
    """One step of a delivery: state, day, crew; with the reason where something went wrong. Never changed."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="changes")
    state = models.CharField(_("state"), max_length=9, choices=Delivery.State.choices)
    day = models.DateField(_("day"))
    slot = models.ForeignKey(DeliverySlot, models.PROTECT, null=True, related_name="+", db_index=False)
    crew = models.ForeignKey(DeliveryCrew, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(
        _("why"), max_length=13, choices=Delivery.Reason.choices, blank=True, default=""
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["delivery", "id"]
        verbose_name = _("step of a delivery")

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.state}"


class DeliveryProof(models.Model):
    """A signature or a photo; the bytes lie sealed outside the database under the uuid."""

    class Kind(models.TextChoices):
        SIGNATURE = "SIGNATURE", _("Signature")
        PHOTO = "PHOTO", _("Photo")

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    key = customer_key()
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="proofs")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField(_("taken at"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    erased_at = models.DateTimeField(null=True)

    objects = OfDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["delivery", "id"]
        verbose_name = _("proof of a delivery")
        constraints = [
            models.UniqueConstraint(
                fields=["delivery"], condition=Q(kind="SIGNATURE"), name="sales_deliveryproof_signed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.kind}"
