from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    name = "dianke.purchasing"
    label = "purchasing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.purchasing import providers

        providers.register()
