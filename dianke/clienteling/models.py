"""Who is proposed to whom on a day, what came of it, and what the merchant decided about it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models import Customer

WORK = "clienteling.work_queue"
MANAGE = "clienteling.manage_queue"


class Why(models.TextChoices):
    """Why just this employee was given the customer."""

    PROMISED = "PROMISED", _("You said you would call again today")
    OWNER = "OWNER", _("You look after this customer")
    SHARE = "SHARE", _("Your share of the customers whom nobody on the list looks after")


class OutcomeKind(models.TextChoices):
    REACHED = "REACHED", pgettext_lazy("outcome", "Reached")
    MISSED = "MISSED", pgettext_lazy("outcome", "Not reached")
    AGAIN = "AGAIN", pgettext_lazy("outcome", "Call again")
    VISIT = "VISIT", pgettext_lazy("outcome", "Visit agreed")
    LEAVE = "LEAVE", pgettext_lazy("outcome", "Leave alone")
    SENT = "SENT", pgettext_lazy("outcome", "Message sent")


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own list, and of it the customers one may (still) see."""
        if not actor.can(WORK):
            return self.none()
        if actor.is_system:
            return self
        visible = Customer.objects.visible_to(actor).values("pk")
        return self.filter(
            Q(customer__in=visible) | Q(customer__merged_into__in=visible), user_id=actor.user_id or 0
        )


class Entry(models.Model):
    """One customer on one employee's list of a day: a person is on one list a day, whoever's. `reasons` are
    `[{"code", "facts"}, …]`, the main one first, with the numbers behind them; `parts` add up to `weight`, the
    order of the list. `partner` kept the customer when it was made."""

    day = models.DateField(_("day"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    partner = models.ForeignKey("stores.Partner", models.PROTECT, null=True, related_name="+", db_index=False)
    why = models.CharField(max_length=8, choices=Why)
    weight = models.PositiveSmallIntegerField()
    parts = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    made_at = models.DateTimeField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer to contact")
        verbose_name_plural = _("customers to contact")
        constraints = [models.UniqueConstraint(fields=["day", "customer"], name="clienteling_once_a_day")]
        indexes = [models.Index(fields=["user", "day", "-weight"], name="clienteling_list_of_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.customer_id}"


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def visible_to(self, actor: Actor) -> Self:
        """What came of one's own list."""
        return self.filter(entry__in=Entry.objects.visible_to(actor).values("pk"))

    def standing(self) -> Self:
        """Not taken back."""
        return self.filter(taken_back_at=None)


class Outcome(models.Model):
    """What came of it. Nobody proposes the person before `rests_until_date`; `agreed_date` is the day for calling
    again or for a visit. `message_id` of the message that was sent, `note_id` of the note that was written."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="outcomes", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(_("outcome"), max_length=7, choices=OutcomeKind)
    channel = models.CharField(_("channel"), max_length=8, blank=True)
    agreed_date = models.DateField(_("agreed for"), null=True)
    rests_until_date = models.DateField(_("left in peace until"))
    note_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("when"))
    taken_back_at = models.DateTimeField(null=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome of a contact")
        verbose_name_plural = _("outcomes of contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(taken_back_at=None), name="clienteling_outcome_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["customer", "rests_until_date"],
                condition=Q(taken_back_at=None),
                name="clienteling_resting",
            ),
            models.Index(
                fields=["agreed_date"],
                condition=Q(taken_back_at=None, kind="AGAIN"),
                name="clienteling_promised",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id}"


class QueueRules(models.Model):
    """What holds for every list; one row. `rest_days`: whoever was reached, by anybody, is left in peace so long."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    day_limit = models.PositiveSmallIntegerField(_("people a day"), default=15)
    rest_days = models.PositiveSmallIntegerField(_("days of rest"), default=7)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rules of the contact list")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="clienteling_rules_are_one")]


class ReasonRule(models.Model):
    """What the merchant changed about a reason; without a row what `rules/reasons.py` says holds. Empty `words`: the
    ready-made ones."""

    code = models.CharField(max_length=8, unique=True)
    is_on = models.BooleanField(_("in use"), default=True)
    days = models.PositiveSmallIntegerField(_("days"))
    words = models.CharField(_("words"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("reason to contact")

    def __str__(self) -> str:
        return self.code
