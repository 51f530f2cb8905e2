"""Jobs of the clock: those whose day has come enter, and everybody whose turn it is goes on. And the reaction that lets
people in by what happens."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.events.models import Event
from dianke.journeys.models import Journey, State, Version
from dianke.journeys.operations.advancing import advance, settle_messages
from dianke.journeys.operations.entering import admit, admit_dated, days_to_scan, note_scanned
from dianke.journeys.queries.happenings import BEGINS, candidates_of
from dianke.journeys.rules.plan import DATED, Begin

MOST_BATCHES = 400


@app.periodic(cron="* * * * *")
@app.task(name="journeys.run", queue="default", pass_context=False, queueing_lock="journeys.run")
def run_minutely(timestamp: int) -> None:
    """Every minute; one run at a time."""
    run_journeys(timezone.now())


def run_journeys(now: datetime) -> None:
    """Everything that is due at an instant, a batch and a transaction at a time. Killed in the middle it goes on where
    it was: a batch is whole or was never there."""
    for journey in Journey.objects.filter(state=State.RUNNING).order_by("pk"):
        _scan(journey, now)
        versions = Version.objects.filter(pk__in=journey.passages.going().values("version"))
        for version in versions.select_related("journey").order_by("number"):
            _run(version, now)


def _scan(journey: Journey, now: datetime) -> None:
    version = journey.versions.get(number=journey.version)
    if version.read.trigger.kind in DATED:
        for day in days_to_scan(journey, now):
            after = admit_dated(journey=journey, day=day, actor=SYSTEM, now=now)
            while after:
                after = admit_dated(journey=journey, day=day, after=after, actor=SYSTEM, now=now)
    note_scanned(journey=journey, until=now, actor=SYSTEM, now=now)


def _run(version: Version, now: datetime) -> None:
    after = settle_messages(version=version, actor=SYSTEM, now=now)
    while after:
        after = settle_messages(version=version, after=after, actor=SYSTEM, now=now)
    for _batch in range(MOST_BATCHES):
        if not advance(version=version, actor=SYSTEM, now=now):
            break


def follow_event(event: Event, *, now: datetime) -> None:
    """Something happened that journeys can begin with. Running it again lets nobody in twice."""
    journeys: dict[Begin, list[Journey]] = {}
    running = Journey.objects.filter(state=State.RUNNING).order_by("pk")
    for version in Version.objects.filter(journey__in=running).select_related("journey"):
        begin = version.read.trigger.kind
        if version.number == version.journey.version and begin in BEGINS.get(event.kind, ()):
            journeys.setdefault(begin, []).append(version.journey)
    if not journeys:
        return
    for begin, candidates in candidates_of(event, journeys.keys()).items():
        for journey in journeys[begin]:
            admit(journey=journey, candidates=candidates, actor=event.as_cause(), now=now)
