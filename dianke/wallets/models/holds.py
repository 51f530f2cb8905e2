"""What happens to a wallet or a card beside spending: frozen, reissued, transferred, refunded. Each is a row, so who
and when come free; none is changed but a freeze, which ends once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.wallets.models.cards import SessionCard
from dianke.wallets.models.visible import OfEitherQuerySet
from dianke.wallets.models.wallets import PaymentKind, Wallet

ONE = Q(wallet__isnull=False, card=None) | Q(wallet=None, card__isnull=False)


class _OfEither(models.Model):
    """About a wallet or about a card, exactly one."""

    wallet = models.ForeignKey(Wallet, models.PROTECT, null=True, related_name="%(class)ss")
    card = models.ForeignKey(SessionCard, models.PROTECT, null=True, related_name="%(class)ss")
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField(_("when"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = OfEitherQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def subject(self) -> Any:
        """The wallet or the card."""
        return self.wallet or self.card


class Freeze(_OfEither):
    """Nothing is spent while it stands. LOST: the card was reported lost; a reissue ends it."""

    class Kind(models.TextChoices):
        FROZEN = "FROZEN", _("Frozen")
        LOST = "LOST", _("Reported lost")

    kind = models.CharField(max_length=6, choices=Kind, default=Kind.FROZEN)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        constraints = [
            models.CheckConstraint(condition=ONE, name="wallet_freeze_of_one"),
            models.UniqueConstraint(
                fields=["wallet"],
                condition=Q(ended_at=None, wallet__isnull=False),
                name="wallet_frozen_once",
            ),
            models.UniqueConstraint(
                fields=["card"],
                condition=Q(ended_at=None, card__isnull=False),
                name="wallet_card_frozen_once",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Reissue(_OfEither):
    """A new number in place of the old one."""

    before = models.CharField(max_length=24)
    after = models.CharField(max_length=24)

    class Meta:
        verbose_name = _("reissue")
        verbose_name_plural = _("reissues")
        constraints = [models.CheckConstraint(condition=ONE, name="wallet_reissue_of_one")]

    def __str__(self) -> str:
        return self.after


class Transfer(_OfEither):
    """Value that went from one customer to another. Of a wallet `into` is the other's wallet; a card goes as it is."""

    from_customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", db_index=False)
    to_customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", db_index=False)
    into = models.ForeignKey(Wallet, models.PROTECT, null=True, related_name="+", db_index=False)
    principal_amount = models.BigIntegerField(default=0)
    bonus_amount = models.BigIntegerField(default=0)
    promotional_amount = models.BigIntegerField(default=0)
    reference = models.CharField(max_length=200, unique=True)

    class Meta:
        verbose_name = _("transfer to another customer")
        verbose_name_plural = _("transfers to another customer")
        constraints = [models.CheckConstraint(condition=ONE, name="wallet_transfer_of_one")]

    def __str__(self) -> str:
        return self.reference


class Refund(_OfEither):
    """Money paid back, with the working it followed from."""

    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", db_index=False)
    amount = models.BigIntegerField(_("amount"))
    forfeited_amount = models.BigIntegerField(default=0)
    working = models.JSONField(default=list)
    payment_kind = models.CharField(_("paid by"), max_length=8, choices=PaymentKind)
    payment_reference = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=200, unique=True)
    business_date = models.DateField()

    class Meta:
        verbose_name = _("refund of prepaid value")
        verbose_name_plural = _("refunds of prepaid value")
        constraints = [
            models.CheckConstraint(condition=ONE, name="wallet_refund_of_one"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="wallet_refund_amount"),
        ]

    def __str__(self) -> str:
        return self.reference
