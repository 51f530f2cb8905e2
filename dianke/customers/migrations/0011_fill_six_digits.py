"""Gives the phones that stand already the index of their last six digits, a thousand at a time; phones of erased people
are left out. Interrupted, it goes on where it was."""

from django.db import migrations, transaction

from dianke.core.copying import update_from
from dianke.core.data_keys import DataKeyDestroyed, KeyRow, blind_indexer, key_opener

BATCH = 1000
TABLE, FIELD = "customers_contactpoint", "value"
KEY = ("id", "subject_kind", "subject_id", "wrapped", "master_key_id")


def fill(apps, _editor):
    phones = apps.get_model("customers", "ContactPoint").objects.filter(
        kind="PHONE", value_sealed__isnull=False, value_last6=None
    )
    columns = ("pk", "uuid", "value", *(f"key__{name}" for name in KEY))
    last, tools = 0, None
    while batch := list(phones.filter(pk__gt=last).order_by("pk").values_list(*columns)[:BATCH]):
        opened, index = tools = tools or (key_opener(), blind_indexer(TABLE, FIELD, "last6", 17))
        found = {}
        for pk, uuid, sealed, *key in batch:
            try:
                value = opened(KeyRow(*key)).open(bytes(sealed), table=TABLE, field=FIELD, row=uuid).decode()
            except DataKeyDestroyed:
                continue
            digits = "".join(filter(str.isdecimal, value))
            if len(digits) >= 6:
                found[pk] = index(digits[-6:])
        with transaction.atomic():
            update_from(TABLE, len(found), {"id": list(found), "value_last6": list(found.values())})
        last = batch[-1][0]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0010_index_six_digits")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
