"""How a customer is reached and where: contact points and addresses, sealed with the customer's key."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.core.encrypted_fields import (
    BlindIndexField,
    EncryptedTextField,
    Sealed,
    SealedQuerySet,
    last_four,
    last_six,
)
from dianke.customers.models.people import Customer, customer_key
from dianke.customers.models.records import SourceRecord


class ContactKind(models.TextChoices):
    PHONE = "PHONE", _("Phone")
    EMAIL = "EMAIL", _("Email")
    WECHAT = "WECHAT", _("WeChat ID")
    UNIONID = "UNIONID", _("WeChat union ID")
    OPENID = "OPENID", _("WeChat open ID")
    WECOM = "WECOM", _("WeCom ID")
    DOCUMENT = "DOCUMENT", _("Identity document")
    OTHER = "OTHER", _("Other")


class ContactUse(models.TextChoices):
    MOBILE = "MOBILE", _("Mobile")
    HOME = "HOME", _("Home")
    WORK = "WORK", _("Work")
    FAMILY = "FAMILY", _("Family member's")
    OTHER = "", _("Other")


class ContactPointQuerySet(SealedQuerySet):
    def current(self) -> ContactPointQuerySet:
        return self.filter(archived_at=None)

    def of_kind(self, kind: str) -> ContactPointQuerySet:
        return self.filter(kind=kind)

    def holding(self, kind: str, value: str) -> ContactPointQuerySet:
        """Contact points with exactly this normalised value (phones in E.164, emails folded)."""
        return self.filter(kind=kind, **ContactPoint.blind("value", value))


def _tail(value: Any) -> str | None:
    """Phones only: what else ends in digits is not looked for by its end."""
    text = str(value)
    return last_four(text) if text.startswith("+") else None


def _long_tail(value: Any) -> str | None:
    text = str(value)
    return last_six(text) if text.startswith("+") else None


class ContactPoint(Sealed):
    """`value` is normalised: phones in E.164 (an extension in `extension`), emails folded. `is_shared` marks
    a number that several people use on purpose (a family's, a firm's): it never joins profiles."""

    key = customer_key()
    # The unique constraint below begins with the customer and serves as the index.
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contact_points", db_index=False)
    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="contact_points", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=ContactKind)
    use = models.CharField(_("use"), max_length=8, choices=ContactUse, blank=True)
    value = EncryptedTextField(_("value"), subject="key", null=True)
    value_exact = BlindIndexField(source="value")
    value_last4 = BlindIndexField(source="value", index="last4", bits=13, normalise=_tail)
    #: Thousands have a number that ends in 8888; six digits tell them apart.
    value_last6 = BlindIndexField(
        source="value", index="last6", bits=17, normalise=_long_tail, db_index=False
    )
    extension = models.CharField(_("extension"), max_length=8, blank=True)
    is_preferred = models.BooleanField(_("preferred"), default=False)
    is_shared = models.BooleanField(_("used by several people"), default=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    failing_since = models.DateTimeField(_("not reachable since"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"))
    archived_at = models.DateTimeField(_("no longer used"), null=True, blank=True)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        indexes = [models.Index(fields=["value_last6"], name="contact_point_by_six_digits")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "value_exact"],
                name="contact_point_once_per_customer",
                violation_error_message=_("The customer has this contact point already."),
            )
        ]

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class AddressUse(models.TextChoices):
    HOME = "HOME", _("Home")
    WORK = "WORK", _("Work")
    DELIVERY = "DELIVERY", _("Delivery")
    REGISTERED = "REGISTERED", _("Registered office")


class Address(Sealed):
    """Province, city and district stay readable (they say where customers live, not who); street, receiver
    and phone are sealed. `division` is the six-digit code of the district (GB/T 2260)."""

    key = customer_key()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="addresses")
    record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="addresses", db_index=False)
    use = models.CharField(_("use"), max_length=10, choices=AddressUse, default=AddressUse.HOME)
    country = models.CharField(_("country"), max_length=2, default="CN")
    province = models.CharField(_("province"), max_length=30, blank=True)
    city = models.CharField(_("city"), max_length=30, blank=True)
    district = models.CharField(_("district"), max_length=30, blank=True)
    division = models.CharField(_("division code"), max_length=6, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    street = EncryptedTextField(_("street and house"), subject="key", null=True, blank=True)
    receiver = EncryptedTextField(_("receiver"), subject="key", null=True, blank=True)
    phone = EncryptedTextField(_("receiver's phone"), subject="key", null=True, blank=True)
    is_preferred = models.BooleanField(_("preferred"), default=False)
    created_at = models.DateTimeField(_("since"))
    archived_at = models.DateTimeField(_("no longer used"), null=True, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
