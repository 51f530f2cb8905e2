"""Who was spoken to since a day is found without reading the notes."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0012_index_heads")]
    operations = [
        AddIndexConcurrently(
            "customernote",
            models.Index(
                fields=["at"],
                include=["customer", "kind"],
                condition=models.Q(removed_at=None),
                name="customers_note_when",
            ),
        ),
    ]
