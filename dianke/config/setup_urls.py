"""Addresses of first start and settings."""

from django.urls import URLPattern, URLResolver, path

from dianke.config import settings_views, setup_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("setup/", setup_views.setup, name="setup"),
    path("setup/suggest/", setup_views.setup_suggest, name="setup_suggest"),
    path("setup/demo/", setup_views.setup_demo, name="setup_demo"),
    path("setup/<slug:step>/", setup_views.setup_step, name="setup_step"),
    path("settings/", settings_views.settings_list, name="settings"),
    path("settings/modules/", settings_views.modules, name="modules"),
    path("settings/modules/<slug:code>/<slug:state>/", settings_views.module_switch, name="module_switch"),
    path("settings/presets/", settings_views.preset_list, name="presets"),
    path("settings/presets/<int:pk>/", settings_views.preset_apply, name="preset_apply"),
    path("settings/presets/<int:pk>/undo/", settings_views.preset_undo, name="preset_undo"),
    path("settings/demo/", settings_views.demo_removal, name="demo_removal"),
    path("first-steps/<slug:code>/<slug:state>/", settings_views.first_step, name="first_step"),
    path("first-steps/<slug:state>/", settings_views.first_steps, name="first_steps"),
]
