"""What goods are sorted by: categories, which nest, and brands."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.visible import CatalogQuerySet
from dianke.core.search_words import FoundByWords, search_words_index

MOST_LEVELS = 5


class CategoryQuerySet(CatalogQuerySet):
    def in_use(self) -> Self:
        """Without those that became part of another or were put away."""
        return self.filter(merged_into=None, archived_at=None)

    def branch(self, category_id: int) -> Self:
        """The category and everything below it."""
        return self.filter(Q(pk=category_id) | Q(path__contains=[category_id]))


class Category(FoundByWords):
    """`path` are the ids of the categories above, the topmost first; empty at the top. One that was merged points at
    the one that stands for it now and holds nothing any more."""

    words_from = ("name",)

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("inside")
    )
    name = models.CharField(_("name"), max_length=40)
    position = models.PositiveIntegerField(default=0)
    path = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["path", "position", "id"]
        verbose_name = _("product category")
        verbose_name_plural = _("product categories")
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(merged_into=None),
                nulls_distinct=False,
                name="catalog_category_name_once",
            ),
            models.CheckConstraint(
                condition=Q(path__len__lt=MOST_LEVELS), name="catalog_category_five_levels"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="catalog_category_not_into_self"
            ),
        ]
        indexes = [GinIndex(fields=["path"], name="catalog_category_path")]

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> list[int]:
        """The ids from the topmost down to this one."""
        return [*self.path, self.pk]

    @property
    def level(self) -> int:
        """1 at the top."""
        return len(self.path) + 1


class Brand(FoundByWords):
    words_from = ("name", "aliases")

    name = models.CharField(_("name"), max_length=60, unique=True)
    aliases = models.CharField(_("also called"), max_length=160, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        indexes = [search_words_index("catalog_brand_words")]

    def __str__(self) -> str:
        return self.name
