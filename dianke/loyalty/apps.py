from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    name = "dianke.loyalty"
    label = "loyalty"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.loyalty import providers

        providers.register()
