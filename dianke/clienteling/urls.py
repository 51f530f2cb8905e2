"""Addresses of the contact list."""

from django.urls import path

from dianke.clienteling.views import queue, settings

app_name = "clienteling"
urlpatterns = [
    path("contact-today/", queue.queue, name="queue"),
    path("contact-today/<int:pk>/outcome/", queue.outcome, name="outcome"),
    path("contact-today/<int:pk>/outcome/<str:kind>/", queue.outcome_form, name="outcome-form"),
    path("contact-today/<int:pk>/send/", queue.send, name="send"),
    path("contact-today/outcomes/<int:pk>/undo/", queue.undo, name="undo"),
    path("settings/contact-lists/", settings.settings, name="settings"),
    path("settings/contact-lists/rules/", settings.rules, name="rules"),
    path("settings/contact-lists/<str:code>/", settings.reason, name="reason"),
]
