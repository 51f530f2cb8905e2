from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "dianke.integrations"
    label = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.integrations import aliyun, smtp, tencent, wechat, wecom

        smtp.register()
        aliyun.register()
        tencent.register()
        wechat.register()
        wecom.register()
