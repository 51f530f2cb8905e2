"""What a customer may want next, which goods go together, and what is not to be proposed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models import Category, Product
from dianke.customers.models import Customer

PROPOSE = "insight.view_proposals"


class Proposal(models.Model):
    """What a profile may want next, and why: worked out at night from the snapshot, asked by
    `queries/proposals.proposals_for`, which looks at what holds now. `customer_id` is the head of that night; numbers
    instead of keys with constraints, as every row can be made anew.

    `part_count` of `all_count`: TOGETHER, times `because_id` was bought, and the product with it; ALIKE, people who
    have `because_id` (without one: who buy most alike), and the product. DUE: the person's own purchases, and 0."""

    class Kind(models.TextChoices):
        DUE = "DUE", pgettext_lazy("kind of proposal", "Due again")
        TOGETHER = "TOGETHER", pgettext_lazy("kind of proposal", "Bought together")
        ALIKE = "ALIKE", pgettext_lazy("kind of proposal", "People like them")

    pk = models.CompositePrimaryKey("customer_id", "product_id")
    customer_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    because_id = models.BigIntegerField(null=True)
    part_count = models.PositiveIntegerField()
    all_count = models.PositiveIntegerField()
    interval_days = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="DUE", interval_days__isnull=False)
                | Q(kind__in=["TOGETHER", "ALIKE"], interval_days=None),
                name="insight_proposal_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.product_id}"


class ProductPair(models.Model):
    """What is bought on the same day by the same person: `part_count` of the `all_count` times `product_id` was bought,
    `then_id` was as well; strongest first by `place`."""

    pk = models.CompositePrimaryKey("product_id", "then_id")
    product_id = models.BigIntegerField()
    then_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    part_count = models.PositiveIntegerField()
    all_count = models.PositiveIntegerField()
    lift = models.DecimalField(max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = _("bought together")

    def __str__(self) -> str:
        return f"{self.product_id} {self.then_id}"


class DeclinedProposal(models.Model):
    """Somebody said they do not want this: it is not proposed to them again until that is taken back. Read over the
    cluster of a profile."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="declined_proposals", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("declined proposal")
        verbose_name_plural = _("declined proposals")
        constraints = [models.UniqueConstraint(fields=["customer", "product"], name="insight_declined_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.product_id}"


class UnproposedCategory(models.Model):
    """Goods of a category, and of those below it, that are never proposed to anybody."""

    category = models.OneToOneField(Category, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.category_id)
