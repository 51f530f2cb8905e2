"""The tables of the event log: events, where each reaction stands, deliveries that failed, and the seals.

`events_event` is partitioned by month and append-only: triggers refuse UPDATE, DELETE and TRUNCATE. Two
columns of it belong to the database alone and are not fields here: `xid`, the transaction that wrote the
row, and `era`, the life of the cluster that transaction counts in (raised when a dump is restored into
another one). `(era, xid, id)` is an event's *position*, the order in which the dispatcher and the sealer
read. See docs/algorithms/event-log.md.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import SYSTEM, Actor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventQuerySet(models.QuerySet["Event"]):
    """Reads as `Event.objects.visible_to(actor).about("stores.store:12")`."""

    def visible_to(self, actor: Actor) -> EventQuerySet:
        """Events of the operation log the actor may see: of all stores, or of those the permission reaches."""
        stores = actor.stores_for("events.view_log")
        return self if stores is None else self.filter(store_id__in=stores)

    def about(self, subject: str) -> EventQuerySet:
        """Events with that subject, found through the links."""
        links = SubjectLink.objects.filter(
            subject=subject, recorded_at=models.OuterRef("recorded_at"), event_id=models.OuterRef("pk")
        )
        return self.filter(models.Exists(links))


class Event(models.Model):
    """What happened, to what, by whom. `recorded_at` is the operation's `now` (UTC)."""

    kind = models.CharField(max_length=80)
    operation = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    store_id = models.BigIntegerField(null=True)
    subjects = ArrayField(models.CharField(max_length=120))
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, default="", blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.kind} {self.subjects[0]}"

    @property
    def subject(self) -> str:
        """What the event is mainly about, such as `"stores.store:12"`."""
        return str(self.subjects[0])

    @property
    def changes(self) -> dict[str, list[Any]]:
        """Field -> [before, after], for events that changed fields."""
        found = self.data.get("changes")
        return found if isinstance(found, dict) else {}

    @property
    def reference(self) -> str:
        """How addresses name the event: instant in microseconds and id, the two halves of the table's key."""
        return f"{(self.recorded_at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    def as_cause(self) -> Actor:
        """The system acting because of this event: same request, same store."""
        return replace(SYSTEM, store_id=self.store_id, request_id=self.request_id)


class SubjectLink(models.Model):
    """That an event is about a subject: written by a trigger with the event, read by timelines."""

    pk = models.CompositePrimaryKey("subject", "recorded_at", "event_id")
    subject = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField()

    class Meta:
        db_table = "events_subject"

    def __str__(self) -> str:
        return f"{self.subject} {self.event_id}"


class ReactionPosition(models.Model):
    """How far a reaction of `config/reactions.py` has read the log: everything up to this position is
    delivered, or stands in `Delivery`."""

    code = models.CharField(max_length=80, primary_key=True)
    era = models.IntegerField()
    xid = models.BigIntegerField()
    event_id = models.BigIntegerField()

    def __str__(self) -> str:
        return self.code


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads as `Delivery.objects.visible_to(actor).in_trouble()`."""

    def visible_to(self, actor: Actor) -> DeliveryQuerySet:
        """All of them for whoever looks after them, none for others."""
        return self if actor.can("events.manage_dead_letters") else self.none()

    def in_trouble(self) -> DeliveryQuerySet:
        """Those that failed; not those that only wait behind one that did."""
        return self.filter(try_count__gt=0) | self.exclude(state=Delivery.State.WAITING)


class Delivery(models.Model):
    """An event a reaction could not take: it is tried again, or waits for a person.

    A row goes away when the reaction succeeds, so the table holds trouble only.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("Will be tried again")
        DEAD = "DEAD", _("Gave up")
        DISMISSED = "DISMISSED", _("Dismissed")

    reaction = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    era = models.IntegerField()
    xid = models.BigIntegerField()
    event_id = models.BigIntegerField()
    event_recorded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    try_count = models.IntegerField(default=0)
    next_at = models.DateTimeField(_("next try"))
    failed_at = models.DateTimeField(_("last failure"), null=True)
    error_code = models.CharField(max_length=200, blank=True)
    error = models.TextField(_("error"), blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("failed reaction")
        verbose_name_plural = _("failed reactions")
        ordering = ["-event_recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reaction", "era", "xid", "event_id"], name="events_delivery_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["WAITING", "DEAD", "DISMISSED"]), name="events_delivery_state"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="WAITING"), name="events_delivery_due"),
            models.Index(
                fields=["reaction", "subject", "era", "xid", "event_id"], name="events_delivery_behind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} {self.subject} {self.state}"


class SealBlock(models.Model):
    """A run of events in position order, sealed into the chain. Append-only like the log.

    `leaves` are the 32-byte leaf hashes one after another, `event_ids` whose they are; `root` is the Merkle
    root over the leaves and `hash` the chain value that covers `root` and `prev_hash`. `total_count` counts the
    events of this block and all before it.
    """

    number = models.BigIntegerField(primary_key=True)
    first_era = models.IntegerField()
    first_xid = models.BigIntegerField()
    first_event_id = models.BigIntegerField()
    last_era = models.IntegerField()
    last_xid = models.BigIntegerField()
    last_event_id = models.BigIntegerField()
    event_count = models.IntegerField()
    total_count = models.BigIntegerField()
    event_ids = ArrayField(models.BigIntegerField())
    leaves = models.BinaryField()
    prev_hash = models.BinaryField()
    root = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(event_count__gte=1), name="events_sealblock_not_empty"),
        ]

    def __str__(self) -> str:
        return f"block {self.number}"


class DroppedMonth(models.Model):
    """A month of the log dropped after its retention: which event ids are rightly missing. Append-only."""

    month = models.DateField(primary_key=True)
    event_count = models.BigIntegerField()
    event_ids = models.TextField()  # int8multirange as text, e.g. "{[1,500),[510,900)}"
    dropped_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
