"""Addresses of the operation log and of failed reactions."""

from django.urls import path

from dianke.events import views

app_name = "events"
urlpatterns = [
    path("settings/operation-log/", views.log, name="log"),
    path("settings/operation-log/<str:reference>/", views.event, name="event"),
    path("settings/failed-reactions/", views.failed_reactions, name="failed-reactions"),
    path("settings/failed-reactions/<int:pk>/", views.failed_reaction, name="failed-reaction"),
    path("settings/failed-reactions/<int:pk>/retry/", views.retry, name="retry"),
    path("settings/failed-reactions/<int:pk>/dismissal/", views.dismissal, name="dismissal"),
    path("settings/failed-reactions/<int:pk>/dismissal/undo/", views.undo_dismissal, name="undo-dismissal"),
]
