"""Addresses of messages to customers."""

from django.urls import path

from dianke.messaging.views import channels, messages, portal, templates

app_name = "messaging"
urlpatterns = [
    path("messages/", messages.message_list, name="messages"),
    path("messages/cancel/", messages.cancel_many, name="cancel-many"),
    path("messages/<int:pk>/", messages.message_page, name="message"),
    path("messages/<int:pk>/cancel/", messages.cancel, name="cancel"),
    path("messages/to/<int:pk>/", messages.send, name="send"),
    path("messages/to/<int:pk>/preview/", messages.send_preview, name="send-preview"),
    path("messages/templates/", templates.template_list, name="templates"),
    path("messages/templates/new/", templates.template_new, name="template-new"),
    path("messages/templates/preview/", templates.template_preview, name="template-preview"),
    path("messages/templates/<int:pk>/", templates.template_page, name="template"),
    path("messages/templates/<int:pk>/change/", templates.template_edit, name="template-edit"),
    path("messages/templates/<int:pk>/state/", templates.template_state, name="template-state"),
    path("messages/left-alone/", templates.suppression_list, name="suppressions"),
    path("messages/left-alone/new/", templates.suppress, name="suppress"),
    path("messages/left-alone/lift/", templates.lift, name="lift"),
    path("settings/channels/", channels.channel_list, name="channels"),
    path("settings/channels/rules/", channels.rules_edit, name="rules"),
    path("settings/channels/<str:channel>/test/", channels.channel_test, name="channel-test"),
    path("settings/channels/<str:channel>/<str:carrier>/", channels.channel_edit, name="channel"),
    path("m/messages/", portal.inbox, name="portal-inbox"),
    path("m/messages/read/", portal.read, name="portal-read"),
]
