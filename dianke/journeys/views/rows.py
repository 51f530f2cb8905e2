"""What an address names, the way to a page, colours of states."""

from __future__ import annotations

from collections.abc import Mapping

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import pgettext

from dianke.access.requests import Request
from dianke.journeys.models import Journey
from dianke.web.components import Crumb

TONES: Mapping[str, str] = {"DRAFT": "", "RUNNING": "good", "PAUSED": "wait", "STOPPED": "off"}
PASSAGE_TONES: Mapping[str, str] = {"GOING": "wait", "DONE": "good", "LEFT": "off"}
OUTCOME_TONES: Mapping[str, str] = {"SENT": "good", "GIVEN": "good", "TASK": "good", "SKIPPED": "off"}


def journey_or_404(http: Request, pk: int) -> Journey:
    found: Journey = get_object_or_404(Journey.objects.visible_to(http.actor), pk=pk)
    return found


def crumbs(journey: Journey | None = None) -> list[Crumb]:
    found = [Crumb(pgettext("place", "Journeys"), reverse("journeys:journeys"))]
    if journey is not None:
        found.append(Crumb(journey.name, reverse("journeys:journey", args=[journey.pk])))
    return found
