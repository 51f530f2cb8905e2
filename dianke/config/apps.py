"""The house: registers its pages, its card on Today and its events, and hands the demo's people to the sign-in page."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "dianke.config"
    label = "config"
    verbose_name = _("Settings")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.config import (
            checks,  # noqa: F401  (registers the check of the database server)
            pages,
        )

        pages.register()
