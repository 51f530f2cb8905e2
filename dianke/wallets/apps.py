from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "dianke.wallets"
    label = "wallets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.wallets import providers

        providers.register()
