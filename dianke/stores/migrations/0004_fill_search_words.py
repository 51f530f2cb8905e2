"""Gives the stores and staff that stand already the words they are found by, a few hundred at a time."""

from django.db import migrations

from dianke.core.search_words import words_of

BATCH = 500
TEXTS = {"Store": ("name", "short_name", "code"), "Staff": ("name", "number")}


def fill(apps, _editor):
    for name, texts in TEXTS.items():
        rows = apps.get_model("stores", name).objects
        last = 0
        while batch := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", *texts)[:BATCH]):
            for pk, *values in batch:
                rows.filter(pk=pk).update(search_words=words_of(values))
            last = batch[-1][0]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("stores", "0003_staff_by_words")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
