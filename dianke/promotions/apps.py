from django.apps import AppConfig


class PromotionsConfig(AppConfig):
    name = "dianke.promotions"
    label = "promotions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.promotions import providers

        providers.register()
