"""The merchant and what stands above its stores: legal entities, the partners who own them, regions."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor


class Trade(models.TextChoices):
    """Trade presets; the preset belongs to the store, a merchant may mix them."""

    BEAUTY = "BEAUTY", _("Beauty salon")
    JEWELRY = "JEWELRY", _("Jewelry store")
    FURNITURE = "FURNITURE", _("Furniture store")
    CHAIN = "CHAIN", _("Chain store")
    KEY_ACCOUNT = "KEY_ACCOUNT", _("Key accounts")
    GENERAL = "GENERAL", _("General store")


class Merchant(models.Model):
    """The one merchant of this database."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("merchant name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=20, blank=True)
    trade = models.CharField(_("main trade"), max_length=16, choices=Trade.choices, default=Trade.GENERAL)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("merchant")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="merchant_is_one")]

    def __str__(self) -> str:
        return self.name


class LegalEntityQuerySet(models.QuerySet["LegalEntity"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        """Entities that own a store the actor reaches; all for who reaches every store."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(pk__in=LegalEntity.objects.filter(stores__in=reached))


class LegalEntity(models.Model):
    """A company or sole trader that owns stores, receives money and employs people."""

    class Kind(models.TextChoices):
        COMPANY = "COMPANY", _("Company")
        SOLE_TRADER = "SOLE_TRADER", _("Sole trader")
        PARTNERSHIP = "PARTNERSHIP", _("Partnership")

    name = models.CharField(_("registered name"), max_length=80, unique=True)
    short_name = models.CharField(_("short name"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.COMPANY)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    is_active = models.BooleanField(_("active"), default=True)

    objects = LegalEntityQuerySet.as_manager()

    class Meta:
        ordering = ["short_name", "id"]
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code=""), name="legal_entity_credit_code_unique"
            )
        ]

    def __str__(self) -> str:
        return self.short_name


class PartnerQuerySet(models.QuerySet["Partner"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_merchant") -> Self:
        """Partners of the entities the actor may look into; oneself always."""
        if not actor.can(permission):
            return self.none()
        if actor.stores_for(permission) is None:
            return self
        shares = Holding.objects.filter(legal_entity__in=LegalEntity.objects.visible_to(actor, permission))
        return self.filter(Q(pk__in=shares.values("partner_id")) | Q(user_id=actor.user_id))


class Partner(models.Model):
    """A person who owns part of a legal entity (股东/合伙人); may also sign in."""

    name = models.CharField(_("name"), max_length=80)
    user = models.OneToOneField(
        "access.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="partner",
        verbose_name=_("account"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return self.name


class HoldingQuerySet(models.QuerySet["Holding"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_merchant") -> Self:
        """Shares of the entities the actor may look into."""
        if not actor.can(permission):
            return self.none()
        if actor.stores_for(permission) is None:
            return self
        return self.filter(legal_entity__in=LegalEntity.objects.visible_to(actor, permission))

    def in_force(self, day: date) -> Self:
        return self.filter(Q(from_date__lte=day), Q(to_date=None) | Q(to_date__gt=day))


class Holding(models.Model):
    """A partner's share of a legal entity over a period, in basis points (10000 = 100 %). That shares never exceed
    the whole is kept by the operation, which locks the entity."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="holdings")
    legal_entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="holdings")
    share_basis_points = models.PositiveIntegerField(_("share"))
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"), null=True, blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        ordering = ["legal_entity", "-share_basis_points", "id"]
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        constraints = [
            models.CheckConstraint(
                condition=Q(share_basis_points__gt=0, share_basis_points__lte=10_000),
                name="holding_share_in_range",
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gt=F("from_date")), name="holding_period_forward"
            ),
        ]

    @property
    def share_percent(self) -> str:
        """ "33.33", without trailing zeros."""
        return f"{self.share_basis_points / 100:g}"

    def is_in_force(self, day: date) -> bool:
        return self.from_date <= day and (self.to_date is None or day < self.to_date)


class RegionQuerySet(models.QuerySet["Region"]):
    def visible_to(self, actor: Actor, permission: str = "stores.view_organisation") -> Self:
        """Regions with a store the actor reaches; all for who reaches every store."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(pk__in=Region.objects.filter(stores__in=reached))


class Region(models.Model):
    """A group of stores; regions nest."""

    name = models.CharField(_("region"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("part of"),
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return self.name
