"""The inbox on the customer's own phone."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.customers.models import Customer
from dianke.customers.views.phone import WHY, Member, for_members
from dianke.messaging.operations.reading import read_inbox
from dianke.messaging.queries.inbox import inbox_of
from dianke.messaging.queries.variables import shop_name


def _ids(member: Member) -> list[int]:
    return list(Customer.objects.cluster(member.head.pk).values_list("pk", flat=True))


@public(WHY)
@never_cache
@require_GET
@for_members
def inbox(request: Request, member: Member) -> HttpResponse:
    """What the shop wrote, newest first."""
    letters = inbox_of(_ids(member))
    context = {
        "merchant_name": shop_name(),
        "member": member,
        "letters": letters,
        "has_new": any(letter.is_new for letter in letters),
    }
    return render(request, "messaging/portal/inbox.html", context)


@public(WHY)
@never_cache
@require_POST
@for_members
def read(request: Request, member: Member) -> HttpResponse:
    """Everything is read."""
    read_inbox(customer_ids=_ids(member), head_id=member.head.pk, actor=member.actor, now=request.now)
    return redirect("messaging:portal-inbox")
