"""What an import of suppliers made or changed, row by row: what undoing it puts back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.purchasing.models.suppliers import Supplier


class ImportedSupplier(models.Model):
    """`before` and `after` are the fields the row changed, `before` empty where it made the supplier. The contact is a
    person: it is only brought in with a new supplier and never stands here."""

    run = models.ForeignKey("imports.ImportRun", models.PROTECT, related_name="+", db_index=False)
    row = models.IntegerField()
    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="imported_rows")
    is_new = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("imported supplier")
        constraints = [
            models.UniqueConstraint(fields=["run", "row"], name="purchasing_importedsupplier_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.row}"
