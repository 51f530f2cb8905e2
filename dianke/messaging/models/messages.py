"""The outbox: one row for everything that is to be said to a customer, once, and how far a batch was handed over."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.encrypted_fields import EncryptedJSONField, Sealed, SealedQuerySet
from dianke.customers.models import Customer
from dianke.customers.models.people import customer_key

VIEW = "messaging.view_messages"


class Channel(models.TextChoices):
    SMS = "SMS", _("Text message")
    EMAIL = "EMAIL", pgettext_lazy("channel", "Email")
    PORTAL = "PORTAL", _("Inbox on the member card")
    CALL = "CALL", _("Phone call")
    WECHAT = "WECHAT", pgettext_lazy("channel", "WeChat")
    WECOM = "WECOM", pgettext_lazy("channel", "WeCom")


class Purpose(models.TextChoices):
    """SERVICE is about something the customer has or did (an order, a booking): it needs no consent and counts for no
    limit. The two others are those of consent."""

    MARKETING = "MARKETING", _("Offers and news")
    CARE = "CARE", _("Greetings and reminders")
    SERVICE = "SERVICE", _("About an order or appointment")


class State(models.TextChoices):
    """Held: may go later, `reason` says why not yet. Claimed: a batch has it. Handed: an employee has it and still has
    to send it. Unknown: the carrier did not answer, so it is asked before anything else. Suppressed: the rules forbade
    it when its time came."""

    QUEUED = "QUEUED", pgettext_lazy("message", "Waiting")
    HELD = "HELD", pgettext_lazy("message", "Held back")
    CLAIMED = "CLAIMED", pgettext_lazy("message", "Being sent")
    HANDED = "HANDED", pgettext_lazy("message", "With an employee")
    SENT = "SENT", pgettext_lazy("message", "Sent")
    DELIVERED = "DELIVERED", pgettext_lazy("message", "Delivered")
    READ = "READ", pgettext_lazy("message", "Read")
    FAILED = "FAILED", pgettext_lazy("message", "Failed")
    UNKNOWN = "UNKNOWN", pgettext_lazy("message", "Not certain")
    SUPPRESSED = "SUPPRESSED", pgettext_lazy("message", "Not allowed")
    CANCELLED = "CANCELLED", pgettext_lazy("message", "Cancelled")


WAITING = (State.QUEUED, State.HELD)
OUT = (State.SENT, State.DELIVERED, State.READ)
ENDED = (State.FAILED, State.SUPPRESSED, State.CANCELLED)


class Handover(models.Model):
    """A batch on its way to a carrier. `position` is written before each message is handed over: those before it were
    answered, the one at it is in doubt if the worker dies, those after it were not begun. `answers` holds what the
    carrier said where it was more than yes. Whoever holds the lease may go on; after it, anybody may settle the
    batch."""

    id = models.UUIDField(primary_key=True)
    channel = models.CharField(max_length=8, choices=Channel)
    carrier = models.CharField(max_length=20)
    message_ids = ArrayField(models.BigIntegerField())
    position = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    begun_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("batch of messages")
        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(finished_at=None), name="messaging_handover_open"
            )
        ]


class MessageQuerySet(SealedQuerySet):
    def visible_to(self, actor: Actor, permission: str = VIEW) -> Self:
        """Messages of the customers the actor may see."""
        if actor.is_system:
            return self
        if not actor.can(permission):
            return self.none()
        seen = Customer.objects.visible_to(actor)
        return self.filter(customer__in=seen.values("pk")) if seen.query.where else self

    def recallable(self) -> Self:
        """What may still be called back: what waits, and what an employee has and nobody called back yet."""
        return self.filter(Q(state__in=WAITING) | Q(state=State.HANDED, reason=""))


class Message(Sealed):
    """`source` ("campaign:12", "manual:…"), `step`, the person and `occurrence` make one message, however often it
    is asked for. `given` holds the values of its variables or, without a template, its words; `said` what was worded
    when its turn came. The address is looked up then and kept as the id of the contact point."""

    key = customer_key()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="messages", db_index=False)
    source = models.CharField(_("from"), max_length=60)
    step = models.CharField(max_length=40, blank=True)
    occurrence = models.CharField(max_length=60, blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    template = models.ForeignKey(
        "messaging.TemplateVersion",
        models.PROTECT,
        null=True,
        related_name="messages",
        verbose_name=_("template"),
        db_index=False,
    )
    given = EncryptedJSONField(_("values"), subject="key", null=True)
    said = EncryptedJSONField(_("words"), subject="key", null=True)
    contact_id = models.BigIntegerField(null=True)
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, null=True, related_name="+", verbose_name=_("store"), db_index=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    detail = models.CharField(_("what the carrier said"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("asked for"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField(_("not after"), null=True)
    handover = models.ForeignKey(Handover, models.PROTECT, null=True, related_name="+", db_index=False)
    carrier = models.CharField(_("carrier"), max_length=20, blank=True)
    carrier_id = models.CharField(max_length=80, blank=True)
    #: The day it was counted for the limits of the person; a further try is not counted again.
    counted_on = models.DateField(null=True)
    try_count = models.PositiveSmallIntegerField(default=0)
    segments = models.PositiveSmallIntegerField(_("parts"), default=1)
    sent_at = models.DateTimeField(_("sent"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "step", "customer", "occurrence"], name="messaging_message_once"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="messaging_message_state"),
            models.CheckConstraint(
                condition=~Q(state="CLAIMED") | Q(handover__isnull=False), name="messaging_claimed_by_batch"
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at", "id"],
                condition=Q(state__in=["QUEUED", "HELD", "UNKNOWN"]),
                name="messaging_message_due",
            ),
            models.Index(fields=["customer", "-id"], name="messaging_message_of"),
            models.Index(fields=["-created_at", "-id"], name="messaging_message_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="messaging_message_by_state"),
            # Who was written to, and who read it, since a day.
            models.Index(
                fields=["sent_at"],
                include=["customer", "state"],
                condition=Q(sent_at__isnull=False),
                name="messaging_message_sent",
            ),
            models.Index(
                fields=["read_at"],
                include=["customer"],
                condition=Q(read_at__isnull=False),
                name="messaging_message_read",
            ),
            models.Index(
                fields=["carrier_id"], condition=~Q(carrier_id=""), name="messaging_message_receipt"
            ),
        ]

    @property
    def is_recallable(self) -> bool:
        """As `recallable`."""
        return self.state in WAITING or (self.state == State.HANDED and not self.reason)

    @property
    def words(self) -> dict[str, Any]:
        """What was or will be said: {"subject", "text"}; empty while a template is still to be filled in."""
        found: dict[str, Any] = self.said or (self.given if self.template_id is None else None) or {}
        return found
