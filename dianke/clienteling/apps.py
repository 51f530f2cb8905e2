from django.apps import AppConfig


class ClientelingConfig(AppConfig):
    name = "dianke.clienteling"
    label = "clienteling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.clienteling import providers

        providers.register()
