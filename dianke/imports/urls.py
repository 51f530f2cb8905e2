from django.urls import path

from dianke.imports import views

app_name = "imports"
urlpatterns = [
    path("imports/", views.run_list, name="runs"),
    path("imports/new/", views.upload, name="new"),
    path("imports/templates/<slug:code>/", views.template, name="template"),
    path("imports/<int:pk>/", views.run_page, name="run"),
    path("imports/<int:pk>/columns/", views.columns, name="columns"),
    path("imports/<int:pk>/reading/", views.reading, name="reading"),
    path("imports/<int:pk>/start/", views.start, name="start"),
    path("imports/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("imports/<int:pk>/undo/", views.undo, name="undo"),
    path("imports/<int:pk>/discard/", views.discard, name="discard"),
    path("imports/<int:pk>/errors/<slug:format>/", views.errors, name="errors"),
]
