"""The first dated rules of prepaid value, with their sources, for the merchant to check."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import migrations

FIRST = Path(__file__).parents[1] / "data" / "terms.json"


def fill(apps: Any, schema_editor: Any) -> None:
    """A dozen rows."""
    term = apps.get_model("wallets", "Term")
    for row in json.loads(FIRST.read_text(encoding="utf-8")):
        term.objects.create(**{**row, "from_date": date.fromisoformat(row["from_date"])})


class Migration(migrations.Migration):
    dependencies = [("wallets", "0002_guards")]
    atomic = False
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
