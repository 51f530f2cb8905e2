"""The index by which staff are found. Stores are at most some thousand and need none."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("stores", "0002_search_words")]

    operations = [
        AddIndexConcurrently(
            "staff",
            django.contrib.postgres.indexes.GinIndex(fields=["search_words"], name="staff_search_words"),
        ),
    ]
