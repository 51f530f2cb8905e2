from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate


class CatalogConfig(AppConfig):
    name = "dianke.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.catalog import providers

        providers.register()
        post_migrate.connect(fill_presets, sender=self, dispatch_uid="catalog.fill_presets")


def fill_presets(*, using: str = DEFAULT_DB_ALIAS, apps: Any = global_apps, **_: Any) -> None:
    """Every migrated database has units and tax classes. What a merchant renamed stays so."""
    from django.conf import settings
    from django.utils.translation import override

    from dianke.catalog.rules.presets import TAX_CLASSES, UNITS

    try:
        units, classes, rates = (
            apps.get_model("catalog", name).objects.using(using) for name in ("Unit", "TaxClass", "TaxRate")
        )
    except LookupError:  # migrated back to before the first migration
        return
    known_units = set(units.values_list("code", flat=True))
    known_classes = set(classes.values_list("code", flat=True))
    with override(settings.LANGUAGE_CODE):
        for position, unit in enumerate(UNITS):
            if unit.code not in known_units:
                values = {"name": str(unit.name), "kind": unit.kind, "digits": unit.digits}
                units.create(code=unit.code, position=position, **values)
        for position, tax in enumerate(TAX_CLASSES):
            if tax.code not in known_classes:
                made = classes.create(code=tax.code, name=str(tax.name), position=position)
                rates.create(tax_class=made, rate_bp=tax.rate_bp, from_date=tax.from_date)
