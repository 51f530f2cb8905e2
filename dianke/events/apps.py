"""The room of the event log: its labels, its pages in the navigation, and what each start makes sure of."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "dianke.events"
    label = "events"
    verbose_name = _("Operation log")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.events import providers
        from dianke.events.registry import register_kind

        register_kind("events.delivery_given_up", _("A reaction failed for good"))
        register_kind("events.delivery_retried", _("Failed reaction tried again by hand"))
        register_kind("events.delivery_dismissed", _("Failed reaction dismissed"))
        register_kind("events.delivery_restored", _("Dismissed reaction brought back"))
        register_kind("events.month_dropped", _("Log of %(month)s dropped after its retention"))
        providers.register()
        post_migrate.connect(_prepare, sender=self, dispatch_uid="events.prepare")


def _prepare(**_options: Any) -> None:
    from dianke.events.starting import prepare_log

    prepare_log()
