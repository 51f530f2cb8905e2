from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "dianke.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.messaging import providers

        providers.register()
