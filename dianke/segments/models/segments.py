"""A segment: who is meant, as a tree of rules; whom it held when it was last worked out, and how many over time."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor

VIEW = "segments.view_segments"
MANAGE = "segments.manage_segments"


class SegmentQuerySet(models.QuerySet["Segment"]):
    """Reads as `Segment.objects.visible_to(actor).in_use()`."""

    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """One's own, and those that were shared: with everybody, or with a store the actor reaches."""
        if actor.is_system:
            return self
        if not actor.can(permission):
            return self.none()
        reached = actor.stores_for(permission)
        shared = Q(is_shared=True)
        if reached is not None:
            shared &= Q(store_ids=[]) | Q(store_ids__overlap=sorted(reached))
        return self.filter(shared | Q(owner_id=actor.user_id or 0))

    def in_use(self) -> Self:
        """Without those put away."""
        return self.filter(archived_at=None)


class Segment(models.Model):
    """`rules` is the tree (`rules/language.py`), written in `language`. A DYNAMIC one is whoever fits when it is
    asked; a SNAPSHOT is whoever fitted when it was taken, until it is taken again (`schedule`). `store_ids`: only
    customers of these home stores; empty means all. `member_count` and `taken_at` are of the last time it was worked
    out for everybody in its scope. `start` names the ready-made segment it was made from."""

    class Kind(models.TextChoices):
        DYNAMIC = "DYNAMIC", pgettext_lazy("kind of segment", "Always current")
        SNAPSHOT = "SNAPSHOT", pgettext_lazy("kind of segment", "Fixed list")

    class Schedule(models.TextChoices):
        NEVER = "", pgettext_lazy("segment", "Only by hand")
        DAILY = "DAILY", pgettext_lazy("segment", "Every night")
        WEEKLY = "WEEKLY", pgettext_lazy("segment", "Every Monday")
        MONTHLY = "MONTHLY", pgettext_lazy("segment", "On the first of each month")

    name = models.CharField(_("name"), max_length=40)
    note = models.CharField(_("note"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.DYNAMIC)
    language = models.PositiveSmallIntegerField(default=1)
    rules = models.JSONField(default=dict)
    store_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("stores"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)
    start = models.CharField(max_length=40, blank=True)
    schedule = models.CharField(_("taken anew"), max_length=8, choices=Schedule, default="", blank=True)
    member_count = models.PositiveIntegerField(_("people"), default=0)
    taken_at = models.DateTimeField(_("worked out"), null=True)
    made_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    archived_at = models.DateTimeField(_("put away"), null=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="SNAPSHOT") | Q(schedule=""), name="segments_segment_schedule_of_snapshot"
            ),
        ]
        indexes = [models.Index(fields=["archived_at", "-changed_at", "-id"], name="segments_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_snapshot(self) -> bool:
        return self.kind == self.Kind.SNAPSHOT


class SegmentMember(models.Model):
    """That a profile was in a segment when it was last worked out. No constraints: a hundred thousand are written at
    once, from rows of customers; readers join the customers they mean."""

    pk = models.CompositePrimaryKey("segment_id", "customer_id")
    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="members", db_constraint=False, db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name = _("member of a segment")
        indexes = [models.Index(fields=["customer", "segment"], name="segments_member_of")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.customer_id}"


class SegmentCount(models.Model):
    """How many it held on a day."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="counts", db_index=False)
    on = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["segment", "on"]
        verbose_name = _("count of a segment")
        constraints = [models.UniqueConstraint(fields=["segment", "on"], name="segments_count_once")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.on}: {self.count}"
