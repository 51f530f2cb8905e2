"""Single pieces: every ring has a tag of its own, its weights, its certificate. Who holds it is the stock's to say."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models.variants import Variant
from dianke.catalog.models.visible import CatalogQuerySet
from dianke.core.ids import uuid7
from dianke.core.search_words import FoundByWords, search_words_index


class Piece(FoundByWords):
    """Weights in milligrams (1 carat = 200 mg), fineness in permille, amounts in minor units. `making_amount` is what
    `making` says: minor units per gram of net weight or per piece, or basis points of the metal. With a `price_amount`
    the piece costs that; without, its metal at the price of the day, making and stones."""

    class Metal(models.TextChoices):
        GOLD = "GOLD", _("Gold")
        PLATINUM = "PLATINUM", _("Platinum")
        SILVER = "SILVER", _("Silver")
        PALLADIUM = "PALLADIUM", _("Palladium")
        NONE = "NONE", _("No precious metal")

    class Making(models.TextChoices):
        PER_GRAM = "PER_GRAM", _("Per gram")
        PER_PIECE = "PER_PIECE", _("Per piece")
        RATE = "RATE", _("Share of the metal")

    words_from = ("tag", "certificate_number")

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="pieces", verbose_name=_("variant"))
    tag = models.CharField(_("tag"), max_length=32, unique=True)
    gross_weight_mg = models.PositiveBigIntegerField(_("gross weight (mg)"), default=0)
    net_weight_mg = models.PositiveBigIntegerField(_("net weight (mg)"), default=0)
    stone_weight_mg = models.PositiveBigIntegerField(_("weight of stones (mg)"), default=0)
    metal = models.CharField(_("metal"), max_length=9, choices=Metal.choices, default=Metal.NONE)
    fineness = models.PositiveSmallIntegerField(_("fineness (‰)"), default=0)
    certificate_number = models.CharField(_("certificate number"), max_length=40, blank=True)
    certificate_issuer = models.CharField(_("issuer of the certificate"), max_length=40, blank=True)
    size = models.CharField(_("size"), max_length=20, blank=True)
    making = models.CharField(
        _("making charge by"), max_length=9, choices=Making.choices, default=Making.PER_PIECE
    )
    making_amount = models.PositiveBigIntegerField(_("making charge"), default=0)
    stone_amount = models.PositiveBigIntegerField(_("price of stones"), default=0)
    price_amount = models.PositiveBigIntegerField(_("fixed price"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("since"))

    objects = CatalogQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("piece")
        verbose_name_plural = _("pieces")
        constraints = [
            models.CheckConstraint(condition=~Q(tag=""), name="catalog_piece_has_tag"),
            models.CheckConstraint(
                condition=Q(net_weight_mg__lte=F("gross_weight_mg")), name="catalog_piece_net_within_gross"
            ),
            models.CheckConstraint(
                condition=Q(stone_weight_mg__lte=F("gross_weight_mg")),
                name="catalog_piece_stones_within_gross",
            ),
            models.CheckConstraint(
                condition=Q(metal="NONE", fineness=0)
                | Q(
                    metal__in=["GOLD", "PLATINUM", "SILVER", "PALLADIUM"],
                    fineness__gt=0,
                    fineness__lte=1000,
                ),
                name="catalog_piece_metal_and_fineness",
            ),
            models.CheckConstraint(
                condition=Q(making__in=["PER_GRAM", "PER_PIECE", "RATE"]), name="catalog_piece_making"
            ),
            models.UniqueConstraint(
                fields=["certificate_number"],
                condition=~Q(certificate_number=""),
                name="catalog_piece_certificate_once",
            ),
        ]
        indexes = [
            search_words_index("catalog_piece_words"),
            models.Index(fields=["-created_at", "-id"], name="catalog_piece_newest"),
        ]

    def __str__(self) -> str:
        return self.tag

    @property
    def is_priced_by_day(self) -> bool:
        """Whether its price follows the board of the day."""
        return self.price_amount is None and self.metal != self.Metal.NONE
