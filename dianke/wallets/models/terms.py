"""Terms: rules of prepaid money as rows with dates and a source. What each code means stands in `rules/terms.py`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dianke.wallets.models.visible import SharedQuerySet


class Term(models.Model):
    """`value` in force from `from_date` (for whatever the rule decides on that day) until `to_date`, exclusive.

    Without `legal_entity` and `province` it holds everywhere; one of a province goes before that, one of a legal
    entity before both. `checked_at`: somebody of the merchant has compared it with its source.
    """

    code = models.CharField(_("rule"), max_length=40)
    value = models.CharField(_("value"), max_length=40)
    province = models.CharField(_("province"), max_length=20, blank=True)
    legal_entity = models.ForeignKey(
        "stores.LegalEntity",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("legal entity"),
    )
    from_date = models.DateField(_("in force from"))
    to_date = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of prepaid value")
        verbose_name_plural = _("rules of prepaid value")
        ordering = ["code", "province", "legal_entity", "-from_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "province", "legal_entity", "from_date"],
                nulls_distinct=False,
                name="wallet_term_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gt=F("from_date")), name="wallet_term_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(province="") | Q(legal_entity=None), name="wallet_term_one_scope"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.value}"
