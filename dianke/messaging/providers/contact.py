"""Where somebody answers, in words; and what the channels are called."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dianke.customers.queries.profile import Profile
from dianke.insight.models import ContactPreference
from dianke.insight.queries.contact import refuses, register_channels
from dianke.messaging.models import Channel


def answers_of(profile: Profile) -> str:
    """Where the profile answers, with the counts behind it; empty where it is not told. One statement."""
    row = ContactPreference.objects.filter(pk=profile.head.pk).first()
    return "" if row is None or refuses(profile.consents) else in_words(row)


def in_words(row: ContactPreference) -> str:
    values = {"answers": row.answer_count, "messages": row.message_count}
    if row.channel == Channel.CALL:
        return _("Often picks up the phone (%(answers)s of %(messages)s calls)") % values
    channel = Channel(row.channel).label
    return _("Often answers on %(channel)s (%(answers)s of %(messages)s messages)") % {
        "channel": channel,
        **values,
    }


def register() -> None:
    """Called once, when the app is ready."""
    register_channels(Channel.choices)
