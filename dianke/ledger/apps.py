from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "dianke.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.ledger import providers

        providers.register()
