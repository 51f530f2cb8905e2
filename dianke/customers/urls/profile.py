"""Addresses of the list of customers and of one customer."""

from django.urls import URLPattern, URLResolver, path

from dianke.customers.views import files, lists, profile

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/", lists.customer_list, name="customers"),
    path("customers/groups/", lists.groups, name="groups"),
    path("customers/taggings/", lists.taggings, name="taggings"),
    path("customers/untaggings/", lists.untaggings, name="untaggings"),
    path("customers/owners/", lists.owners, name="owners"),
    path("customers/shares/", lists.shares, name="shares"),
    path("customers/<int:pk>/", profile.customer, name="customer"),
    path("customers/<int:pk>/timeline/", profile.timeline, name="timeline"),
    path("customers/<int:pk>/notes/", profile.note_add, name="notes"),
    path("customers/<int:pk>/notes/<int:note_pk>/removal/", profile.note_remove, name="note-removal"),
    path("customers/<int:pk>/call/", profile.call, name="call"),
    path("customers/<int:pk>/calling/", profile.calling, name="calling"),
    path("customers/<int:pk>/dealings/", profile.dealings, name="dealings"),
    path("customers/<int:pk>/paper/", profile.paper, name="paper"),
    path("customers/<int:pk>/card/", profile.card, name="card"),
    path("customers/<int:pk>/tags/", profile.customer_tags, name="tags"),
    path("customers/<int:pk>/owner/", profile.owner, name="owner"),
    path("customers/<int:pk>/share/", profile.share, name="share"),
    path("customers/<int:pk>/files/", files.file_add, name="files"),
    path("customers/<int:pk>/files/<int:file_pk>/", files.file_open, name="file"),
    path("customers/<int:pk>/files/<int:file_pk>/removal/", files.file_remove, name="file-removal"),
]
