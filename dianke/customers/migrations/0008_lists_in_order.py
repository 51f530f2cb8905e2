"""The list of customers is sorted by name, level and first day by index, whichever way round.

The old index over names was made for beginnings of names, which nobody looks for that way any more (words are, by
`customer_search_words`), and could not give an order.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0007_tag_merges")]

    operations = [
        AddIndexConcurrently("customer", models.Index(fields=["name", "id"], name="customer_in_name_order")),
        AddIndexConcurrently("customer", models.Index(fields=["level", "id"], name="customer_by_level")),
        AddIndexConcurrently("customer", models.Index(fields=["created_at", "id"], name="customer_by_since")),
        RemoveIndexConcurrently("customer", "customer_by_name"),
    ]
