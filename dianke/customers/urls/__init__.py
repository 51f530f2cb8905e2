"""Addresses of the room: one list per part of it."""

from django.urls import URLPattern, URLResolver

from dianke.customers.urls import entry, matches, portal, profile, rights

app_name = "customers"
urlpatterns: list[URLPattern | URLResolver] = [
    *portal.urlpatterns,
    *rights.urlpatterns,
    *matches.urlpatterns,
    *entry.urlpatterns,
    *profile.urlpatterns,
]
