"""What is kept of imports: the run with its counts, the rows somebody has to look at, and what is remembered about
files that look alike. The values of files are sealed with the data key of their run; destroying it forgets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, RowScope
from dianke.core.encrypted_fields import EncryptedJSONField, Sealed, SealedQuerySet
from dianke.core.ids import uuid7
from dianke.imports.importers import OutcomeKind, importers_for
from dianke.imports.rules.outcomes import Tally

if TYPE_CHECKING:
    import uuid as uuids

FILES_KEPT = timedelta(days=30)
#: A job that has not said anything for this long has died.
SILENCE = timedelta(minutes=2)


class ImportSource(models.Model):
    """How files with these headers were mapped the last time: the next one is mapped by itself."""

    importer = models.CharField(_("importer"), max_length=40)
    fingerprint = models.CharField(_("headers"), max_length=64)
    mapping = models.JSONField(_("mapping"), default=dict)
    match_rule = models.CharField(_("match rule"), max_length=40, blank=True)
    options = models.JSONField(_("options"), default=dict)
    used_at = models.DateTimeField(_("last used"))

    class Meta:
        verbose_name = _("remembered mapping")
        verbose_name_plural = _("remembered mappings")
        constraints = [
            models.UniqueConstraint(fields=["importer", "fingerprint"], name="imports_source_once")
        ]

    def __str__(self) -> str:
        return f"{self.importer} {self.fingerprint[:8]}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own; of others to whoever sees all, for importers the actor may use. The system sees everything."""
        if actor.is_system:
            return self
        own = Q(started_by_id=actor.user_id) if actor.user_id is not None else Q(pk__in=[])
        if actor.scope_for("imports.view_runs") is not RowScope.ALL:
            return self.filter(own)
        if actor.can("imports.run_imports"):
            return self.filter(own | Q(importer__in=[importer.code for importer in importers_for(actor)]))
        return self  # who only reads, as an auditor does: counts and names of files, never the values

    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)

    def silent(self, now: datetime) -> Self:
        """Under way, but nobody has worked on it lately: the worker died."""
        return self.under_way().filter(beat_at__lt=now - SILENCE)


class ImportRun(models.Model):
    """One file on its way into the system. `last_row` is the number of the last row that is done: a job that starts
    again goes on behind it. `undo_stage` and `undo_cursor` say the same of undoing."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Columns to map")
        CHECKING = "CHECKING", _("Being checked")
        CHECKED = "CHECKED", _("Checked")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        CANCELLED = "CANCELLED", _("Cancelled")
        FAILED = "FAILED", _("Stopped")
        UNDOING = "UNDOING", _("Being undone")
        UNDONE = "UNDONE", _("Undone")

    uuid = models.UUIDField(_("id"), default=uuid7, unique=True, editable=False)
    importer = models.CharField(_("importer"), max_length=40)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    data_key = models.ForeignKey("core.DataKey", models.PROTECT, related_name="+", verbose_name=_("data key"))

    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    format = models.CharField(_("format"), max_length=5)  # "xlsx", "xls" or "text"
    removed_at = models.DateTimeField(_("file removed"), null=True)

    encoding = models.CharField(_("encoding"), max_length=12, blank=True)
    delimiter = models.CharField(_("delimiter"), max_length=1, blank=True)
    sheet = models.CharField(_("sheet"), max_length=64, blank=True)
    header_row = models.PositiveIntegerField(_("heading row"), default=0)  # 1-based; 0: no heading
    headers = ArrayField(models.TextField(), default=list, verbose_name=_("headers"))
    row_estimate = models.PositiveIntegerField(_("rows, about"), default=0)

    profile = models.CharField(_("known system"), max_length=40, blank=True)
    mapping = models.JSONField(_("mapping"), default=dict)  # {"column index": "target code"}
    match_rule = models.CharField(_("match rule"), max_length=40, blank=True)
    options = models.JSONField(_("options"), default=dict)

    row_count = models.PositiveIntegerField(_("rows"), default=0)
    forecast = models.JSONField(_("forecast"), default=dict)  # counts of the check, as of `Tally.as_data`
    problems = models.JSONField(_("problems"), default=dict)  # code → how many rows have it
    created_count = models.PositiveIntegerField(_("new"), default=0)
    updated_count = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped_count = models.PositiveIntegerField(_("left out"), default=0)
    error_count = models.PositiveIntegerField(_("errors"), default=0)
    warning_count = models.PositiveIntegerField(_("with warnings"), default=0)
    removed_count = models.PositiveIntegerField(_("taken back"), default=0)
    restored_count = models.PositiveIntegerField(_("put back as before"), default=0)
    kept_count = models.PositiveIntegerField(_("kept"), default=0)

    seen_count = models.PositiveIntegerField(default=0)  # rows read in the present phase, for the bar
    last_row = models.PositiveIntegerField(default=0)
    undo_stage = models.PositiveSmallIntegerField(default=0)
    undo_cursor = models.TextField(blank=True)
    beat_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    failure = models.TextField(_("reason"), blank=True)
    failed_state = models.CharField(max_length=9, blank=True)  # what it was doing when it stopped

    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("started by")
    )
    worked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )  # for the job
    uploaded_at = models.DateTimeField(_("uploaded"))
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    undone_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-uploaded_at"]
        indexes = [
            models.Index(fields=["-uploaded_at"], name="imports_newest"),
            models.Index(fields=["importer", "sha256"], name="imports_same_file"),
            models.Index(
                fields=["beat_at"],
                name="imports_under_way",
                condition=Q(state__in=["CHECKING", "RUNNING", "UNDOING"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="imports_counts_fit",
                condition=Q(
                    row_count__gte=F("created_count")
                    + F("updated_count")
                    + F("unchanged_count")
                    + F("skipped_count")
                    + F("error_count")
                ),
            ),
            models.CheckConstraint(
                name="imports_failure_says_where",
                condition=Q(state="FAILED") & ~Q(failed_state="") | ~Q(state="FAILED") & Q(failed_state=""),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def has_file(self) -> bool:
        return self.removed_at is None

    @property
    def has_started(self) -> bool:
        """Whether rows may have been written, so that the run is never deleted."""
        return self.started_at is not None

    @property
    def can_be_undone(self) -> bool:
        """Once it stands still and something came in."""
        stands = self.state in {self.State.DONE, self.State.CANCELLED} or (
            self.state == self.State.FAILED and self.failed_state in {"RUNNING", "UNDOING"}
        )
        return stands and bool(self.created_count + self.updated_count)

    @property
    def tally(self) -> Tally:
        """The counts as they are now; of the check before the run."""
        if not self.has_started:
            return Tally.of(self.forecast) if self.forecast else Tally()
        return Tally(
            self.created_count,
            self.updated_count,
            self.unchanged_count,
            self.skipped_count,
            self.error_count,
            self.warning_count,
        )

    def columns(self) -> dict[int, str]:
        """The mapping by column."""
        return {int(index): code for index, code in self.mapping.items()}


UNDER_WAY = (ImportRun.State.CHECKING, ImportRun.State.RUNNING, ImportRun.State.UNDOING)


class ImportRow(Sealed):
    """A row somebody may want to look at: with an error or a warning, or kept on the importer's wish.

    `content` is {"cells": [texts as in the file], "problems": [[code, target, message, is warning]]}.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", verbose_name=_("import"))
    data_key = models.ForeignKey("core.DataKey", models.PROTECT, related_name="+", db_index=False)
    row_number = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(
        _("outcome"), max_length=9, choices=[(kind.value, kind.value) for kind in OutcomeKind]
    )
    codes = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("problems"))
    is_error = models.BooleanField(default=False)
    content = EncryptedJSONField(subject="data_key")

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("noted row")
        verbose_name_plural = _("noted rows")
        ordering = ["row_number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "row_number"], name="imports_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.row_number}"

    if TYPE_CHECKING:
        run_id: int
        data_key_id: uuids.UUID
