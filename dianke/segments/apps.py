from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "dianke.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.segments import providers

        providers.register()
