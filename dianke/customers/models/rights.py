"""The rights of customers: requests with a clock, and the register of what their data is used for."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.customers.models.people import Customer


class RequestKind(models.TextChoices):
    ACCESS = "ACCESS", _("See my data")
    PORTABILITY = "PORTABILITY", _("Take my data along")
    CORRECTION = "CORRECTION", _("Correct my data")
    ERASURE = "ERASURE", _("Erase my data")
    OBJECTION = "OBJECTION", _("Stop a use of my data")


class RequestState(models.TextChoices):
    OPEN = "OPEN", pgettext_lazy("data request", "Open")
    DONE = "DONE", _("Done")
    REFUSED = "REFUSED", _("Refused")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def visible_to(self, actor: Actor, permission: str = "customers.handle_requests") -> Self:
        """Requests of the customers for whom the actor handles them."""
        if actor.is_system:
            return self
        return self.filter(customer__in=Customer.objects.visible_to(actor, permission))

    def open(self) -> Self:
        return self.filter(state=RequestState.OPEN)

    def overdue(self, now: datetime) -> Self:
        return self.filter(state=RequestState.OPEN, due_at__lt=now)


class RightsRequest(models.Model):
    """A request of a customer; `due_at` is when it must be answered (15 working days, PIPL practice). What the person
    wrote is kept without contact data."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="rights_requests")
    kind = models.CharField(_("request"), max_length=12, choices=RequestKind)
    state = models.CharField(_("state"), max_length=10, choices=RequestState, default=RequestState.OPEN)
    channel = models.CharField(_("came by"), max_length=12)
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("to be answered by"))
    identity_checked_how = models.CharField(_("identity checked by"), max_length=40, blank=True)
    details = models.CharField(_("details"), max_length=400, blank=True)
    answer = models.CharField(_("answer"), max_length=400, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request about data")
        verbose_name_plural = _("requests about data")
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(state="OPEN"),
                name="rights_request_open_once",
                violation_error_message=_("Such a request is open already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == RequestState.OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.due_at < now


class ProcessingActivity(models.Model):
    """A row of the processing register: what data, what for, on which ground, how long, who receives it."""

    name = models.CharField(_("activity"), max_length=80)
    purpose = models.CharField(_("purpose"), max_length=200)
    ground = models.CharField(_("legal ground"), max_length=80)
    categories = models.CharField(_("kinds of data"), max_length=200)
    recipients = models.CharField(_("recipients"), max_length=200, blank=True)
    retention = models.CharField(_("kept for"), max_length=120)
    is_sensitive = models.BooleanField(_("sensitive data"), default=False)
    reviewed_at = models.DateTimeField(_("last reviewed"), null=True, blank=True)

    class Meta:
        verbose_name = _("processing activity")
        verbose_name_plural = _("processing register")
        ordering = ["name", "id"]
