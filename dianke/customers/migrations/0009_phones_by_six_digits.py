"""Phones are found by their last six digits too; `0010` makes the index, `0011` fills the column."""

from django.db import migrations

import dianke.core.encrypted_fields.blind_indexes


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_lists_in_order")]

    operations = [
        migrations.AddField(
            "contactpoint",
            "value_last6",
            dianke.core.encrypted_fields.blind_indexes.BlindIndexField(
                blank=True, db_index=False, editable=False, null=True
            ),
        ),
    ]
