"""Session cards: kinds, cards, what is on them, and every use. Sessions and their value are counted by the ledger, in
two accounts per item whose holder is the item: a card that changes hands keeps its accounts."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.wallets.models.visible import OfCardQuerySet, OfCustomerQuerySet, SharedQuerySet


class CardKindQuerySet(SharedQuerySet):
    def on_sale(self) -> Self:
        """Not taken out of use."""
        return self.filter(ended_at=None)


class CardKind(models.Model):
    """What is sold under one name. Cards keep what they were sold with, so a kind may change. `valid_days` None: never
    expires. `refund_method` "" asks the terms."""

    class Starts(models.TextChoices):
        AT_SALE = "AT_SALE", _("On the day of sale")
        FIRST_USE = "FIRST_USE", _("On the day of the first use")

    name = models.CharField(_("name"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    price_amount = models.BigIntegerField(_("price"))
    valid_days = models.PositiveIntegerField(_("valid for days"), null=True, blank=True)
    starts = models.CharField(_("validity begins"), max_length=9, choices=Starts, default=Starts.AT_SALE)
    is_for_household = models.BooleanField(_("household may use it"), default=False)
    needs_confirmation = models.BooleanField(_("customer confirms each use"), default=True)
    refund_method = models.CharField(_("refund method"), max_length=12, blank=True)
    stores: Any = models.ManyToManyField(
        "stores.Store", related_name="+", blank=True, verbose_name=_("stores")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("taken out of use"), null=True, blank=True)

    objects = CardKindQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of session card")
        verbose_name_plural = _("kinds of session cards")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(price_amount__gte=0), name="wallet_card_kind_price"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(ended_at=None), name="wallet_card_kind_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CardKindItem(models.Model):
    """So many sessions of one service; `unit_amount` is what one costs without a card."""

    kind = models.ForeignKey(CardKind, models.CASCADE, related_name="items")
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", verbose_name=_("service")
    )
    paid_count = models.PositiveIntegerField(_("paid sessions"))
    gifted_count = models.PositiveIntegerField(_("gifted sessions"), default=0)
    unit_amount = models.BigIntegerField(_("single price"))
    position = models.PositiveSmallIntegerField(default=0)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "variant"], name="wallet_card_kind_item_once"),
            models.CheckConstraint(
                condition=Q(unit_amount__gte=0) & (Q(paid_count__gt=0) | Q(gifted_count__gt=0)),
                name="wallet_card_kind_item_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.paid_count}+{self.gifted_count}"


class SessionCard(models.Model):
    """`customer` is whose it is now, `sold_to` who bought it. `expires_on` is the last day it may be used; None: never,
    or not begun yet. `closed_as` says why nothing can be used any more."""

    class Closed(models.TextChoices):
        OPEN = "", _("In use")
        REFUNDED = "REFUNDED", _("Refunded")
        CONVERTED = "CONVERTED", pgettext_lazy("session card", "Converted")
        UNDONE = "UNDONE", _("Sale taken back")

    kind = models.ForeignKey(CardKind, models.PROTECT, related_name="cards", verbose_name=_("kind"))
    number = models.CharField(_("card number"), max_length=24, unique=True)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="session_cards", verbose_name=_("customer")
    )
    sold_to = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", db_index=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("sold at"))
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", verbose_name=_("money received by")
    )
    currency = models.CharField(_("currency"), max_length=3)
    paid_amount = models.BigIntegerField(_("paid"))
    is_for_household = models.BooleanField(default=False)
    needs_confirmation = models.BooleanField(default=True)
    valid_days = models.PositiveIntegerField(null=True)
    expires_on = models.DateField(_("valid through"), null=True)
    payment_kind = models.CharField(max_length=8, blank=True)
    payment_reference = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=200, unique=True)
    business_date = models.DateField(_("business date"))
    sold_at = models.DateTimeField(_("sold"))
    user_id = models.BigIntegerField(null=True)
    run = models.ForeignKey("imports.ImportRun", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_as = models.CharField(_("state"), max_length=9, choices=Closed, default=Closed.OPEN, blank=True)

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("session card")
        verbose_name_plural = _("session cards")
        constraints = [
            models.CheckConstraint(condition=Q(paid_amount__gte=0), name="wallet_card_paid"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_as="") | (Q(closed_at__isnull=False) & ~Q(closed_as="")),
                name="wallet_card_closed_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    def is_expired(self, day: date) -> bool:
        """Whether its last day has passed."""
        return self.expires_on is not None and self.expires_on < day


class CardItem(models.Model):
    """So many sessions of one service on a card, paid or gifted. `amount` is the item's part of what was paid (0 when
    gifted), `unit_amount` the single price at the time."""

    card = models.ForeignKey(SessionCard, models.PROTECT, related_name="items")
    variant = models.ForeignKey("catalog.Variant", models.PROTECT, related_name="+")
    is_gifted = models.BooleanField(default=False)
    count = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    unit_amount = models.BigIntegerField()
    position = models.PositiveSmallIntegerField()
    sessions = models.OneToOneField("ledger.Account", models.PROTECT, null=True, related_name="card_sessions")
    value = models.OneToOneField("ledger.Account", models.PROTECT, null=True, related_name="card_value")

    objects = OfCardQuerySet.as_manager()

    class Meta:
        ordering = ["is_gifted", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["card", "variant", "is_gifted"], name="wallet_card_item_once"),
            models.CheckConstraint(
                condition=Q(count__gt=0, amount__gte=0, unit_amount__gte=0)
                & (Q(is_gifted=False) | Q(amount=0)),
                name="wallet_card_item_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} × {self.count}"


class CardUse(models.Model):
    """Sessions taken from a card at once. `customer` is who was served: the owner or somebody of the household."""

    class Confirmed(models.TextChoices):
        NOT_NEEDED = "NOT_NEEDED", _("Not asked for")
        PHONE = "PHONE", _("On the customer's phone")
        WAIVED = "WAIVED", _("Done without, with a reason")

    card = models.ForeignKey(SessionCard, models.PROTECT, related_name="uses")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", db_index=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+")
    reference = models.CharField(max_length=200, unique=True)
    business_date = models.DateField()
    at = models.DateTimeField(_("when"))
    user_id = models.BigIntegerField(null=True)
    confirmed = models.CharField(max_length=10, choices=Confirmed)
    waiver = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.CharField(max_length=200, blank=True)

    objects = OfCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a session card")
        verbose_name_plural = _("uses of session cards")
        indexes = [models.Index(fields=["card", "-id"], name="wallet_card_use_newest")]

    def __str__(self) -> str:
        return f"{self.card_id} {self.business_date:%Y-%m-%d}"


class CardUseLine(models.Model):
    """So many sessions of an item and what they earned."""

    use = models.ForeignKey(CardUse, models.PROTECT, related_name="lines")
    item = models.ForeignKey(CardItem, models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    value_amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use", "item"], name="wallet_card_use_line_once"),
            models.CheckConstraint(
                condition=Q(count__gt=0, value_amount__gte=0), name="wallet_use_line_counts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} × {self.count}"


class Extension(models.Model):
    """A card that may be used longer, and why."""

    card = models.ForeignKey(SessionCard, models.PROTECT, related_name="extensions")
    before = models.DateField(null=True)
    after = models.DateField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = OfCardQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("session card", "extension")
        verbose_name_plural = pgettext_lazy("session card", "extensions")

    def __str__(self) -> str:
        return f"{self.card_id} {self.after}"


class Conversion(models.Model):
    """A card whose unused value went into another."""

    card = models.OneToOneField(SessionCard, models.PROTECT, related_name="converted_into")
    into = models.OneToOneField(SessionCard, models.PROTECT, related_name="converted_from")
    credited_amount = models.BigIntegerField()
    working = models.JSONField(default=list)
    at = models.DateTimeField()

    objects = OfCardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(credited_amount__gte=0), name="wallet_conversion_amount")
        ]

    def __str__(self) -> str:
        return f"{self.card_id} → {self.into_id}"


class Confirmation(models.Model):
    """A code from a customer's phone that was used: it works once."""

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", db_index=False)
    slot = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "slot"], name="wallet_confirmation_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.slot}"
