from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    name = "dianke.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from dianke.access import middleware, providers

        providers.register()
        user_logged_in.connect(middleware.mark_any_sign_in, dispatch_uid="access.mark_any_sign_in")
        post_migrate.connect(_sync_preset_roles, sender=self, dispatch_uid="access.sync_preset_roles")


def _sync_preset_roles(*, using: str, apps: Any = global_apps, **_: Any) -> None:
    """Every migrated database knows the preset roles; an upgrade brings new ones and renames old ones."""
    from django.conf import settings
    from django.utils.translation import override

    from dianke.access.permissions import PRESET_ROLES

    try:
        role_model = apps.get_model("access", "Role")
    except LookupError:  # migrated back to before the first migration
        return
    with override(settings.LANGUAGE_CODE):
        for preset in PRESET_ROLES:
            values = {
                "name": str(preset.label),
                "purpose": str(preset.purpose),
                "is_preset": True,
                "scope": preset.scope.value,
            }
            role_model.objects.using(using).update_or_create(
                code=preset.code.value,
                defaults=values,
                create_defaults=values | {"requires_second_factor": preset.requires_second_factor},
            )
