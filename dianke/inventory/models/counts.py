"""Stocktakes: sessions of counting, their lines, and every look somebody took at a shelf."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.inventory.models.documents import Document
from dianke.inventory.models.places import Place
from dianke.inventory.models.stock import Batch


class CountSessionQuerySet(models.QuerySet["CountSession"]):
    def visible_to(self, actor: Actor, permission: str = "inventory.view_stock") -> Self:
        """Sessions of the stores the actor reaches."""
        reached = actor.stores_for(permission)
        return self if reached is None else self.filter(store_id__in=reached)

    def not_ended(self) -> Self:
        return self.exclude(state__in=[CountSession.State.POSTED, CountSession.State.CANCELLED])


class CountSession(models.Model):
    """Counting a store, one place of it or one category, while it goes on selling. In a blind one nobody who counts is
    told what is expected. A first look may differ by `tolerance_quantity` or `tolerance_bp` of what is expected."""

    class State(models.TextChoices):
        COUNTING = "COUNTING", _("Counting")
        RECOUNTING = "RECOUNTING", _("Counting again")
        SUBMITTED = "SUBMITTED", _("Counted")
        POSTED = "POSTED", _("Posted")
        CANCELLED = "CANCELLED", _("Called off")

    uuid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="count_sessions", verbose_name=_("store")
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("place")
    )
    category = models.ForeignKey(
        "catalog.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.COUNTING)
    is_blind = models.BooleanField(_("blind"), default=True)
    tolerance_quantity = models.DecimalField(_("tolerance"), max_digits=18, decimal_places=4, default=0)
    tolerance_bp = models.PositiveIntegerField(_("tolerance (basis points)"), default=0)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("counted"), null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="count_session")
    surplus = models.DecimalField(_("found"), max_digits=20, decimal_places=6, null=True)
    shortage = models.DecimalField(_("missing"), max_digits=20, decimal_places=6, null=True)

    objects = CountSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("stocktake")
        verbose_name_plural = _("stocktakes")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["POSTED", "CANCELLED"], closed_at__isnull=False)
                | Q(state__in=["COUNTING", "RECOUNTING", "SUBMITTED"], closed_at=None),
                name="inventory_countsession_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(document=None) | Q(state="POSTED"), name="inventory_countsession_posted"
            ),
            models.CheckConstraint(
                condition=Q(tolerance_quantity__gte=0, tolerance_bp__lte=10_000),
                name="inventory_countsession_tolerance",
            ),
        ]
        indexes = [
            models.Index(
                fields=["store"],
                condition=~Q(state__in=["POSTED", "CANCELLED"]),
                name="inventory_countsession_open",
            )
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def is_counting(self) -> bool:
        """Whether looks are still taken."""
        return self.state in (self.State.COUNTING, self.State.RECOUNTING)


class CountLine(models.Model):
    """One thing to count: a variant, a batch of it or a piece, at a place. `round` is the look that is asked for or was
    last taken; the figures of that look and the verdict are written when the session is submitted and posted."""

    class Verdict(models.TextChoices):
        UNCOUNTED = "UNCOUNTED", _("Not counted")
        SETTLED = "SETTLED", _("Settled")
        RECOUNT = "RECOUNT", _("To be counted again")
        DISPUTED = "DISPUTED", _("Disputed")
        ELSEWHERE = "ELSEWHERE", _("Belongs elsewhere")
        SUPERSEDED = "SUPERSEDED", _("Counted later already")

    session = models.ForeignKey(CountSession, models.CASCADE, related_name="lines", db_index=False)
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("place")
    )
    variant = models.ForeignKey(
        "catalog.Variant", models.PROTECT, related_name="+", db_index=False, verbose_name=_("product")
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("batch")
    )
    piece = models.ForeignKey(
        "catalog.Piece", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("piece")
    )
    snapshot = models.DecimalField(max_digits=18, decimal_places=4)
    round = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(
        _("verdict"), max_length=10, choices=Verdict.choices, default=Verdict.UNCOUNTED
    )
    reason = models.CharField(max_length=20, blank=True)
    counted = models.DecimalField(_("counted"), max_digits=18, decimal_places=4, null=True)
    counted_at = models.DateTimeField(_("counted at"), null=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    expected = models.DecimalField(_("expected"), max_digits=18, decimal_places=4, null=True)
    variance = models.DecimalField(_("difference"), max_digits=18, decimal_places=4, null=True)
    unit_cost = models.DecimalField(max_digits=20, decimal_places=6, null=True)

    class Meta:
        ordering = ["session", "id"]
        verbose_name = _("line of a stocktake")
        verbose_name_plural = _("lines of a stocktake")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "place", "variant", "batch", "piece"],
                nulls_distinct=False,
                name="inventory_countline_once",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["UNCOUNTED", "ELSEWHERE", "SUPERSEDED"]) | Q(variance__isnull=False),
                name="inventory_countline_judged",
            ),
        ]
        indexes = [
            models.Index(fields=["session"], condition=Q(verdict="RECOUNT"), name="inventory_countline_again")
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.pk}"


class CountEntry(models.Model):
    """What somebody saw at one instant: `quantity` more of a line in a round, or with `is_total` all of it, instead of
    what was entered before. `key` is the phone's: sent twice it counts once. Never changed."""

    session = models.ForeignKey(CountSession, models.CASCADE, related_name="entries", db_index=False)
    line = models.ForeignKey(CountLine, models.CASCADE, related_name="entries", db_index=False)
    key = models.CharField(max_length=64)
    round = models.PositiveSmallIntegerField()
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=4)
    is_total = models.BooleanField()
    counted_at = models.DateTimeField(_("counted at"))
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["counted_at", "id"]
        verbose_name = _("look at a shelf")
        constraints = [
            models.UniqueConstraint(fields=["session", "key"], name="inventory_countentry_once"),
            models.CheckConstraint(
                condition=Q(is_total=False) | Q(quantity__gte=0), name="inventory_countentry_total"
            ),
        ]
        indexes = [
            models.Index(fields=["line", "round", "counted_at", "id"], name="inventory_countentry_line")
        ]

    def __str__(self) -> str:
        return f"{self.line_id}/{self.round}: {self.quantity}"
