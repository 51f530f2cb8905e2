"""What an import of suppliers brought in, so that it can be taken back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_initial"),
        ("purchasing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedSupplier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField()),
                ("is_new", models.BooleanField(default=False)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="imports.importrun",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imported_rows",
                        to="purchasing.supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported supplier",
                "constraints": [
                    models.UniqueConstraint(fields=("run", "row"), name="purchasing_importedsupplier_once")
                ],
            },
        ),
    ]
