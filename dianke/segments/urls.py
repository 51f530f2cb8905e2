"""Addresses of segments."""

from django.urls import path

from dianke.segments.views import builder, segments

app_name = "segments"
urlpatterns = [
    path("segments/", segments.segment_list, name="segments"),
    path("segments/new/", builder.new, name="new"),
    path("segments/starts/", segments.starts, name="starts"),
    path("segments/starts/all/", segments.start_all, name="start-all"),
    path("segments/overlap/", segments.overlap, name="overlap"),
    path("segments/<int:pk>/", segments.segment_page, name="segment"),
    path("segments/<int:pk>/edit/", builder.edit, name="edit"),
    path("segments/<int:pk>/why/<int:customer>/", segments.why, name="why"),
    path("segments/<int:pk>/copy/", segments.copy, name="copy"),
    path("segments/<int:pk>/refresh/", segments.refresh, name="refresh"),
    path("segments/<int:pk>/convert/", segments.convert, name="convert"),
    path("segments/<int:pk>/archive/", segments.archive, name="archive"),
    path("segments/<int:pk>/restore/", segments.restore, name="restore"),
    path("segments/<int:pk>/history/", segments.history, name="history"),
]
