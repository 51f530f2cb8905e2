"""Approvals: a change one person asks for and another lets happen, bound to exactly that change.

The row holds the operation, its arguments as canonical JSON (RFC 8785) with their SHA-256, and the version of the
state they were asked for in. The database itself refuses that a maker decides; only the outcome is ever written later.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own requests, and what one may decide; the whole list for who reviews permissions."""
        if actor.is_system or actor.can("access.review_permissions"):
            return self
        own = (
            Q(requested_by_id=actor.user_id) | Q(closed_by_id=actor.user_id)
            if actor.user_id
            else Q(pk__in=[])
        )
        return self.filter(own | decidable(actor))

    def decidable_by(self, actor: Actor) -> Self:
        """Those the actor may decide: never one's own requests."""
        return self.filter(decidable(actor)).exclude(requested_by_id=actor.user_id)

    def pending(self, now: datetime) -> Self:
        return self.filter(outcome=Approval.Outcome.PENDING, expires_at__gt=now)


def decidable(actor: Actor) -> Q:
    """Requests for operations the actor holds itself, at stores where it decides, and that name it or nobody."""
    from dianke.work.registry import approvables

    stores = actor.stores_for("work.decide_approvals")
    condition = Q(pk__in=[])
    for approvable in approvables().values():
        held = actor.stores_for(approvable.permission)
        both = held if stores is None else stores if held is None else stores & held
        if both is None:
            condition |= Q(operation=approvable.operation)
        elif both:
            condition |= Q(operation=approvable.operation, store_id__in=both)
    named = Q(checker_ids=[]) | Q(checker_ids__contains=[actor.user_id])
    return condition & named


class Approval(models.Model):
    """`outcome` stays PENDING until somebody decides, the maker withdraws, or time or a change overtakes it."""

    class Outcome(models.TextChoices):
        PENDING = "PENDING", _("Waiting")
        APPROVED = "APPROVED", _("Approved")
        REFUSED = "REFUSED", _("Turned down")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        EXPIRED = "EXPIRED", _("Expired")
        OVERTAKEN = "OVERTAKEN", _("Overtaken by a change")

    operation = models.CharField(_("operation"), max_length=80)
    arguments = models.TextField(_("arguments"))  # canonical JSON, to the byte
    sha256 = models.CharField(max_length=64)
    before_version = models.CharField(max_length=64)
    summary = models.CharField(_("what"), max_length=200)
    lines = models.JSONField(
        default=list
    )  # what was shown when it was asked for: [{"label", "before", "after"}]
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True)
    reason = models.TextField(_("why it is asked for"))
    subject = models.CharField(_("about"), max_length=120, blank=True)
    store = models.ForeignKey(
        "stores.Store", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("store")
    )
    checker_ids = models.JSONField(default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"))
    expires_at = models.DateTimeField(_("expires"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.PENDING)
    closed_at = models.DateTimeField(_("decided"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decision_note = models.TextField(_("note of the decision"), blank=True)
    result_url = models.CharField(max_length=200, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="PENDING", closed_at=None)
                | (~Q(outcome="PENDING") & Q(closed_at__isnull=False)),
                name="work_approval_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["APPROVED", "REFUSED"])
                | (Q(closed_by__isnull=False) & ~Q(closed_by=F("requested_by"))),
                name="work_approval_checker_is_not_maker",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="work_approval_has_reason"),
        ]
        indexes = [
            models.Index(
                fields=["store", "requested_at"], condition=Q(outcome="PENDING"), name="work_approval_waiting"
            ),
            models.Index(fields=["subject"], condition=~Q(subject=""), name="work_approval_subject"),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def is_pending(self) -> bool:
        return self.outcome == self.Outcome.PENDING


class ApprovalPolicyQuerySet(models.QuerySet["ApprovalPolicy"]):
    def of(self, operation: str, store_id: int | None) -> ApprovalPolicy | None:
        """The row for one operation at one store, or (None) the general one."""
        place = Q(store=None) if store_id is None else Q(store_id=store_id)
        return self.filter(place, operation=operation).first()


class ApprovalPolicy(models.Model):
    """When an operation needs a second person: always, or from `limit` on. Without a policy nobody is asked.

    `checkers` narrow who decides; none named means whoever may decide there and holds the operation's permission.
    """

    operation = models.CharField(_("operation"), max_length=80)
    store = models.ForeignKey(
        "stores.Store",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("store"),
    )
    limit = models.DecimalField(_("from"), max_digits=18, decimal_places=2, null=True, blank=True)
    checkers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("who decides")
    )
    expires_hours = models.PositiveSmallIntegerField(_("hours until it expires"), default=72)
    is_active = models.BooleanField(_("in force"), default=True)

    objects = ApprovalPolicyQuerySet.as_manager()

    class Meta:
        ordering = ["operation", "id"]
        verbose_name = _("approval policy")
        verbose_name_plural = _("approval policies")
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "store"], nulls_distinct=False, name="work_policy_once_per_store"
            ),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=0), name="work_policy_limit_positive"
            ),
            models.CheckConstraint(
                condition=Q(expires_hours__gte=1, expires_hours__lte=720), name="work_policy_expiry_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.operation
