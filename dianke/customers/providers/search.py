"""Customers in the global search: by phone tail, pinyin, member number; and a short way to enter who is not
there yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.actor import Actor
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import Customer
from dianke.customers.queries.search import Found, find
from dianke.customers.rules.search import newcomer
from dianke.events.registry import SubjectName, register_subject
from dianke.web import search

VIEW = "customers.view_customers"


def line_of(found: Found) -> search.Hit:
    """One customer as a line of results."""
    customer = found.customer
    note = " · ".join(filter(None, (found.masked_phone, customer.store.short_name if customer.store else "")))
    return search.Hit(
        str(customer),
        reverse("customers:customer", args=[customer.pk]),
        "building" if customer.kind == "COMPANY" else "user",
        note=note,
        kind=customer.level or found.why,
    )


def hits(actor: Actor, query: str, limit: int) -> list[search.Hit]:
    """Customers a query means; where it means nobody, the way to enter them."""
    found = [line_of(each) for each in find(actor, query, limit)]
    return found or [hit for hit in [quick_create(actor, query)] if hit]


def quick_create(actor: Actor, query: str) -> search.Hit | None:
    """ "New customer 138 1234 5678", with the form filled in from the query."""
    described = newcomer(query)
    if described is None or not actor.can("customers.add_customers"):
        return None
    try:
        url = reverse("customers:new")
    except NoReverseMatch:
        return None
    values = {name: value for name, value in (("name", described.name), ("phone", described.phone)) if value}
    shown = " ".join(
        filter(None, (described.name, described.phone and parse_phone(described.phone).format()))
    )
    return search.Hit(
        _("New customer %(who)s") % {"who": shown},
        f"{url}?{urlencode(values)}",
        "user-plus",
        kind=_("Command"),
        makes=True,
    )


def _names(ids: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    keys = [int(key) for key in ids if key.isdecimal()]
    heads = dict(Customer.objects.filter(pk__in=keys).values_list("pk", "merged_into_id"))
    rows = Customer.objects.visible_to(actor).in_bulk({merged or pk for pk, merged in heads.items()})
    return {
        str(pk): SubjectName(str(rows[head]), reverse("customers:customer", args=[head]))
        for pk, merged in heads.items()
        if (head := merged or pk) in rows
    }


def register() -> None:
    """The search provider, and how events and tasks call a customer."""
    search.register(
        search.SearchProvider(
            "customers.customers",
            gettext_lazy("Customers"),
            VIEW,
            hits,
            order=5,
            more=lambda query: f"{reverse('customers:customers')}?{urlencode({'q': query})}",
        )
    )
    register_subject("customers.customer", _names)
