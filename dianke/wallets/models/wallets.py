"""A wallet is what one customer paid ahead to one legal entity; a top-up is one payment with what came with it.

The amounts are the ledger's: three accounts per wallet, and in each one lot per top-up, so that every top-up can be
worked out by itself (docs/algorithms/prepaid.md says why lots and not accounts of their own).
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.wallets.models.visible import OfCustomerQuerySet, OfWalletQuerySet


class Bucket(models.TextChoices):
    """Where value lies in a wallet."""

    PRINCIPAL = "PRINCIPAL", _("Principal")
    BONUS = "BONUS", pgettext_lazy("stored value", "Bonus")
    PROMOTIONAL = "PROMOTIONAL", _("Promotional")


class PaymentKind(models.TextChoices):
    """How a top-up or card that stands alone was paid, or a refund paid out."""

    CASH = "CASH", _("Cash")
    WECHAT = "WECHAT", _("WeChat Pay")
    ALIPAY = "ALIPAY", _("Alipay")
    CARD = "CARD", _("Bank card")
    TRANSFER = "TRANSFER", _("Bank transfer")
    OTHER = "OTHER", pgettext_lazy("payment", "Other")


def _account(name: str) -> models.OneToOneField[Any, Any]:
    return models.OneToOneField("ledger.Account", models.PROTECT, related_name=f"wallet_{name}")


class Wallet(models.Model):
    """`number` is what stands on the card. An unnamed wallet has other caps. `principal`, `bonus`, `promotional` are
    its accounts."""

    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="wallets", verbose_name=_("customer")
    )
    legal_entity = models.ForeignKey(
        "stores.LegalEntity", models.PROTECT, related_name="+", verbose_name=_("money received by")
    )
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="+", verbose_name=_("opened at"), db_index=False
    )
    currency = models.CharField(_("currency"), max_length=3)
    number = models.CharField(_("card number"), max_length=24, unique=True)
    is_named = models.BooleanField(_("in the customer's name"), default=True)
    opened_at = models.DateTimeField(_("since"))
    principal = _account("principal")
    bonus = _account("bonus")
    promotional = _account("promotional")

    objects = OfCustomerQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("stored value", "wallet")
        verbose_name_plural = pgettext_lazy("stored value", "wallets")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "legal_entity", "currency"], name="wallet_once_per_entity"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def account_ids(self) -> dict[int, str]:
        """Account → bucket."""
        return {
            self.principal_id: Bucket.PRINCIPAL,
            self.bonus_id: Bucket.BONUS,
            self.promotional_id: Bucket.PROMOTIONAL,
        }


class TopUp(models.Model):
    """What came into a wallet at once, never changed. `origin` is the top-up it came from by a transfer: its payment
    decides what may be refunded. `reference` is that of the ledger transaction."""

    class Kind(models.TextChoices):
        TOP_UP = "TOP_UP", _("Top-up")
        GIFT = "GIFT", pgettext_lazy("stored value", "Gift")
        OPENING = "OPENING", _("Opening balance")
        TRANSFER = "TRANSFER", pgettext_lazy("stored value", "Transfer")

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="top_ups")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    offer = models.ForeignKey(
        "wallets.Offer", models.PROTECT, null=True, related_name="top_ups", verbose_name=_("offer")
    )
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    paid_amount = models.BigIntegerField(_("paid"))
    bonus_amount = models.BigIntegerField(pgettext_lazy("stored value", "bonus"), default=0)
    promotional_amount = models.BigIntegerField(_("promotional"), default=0)
    bonus_expires_at = models.DateTimeField(_("bonus expires"), null=True)
    payment_kind = models.CharField(_("paid by"), max_length=8, choices=PaymentKind, blank=True)
    payment_reference = models.CharField(_("payment reference"), max_length=80, blank=True)
    reference = models.CharField(max_length=200, unique=True)
    business_date = models.DateField(_("business date"))
    at = models.DateTimeField(_("when"))
    user_id = models.BigIntegerField(null=True)
    run = models.ForeignKey("imports.ImportRun", models.PROTECT, null=True, related_name="+")

    objects = OfWalletQuerySet.as_manager()

    class Meta:
        verbose_name = _("top-up")
        verbose_name_plural = _("top-ups")
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_amount__gte=0, bonus_amount__gte=0, promotional_amount__gte=0),
                name="wallet_top_up_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(paid_amount__gt=0) | Q(bonus_amount__gt=0) | Q(promotional_amount__gt=0),
                name="wallet_top_up_something",
            ),
            models.CheckConstraint(
                condition=Q(origin=None) | ~Q(origin=F("id")), name="wallet_top_up_not_own_origin"
            ),
        ]
        indexes = [models.Index(fields=["wallet", "-id"], name="wallet_top_up_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.business_date:%Y-%m-%d}"
