from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "dianke.inventory"
    label = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.inventory import providers

        providers.register()
