"""What an import made or changed, row by row: what undoing it puts back."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.pieces import Piece
from dianke.catalog.models.variants import Variant


class ImportedRow(models.Model):
    """`before` and `after` are the fields of product and variant the row changed (`{"product": {"name": "…"}}`), empty
    where it made them; `barcodes` the values it added."""

    run = models.ForeignKey("imports.ImportRun", models.PROTECT, related_name="+", db_index=False)
    row = models.IntegerField()
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="imported_rows")
    makes_product = models.BooleanField(default=False)
    makes_variant = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    barcodes = ArrayField(models.CharField(max_length=48), default=list)

    class Meta:
        verbose_name = _("imported row")
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="catalog_importedrow_once")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.row}"


class ImportedPiece(models.Model):
    """The same for a row of an import of single pieces."""

    run = models.ForeignKey("imports.ImportRun", models.PROTECT, related_name="+", db_index=False)
    row = models.IntegerField()
    piece = models.ForeignKey(Piece, models.CASCADE, related_name="imported_rows")
    makes_piece = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("imported piece")
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="catalog_importedpiece_once")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.row}"
