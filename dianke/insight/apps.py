from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "dianke.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.insight import providers

        providers.register()
