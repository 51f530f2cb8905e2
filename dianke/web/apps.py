from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "dianke.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.web import pages

        pages.register()
