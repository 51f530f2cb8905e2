from django.urls import path

from dianke.web import list_views, pwa, styleguide, views

urlpatterns = [
    path("", views.today, name="today"),
    path("search/", views.search, name="search"),
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
    path("lists/<str:code>/views/", list_views.save_view, name="list-view-save"),
    path("lists/views/<int:pk>/delete/", list_views.delete_view, name="list-view-delete"),
    path("lists/<str:code>/columns/", list_views.choose_columns, name="list-columns"),
    path("lists/<str:code>/export/", list_views.export, name="list-export"),
    path("exports/<int:pk>/", list_views.export_progress, name="web-export"),
    path("exports/<int:pk>/file/", list_views.export_file, name="web-export-file"),
    path("settings/styleguide/", styleguide.styleguide, name="styleguide"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("service-worker.js", pwa.service_worker, name="service_worker"),
    path("offline/", pwa.offline, name="offline"),
]
