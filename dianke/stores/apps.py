from django.apps import AppConfig


class StoresConfig(AppConfig):
    name = "dianke.stores"
    label = "stores"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.stores import providers

        providers.register()
