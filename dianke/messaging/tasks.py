"""Jobs: what is due goes out, every minute and a moment after somebody asked for it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.messaging.operations import send_due
from dianke.messaging.queries.carriers import channels_in_use


@app.periodic(cron="* * * * *")
@app.task(name="messaging.send_all", queue="mail", pass_context=False)
def send_all(timestamp: int) -> None:
    """Every channel; what another worker has in hand is left to it."""
    for channel in channels_in_use():
        send_due(channel, clock=timezone.now)


@app.task(name="messaging.send_channel", queue="mail", pass_context=False)
def send_channel(channel: str) -> None:
    send_due(channel, clock=timezone.now)


def send_soon(channel: str, *, at: datetime) -> None:
    """Let the worker look at a channel at that instant; several who ask make one job."""
    send_channel.configure(schedule_at=at, queueing_lock=f"messaging:{channel}:{int(at.timestamp())}").defer(
        channel=channel
    )
