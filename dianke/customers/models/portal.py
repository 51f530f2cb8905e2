"""The customer's own phone: registration points, codes sent to prove a number, sessions of the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.encrypted_fields import BlindIndexField, EncryptedTextField, Sealed, SealedQuerySet
from dianke.customers.models.people import Customer


class RegistrationPointQuerySet(models.QuerySet["RegistrationPoint"]):
    """Reads as `RegistrationPoint.objects.visible_to(actor).open()`."""

    def visible_to(self, actor: Actor, permission: str = "customers.manage_registration") -> Self:
        """Points of the stores the permission reaches."""
        stores = actor.stores_for(permission)
        return self if stores is None else self.filter(store_id__in=stores)

    def open(self) -> Self:
        """Those whose code still works."""
        return self.filter(closed_at=None)


class RegistrationPoint(models.Model):
    """What a QR code on a poster, a counter card or an employee's badge leads to."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=60)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    partner = models.ForeignKey(
        "stores.Partner", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("partner")
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("employee"),
    )
    campaign = models.CharField(_("campaign"), max_length=60, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RegistrationPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration point")
        verbose_name_plural = _("registration points")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name


class VerificationCode(Sealed):
    """A code sent to an address to prove it. `proof` is what the browser holds; only hashes are kept here."""

    address = EncryptedTextField(_("sent to"), null=True)
    address_exact = BlindIndexField(source="address")
    kind = models.CharField(max_length=8)  # a ContactKind: PHONE or EMAIL
    use = models.CharField(max_length=10)  # REGISTER, SIGN_IN, CHANGE
    proof_hash = models.BinaryField()
    code_hash = models.BinaryField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    tries_left = models.PositiveSmallIntegerField(default=5)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("verification code")
        verbose_name_plural = _("verification codes")


class PortalSessionQuerySet(models.QuerySet["PortalSession"]):
    def open(self, now: datetime) -> Self:
        """Sessions that still let somebody in."""
        return self.filter(ended_at=None, expires_at__gt=now)


class PortalSession(models.Model):
    """A phone on which a customer proved a number."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="portal_sessions")
    token_hash = models.BinaryField(unique=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PortalSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("phone of a customer")
        verbose_name_plural = _("phones of customers")
