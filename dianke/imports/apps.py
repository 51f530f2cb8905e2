from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "dianke.imports"
    label = "imports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.imports import providers

        providers.register()
