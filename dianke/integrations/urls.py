"""Addresses vendors post to."""

from django.urls import path

from dianke.integrations.callbacks import sms_callback
from dianke.integrations.wechat.callbacks import wechat_callback
from dianke.integrations.wecom.callbacks import wecom_callback

app_name = "integrations"
urlpatterns = [
    path("hooks/sms/<str:carrier>/<str:token>/", sms_callback, name="sms-callback"),
    path("hooks/wechat/", wechat_callback, name="wechat-callback"),
    path("hooks/wecom/", wecom_callback, name="wecom-callback"),
]
