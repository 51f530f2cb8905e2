"""Reactions for the tests of the dispatcher."""

from __future__ import annotations

import os
import sys
import time

from django.db import connection

from dianke.core.errors import Conflict
from dianke.events.reactions import Reaction

BROKEN_SUBJECTS: set[str] = set()
CUT_ONCE: list[int] = []
TABLE: list[Reaction] = []  # stands in for config/reactions.py


class BellMuted(Conflict):
    code = "bell_muted"
    message = "The bell is muted."


def leave_mark(event, *, now, reaction="mark"):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO test_marks (reaction, event_id) VALUES (%s, %s)", [reaction, event.pk])


def leave_other_mark(event, *, now):
    leave_mark(event, now=now, reaction="other")


def refuse_broken(event, *, now):
    leave_mark(event, now=now)
    if event.subject in BROKEN_SUBJECTS:
        raise BellMuted


def spill_secret(event, *, now):
    raise ValueError("phone 13800138000")


def lose_connection_once(event, *, now):
    leave_mark(event, now=now)
    if CUT_ONCE and event.pk == CUT_ONCE[0]:
        CUT_ONCE.clear()
        connection.connection.close()
        leave_mark(event, now=now)


def stand_still(event, *, now):
    """Leaves its mark and waits to be killed, before or after it, at the event named in the environment."""
    at, point = os.environ["STAND_STILL"].split(":")
    is_here = event.pk == int(at)
    if is_here and point == "before":
        _wait()
    leave_mark(event, now=now)
    if is_here and point == "after":
        _wait()


def _wait():
    print("standing still", flush=True)
    sys.stdout.flush()
    time.sleep(60)


def do_nothing(event, *, now):
    pass
