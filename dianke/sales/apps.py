from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate


class SalesConfig(AppConfig):
    name = "dianke.sales"
    label = "sales"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.sales import providers

        providers.register()
        post_migrate.connect(fill_presets, sender=self, dispatch_uid="sales.fill_presets")


def fill_presets(*, using: str = DEFAULT_DB_ALIAS, apps: Any = global_apps, **_: Any) -> None:
    """Every migrated database has kinds of payment and stages. What a merchant changed stays so."""
    from django.conf import settings
    from django.utils.translation import override

    from dianke.sales.rules.presets import STAGES, TENDERS

    try:
        tenders, stages = (apps.get_model("sales", name).objects.using(using) for name in ("Tender", "Stage"))
    except LookupError:  # migrated back to before the first migration
        return
    known = {tender.code: tender for tender in tenders.all()}
    with override(settings.LANGUAGE_CODE):
        for position, preset in enumerate(TENDERS):
            if preset.code not in known:
                known[preset.code] = tenders.create(
                    code=preset.code,
                    name=str(preset.name),
                    adapter=preset.adapter,
                    account=preset.account,
                    refund_rank=preset.refund_rank,
                    needs_reference=preset.needs_reference,
                    gives_change=preset.gives_change,
                    refund_days=preset.refund_days,
                    fallback=known.get(preset.fallback),
                    is_active=preset.is_active,
                    position=position,
                )
        if not stages.exists():
            for position, stage in enumerate(STAGES):
                stages.create(
                    trade=stage.trade,
                    code=stage.code,
                    name=str(stage.name),
                    position=position,
                    order_state=stage.order_state,
                    gate=stage.gate,
                    task_title=str(stage.task),
                    task_days=stage.days,
                )
