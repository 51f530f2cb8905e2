"""What the page kit keeps per person: saved views and columns of lists, and the exports they asked for."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, PermissionRefused


def owner_of(actor: Actor) -> int:
    """Whose views, columns and exports these are; who is nobody has none."""
    if actor.user_id is None:
        raise PermissionRefused
    return actor.user_id


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> Self:
        """Own views and those shared by colleagues."""
        return self.filter(Q(user_id=actor.user_id) | Q(is_shared=True))


class SavedView(models.Model):
    """Filters and sort of a list under a name, shown as a tab. `query` is the list's query string."""

    user = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="+")
    list_code = models.CharField(max_length=60)
    name = models.CharField(_("name of the view"), max_length=40)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(_("share with colleagues"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "list_code", "name"], name="saved_view_name_unique")
        ]

    def __str__(self) -> str:
        return self.name


class ListPreference(models.Model):
    """The columns a person chose for a list, in their order."""

    user = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="+")
    list_code = models.CharField(max_length=60)
    columns = ArrayField(models.CharField(max_length=60))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "list_code"], name="list_preference_once")]


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(user_id=actor.user_id)


class Export(models.Model):
    """A file made of a list. Long ones are written by the worker while the person goes on."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    class Format(models.TextChoices):
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"

    user = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="+")
    list_code = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    format = models.CharField(max_length=4, choices=Format.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    row_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    file_name = models.CharField(max_length=120, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["user", "-requested_at"], name="exports_of_a_person")]

    @property
    def percent(self) -> int:
        return min(100, 100 * self.row_count // self.total_count) if self.total_count else 0
