from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "dianke.marketing"
    label = "marketing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.marketing import providers

        providers.register()
