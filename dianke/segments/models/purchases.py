"""What was bought and kept, one narrow row per order and product: rules about purchases are counted from here. Made
from orders, lines and returns, and made anew whenever one of them changes (`operations/purchases.py`)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

#: The row of an order as a whole stands under this product.
WHOLE = 0


class Purchase(models.Model):
    """`product_id` 0 is the order as a whole. `head_id` is the profile of whoever bought. What came back is out of
    quantity and amount (minor units), and nothing stands here of which nothing was kept. `day`: when the first goods
    of it left. Numbers instead of keys with constraints: every row can be made anew."""

    pk = models.CompositePrimaryKey("order_id", "product_id")
    order_id = models.BigIntegerField()
    product_id = models.BigIntegerField(default=WHOLE)
    head_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    store_id = models.BigIntegerField()
    channel = models.CharField(max_length=11)
    day = models.DateField()
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    amount = models.BigIntegerField()

    class Meta:
        verbose_name = _("what was bought")
        indexes = [
            # "Bought anything in the last n days": read by day, answered from the index alone.
            models.Index(
                fields=["day"],
                include=["head_id", "amount", "quantity"],
                condition=Q(product_id=WHOLE),
                name="segments_bought_on",
            ),
            # "Bought these goods in the last n days".
            models.Index(
                fields=["product_id", "day"],
                include=["head_id", "order_id", "amount", "quantity"],
                condition=~Q(product_id=WHOLE),
                name="segments_bought_goods",
            ),
            # What one person bought: for explanations, and where few people are left to ask about.
            models.Index(fields=["head_id", "day"], include=["product_id"], name="segments_bought_by"),
            # Whose rows follow a merge.
            models.Index(fields=["customer_id"], name="segments_bought_of"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.product_id}"


class PurchasePlace(models.Model):
    """How far the log was read: one row, "era.xid.id"; empty until the table was filled for the first time."""

    position = models.CharField(max_length=60, blank=True)
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.position
