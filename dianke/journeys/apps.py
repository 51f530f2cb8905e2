from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "dianke.journeys"
    label = "journeys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.journeys import providers

        providers.register()
