"""Which customers are the same person: pairs that were scored and decided, merges with their journal."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.customers.models.people import Customer


class PairState(models.TextChoices):
    WAITING = "WAITING", _("To be decided")
    LINKED = "LINKED", _("The same")
    DIFFERENT = "DIFFERENT", _("Not the same person")
    LATER = "LATER", _("Put off")
    OUTDATED = "OUTDATED", _("Settled otherwise")


class MatchPair(models.Model):
    """A pair of customers (the smaller id left) with its score and explanation (`parts`: comparison, level,
    weight in bits). DIFFERENT is remembered: no later run proposes the pair again."""

    left = models.ForeignKey(Customer, models.PROTECT, related_name="pairs_left")
    right = models.ForeignKey(Customer, models.PROTECT, related_name="pairs_right")
    probability = models.FloatField(_("probability"))
    weight = models.FloatField(_("weight in bits"))
    parts = models.JSONField(default=list)
    model_version = models.CharField(max_length=20)
    state = models.CharField(_("state"), max_length=9, choices=PairState, default=PairState.WAITING)
    needs_person = models.BooleanField(default=False)  # somebody doubted it: never joined by rule
    found_at = models.DateTimeField(_("found"))
    decided_at = models.DateTimeField(_("judged"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="match_pair_once"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="match_pair_in_order"),
        ]
        indexes = [
            models.Index(
                fields=["-probability", "id"], name="match_pair_waiting", condition=Q(state="WAITING")
            )
        ]


class Merge(models.Model):
    """A profile joined to another, head to head. `moved` are the ids of the customers that came along (the
    head of the joined profile and what was merged into it before), `before` what the kept head was: which
    record each shown value came from, when it was last seen, and who and which stores it was opened to by the
    merge. No personal data."""

    kept = models.ForeignKey(Customer, models.PROTECT, related_name="merges_kept")
    joined = models.ForeignKey(Customer, models.PROTECT, related_name="merges_joined")
    moved = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    why = models.CharField(_("reason"), max_length=12)  # RULE, REVIEW, HAND
    pair = models.ForeignKey(
        MatchPair, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-at", "-id"]
        constraints = [
            # Merges that stand make trees (rules/merging.py): nothing is joined to two at a time.
            models.UniqueConstraint(fields=["joined"], condition=Q(undone_at=None), name="merge_stands_once"),
            models.CheckConstraint(condition=~Q(kept=F("joined")), name="merge_of_two"),
        ]
