"""Addresses of possible duplicates and merges."""

from django.urls import URLPattern, URLResolver, path

from dianke.customers.views import matches, merges

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/duplicates/", matches.queue_page, name="duplicates"),
    path("customers/duplicates/decided/", matches.decided, name="duplicates-decided"),
    path("customers/duplicates/<int:pk>/", matches.pair_page, name="duplicate"),
    path("customers/duplicates/<int:pk>/decision/", matches.decision, name="duplicate-decision"),
    path("customers/duplicates/<int:pk>/taking-back/", matches.taking_back, name="duplicate-taking-back"),
    path("customers/<int:pk>/merging/", merges.choose, name="merge-choose"),
    path("customers/<int:pk>/merging/<int:other>/", merges.preview, name="merge-preview"),
    path("customers/<int:pk>/merges/", merges.history, name="merges"),
    path("customers/merges/<int:pk>/separation/", merges.separation, name="merge-separation"),
]
