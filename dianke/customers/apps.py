from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "dianke.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.customers import providers

        providers.register()
