"""A journey: what is worked on, the versions it was published as, and how far it looked for those who enter."""

from __future__ import annotations

from functools import cached_property
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.search_words import FoundByWords, search_words_index
from dianke.journeys.rules.plan import Plan, read

VIEW = "journeys.view_journeys"
MANAGE = "journeys.manage_journeys"
PUBLISH = "journeys.publish_journeys"


class State(models.TextChoices):
    """Paused: nothing goes out and nobody enters, waits go on. Stopped: everybody left; it can be published again."""

    DRAFT = "DRAFT", pgettext_lazy("journey", "Draft")
    RUNNING = "RUNNING", pgettext_lazy("journey", "Running")
    PAUSED = "PAUSED", pgettext_lazy("journey", "Paused")
    STOPPED = "STOPPED", pgettext_lazy("journey", "Stopped")


class JourneyQuerySet(models.QuerySet["Journey"]):
    """Reads as `Journey.objects.visible_to(actor).filter(state=…)`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Journeys of a store the actor reaches; those of every store, everybody with the permission."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        if not reached:
            return self.none()
        return self.filter(Q(store_ids=[]) | Q(store_ids__overlap=sorted(reached)))


class Journey(FoundByWords):
    """`draft` is the plan as it is worked on (`rules/plan.py`); what runs is a version. `care` names the ready journey
    it came from. `admits_since`: what happened before lets nobody in. `scanned_at`: dates were looked through up to
    that moment. `salt` draws those kept back."""

    words_from = ("name",)

    name = models.CharField(_("name"), max_length=40)
    care = models.CharField(max_length=12, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.DRAFT)
    store_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("stores"))
    draft = models.JSONField(default=dict)
    version = models.PositiveIntegerField(_("version"), default=0)
    salt = models.CharField(max_length=32, editable=False)
    admits_since = models.DateTimeField(null=True, editable=False)
    scanned_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    objects = JourneyQuerySet.as_manager()

    class Meta:
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")
        constraints = [
            models.UniqueConstraint(fields=["care"], condition=~Q(care=""), name="journeys_care_once"),
            models.CheckConstraint(
                condition=Q(state="DRAFT", version=0)
                | Q(version__gt=0, admits_since__isnull=False, scanned_at__isnull=False),
                name="journeys_journey_published",
            ),
        ]
        indexes = [search_words_index("journeys_journey_words")]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A journey as it was published; never changed, and whoever entered goes on in it."""

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    plan = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["journey", "number"]
        verbose_name = _("version of a journey")
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="journeys_version_once")]

    def __str__(self) -> str:
        return f"{self.journey_id}/{self.number}"

    @property
    def source(self) -> str:
        """Under which its messages and coupons are known."""
        return f"journey:{self.journey_id}/{self.number}"

    @cached_property
    def read(self) -> Plan:
        """The plan, as `rules/plan.py` means it."""
        return read(self.plan)
