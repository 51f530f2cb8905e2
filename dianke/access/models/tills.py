"""Shared tills: an enrolled browser holds a long-lived token; people who signed in fully on it may switch by PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.access.clients import describe_browser

if TYPE_CHECKING:
    from dianke.core.actor import Actor


class DeviceQuerySet(models.QuerySet["Device"]):
    def enrolled(self) -> Self:
        return self.filter(revoked_at=None)

    def visible_to(self, actor: Actor) -> Self:
        """Tills of the stores where the actor may manage them."""
        stores = actor.stores_for("access.manage_devices")
        return self if stores is None else self.filter(store_id__in=stores)


class Device(models.Model):
    """A shared till: one browser of one store. Only the SHA-256 of its token is kept (256 random bits need no salt)."""

    name = models.CharField(_("name"), max_length=60)
    store_id = models.BigIntegerField(
        _("store"), null=True
    )  # stores are one room up: no foreign key downwards
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    user_agent = models.CharField(max_length=300, blank=True)
    enrolled_at = models.DateTimeField(_("enrolled"))
    enrolled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    last_seen_at = models.DateTimeField(_("last seen"))
    revoked_at = models.DateTimeField(null=True)
    people: models.ManyToManyField[models.Model, TillPerson] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="access.TillPerson", related_name="tills"
    )

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("shared till")
        verbose_name_plural = _("shared tills")

    def __str__(self) -> str:
        return self.name

    @property
    def browser(self) -> str:
        return describe_browser(self.user_agent)


class TillPerson(models.Model):
    """Somebody who signed in with full credentials on a till, and when last: the ground on which a PIN works."""

    device = models.ForeignKey(Device, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    signed_in_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "user"], name="access_tillperson_once")]

    def __str__(self) -> str:
        return f"{self.device_id}:{self.user_id}"


class Pin(models.Model):
    """The till PIN of a person. Exists only when one is set; five wrong tries lock it until a manager unlocks."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pin")
    secret_hash = models.CharField(max_length=200, editable=False)
    set_at = models.DateTimeField()
    failed_count = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("till PIN")
        verbose_name_plural = _("till PINs")

    def __str__(self) -> str:
        return f"PIN {self.user_id}"
