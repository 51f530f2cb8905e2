from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "dianke.config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.config import checks  # noqa: F401  (registers the check of the database server)
