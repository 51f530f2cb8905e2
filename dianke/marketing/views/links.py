"""The tracked link of a message: counts who followed it and leads on, nowhere but to the address of its campaign."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.core.actor import SYSTEM
from dianke.marketing.operations import note_click
from dianke.marketing.queries.links import member_of_link


@require_safe
@public("Customers come from a message; the token is signed and says nothing about them.")
def follow(request: Request, token: str) -> HttpResponse:
    """A HEAD (a preview by a messenger) is led on and not counted."""
    member = member_of_link(token)
    if member is None or not member.campaign.link_url:
        raise Http404
    if request.method == "GET":
        note_click(member=member, actor=SYSTEM, now=request.now)
    answer = HttpResponseRedirect(member.campaign.link_url)
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer
