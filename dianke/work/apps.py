from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "dianke.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.work import providers

        providers.register()
