"""Addresses of care and journeys."""

from django.urls import path

from dianke.journeys.views import care, editing, journeys

app_name = "journeys"
urlpatterns = [
    path("care/", care.care_page, name="care"),
    path("care/<slug:code>/on/", care.care_on, name="care-on"),
    path("care/<slug:code>/off/", care.care_off, name="care-off"),
    path("care/<slug:code>/settings/", care.care_settings, name="care-settings"),
    path("care/<slug:code>/preview/", care.care_preview, name="care-preview"),
    path("journeys/", journeys.journey_list, name="journeys"),
    path("journeys/new/", editing.journey_new, name="journey-new"),
    path("journeys/people/", journeys.people_list, name="people"),
    path("journeys/people/<int:pk>/", journeys.passage_page, name="passage"),
    path("journeys/<int:pk>/", journeys.journey_page, name="journey"),
    path("journeys/<int:pk>/monitor/", journeys.journey_monitor, name="journey-monitor"),
    path("journeys/<int:pk>/edit/", editing.journey_edit, name="journey-edit"),
    path("journeys/<int:pk>/begin/", editing.journey_begin, name="journey-begin"),
    path("journeys/<int:pk>/steps/new/", editing.step_new, name="step-new"),
    path("journeys/<int:pk>/steps/<slug:key>/", editing.step_edit, name="step"),
    path("journeys/<int:pk>/steps/<slug:key>/move/", editing.step_move, name="step-move"),
    path("journeys/<int:pk>/steps/<slug:key>/remove/", editing.step_remove, name="step-remove"),
    path("journeys/<int:pk>/publish/", journeys.journey_publish, name="journey-publish"),
    path("journeys/<int:pk>/pause/", journeys.journey_pause, name="journey-pause"),
    path("journeys/<int:pk>/resume/", journeys.journey_resume, name="journey-resume"),
    path("journeys/<int:pk>/stop/", journeys.journey_stop, name="journey-stop"),
]
