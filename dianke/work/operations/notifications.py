"""Telling people: each notice once, by the way they chose; reading them; choosing the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged
from dianke.work.models import Notification, NotificationPreference
from dianke.work.registry import notice_kind, notice_kinds

Channel = NotificationPreference.Channel
#: What comes within this time goes into one mail.
MAIL_AFTER = timedelta(minutes=2)


class NoticeKindUnknown(InvalidInput):
    code = "notice_kind_unknown"
    message = _("There are no notices “%(kind)s”.")
    default_field = "kind"


class ChannelUnknown(InvalidInput):
    code = "notice_channel_unknown"
    message = _("Choose one of: %(choices)s.")
    default_field = "channel"


class NotificationsArePersonal(NotAllowed):
    code = "notifications_are_personal"
    message = _("Only a person can choose how to be notified.")


def channels_of(kind: str, user_ids: Collection[int]) -> dict[int, str]:
    """How each person wants to hear of a kind. One query."""
    chosen = dict(
        NotificationPreference.objects.filter(kind=kind, user_id__in=user_ids).values_list(
            "user_id", "channel"
        )
    )
    usual = notice_kind(kind).channel
    return {pk: chosen.get(pk, usual) for pk in user_ids}


@operation(None)
def notify(
    *,
    user_ids: Iterable[int | None],
    kind: str,
    params: Mapping[str, Any],
    reference: str,
    subject: str = "",
    url: str = "",
    actor: Actor,
    now: datetime,
) -> list[Notification]:
    """Tell people something, each at most once under the `reference`; those who want no such notice are left out.

    `params` are the values of the kind's sentence. Returns the notices that are new; mails of one person that fall
    within two minutes go out together, sent by a job that is queued in this transaction.
    """
    wanted = sorted({pk for pk in user_ids if pk is not None})
    active = list(User.objects.active().filter(pk__in=wanted).values_list("pk", "email"))
    channels = channels_of(kind, [pk for pk, _email in active])
    told = set(
        Notification.objects.filter(user_id__in=channels, reference=reference).values_list(
            "user_id", flat=True
        )
    )
    rows = [
        Notification(
            user_id=pk,
            kind=kind,
            params=dict(params),
            subject=subject,
            url=url,
            reference=reference,
            created_at=now,
            wants_email=channels[pk] == Channel.EMAIL and bool(email),
        )
        for pk, email in active
        if channels[pk] != Channel.NONE and pk not in told
    ]
    made = Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if not made:
        unchanged()
        return []
    # With ignored conflicts the database does not return keys; those of this reference are what counts.
    found = list(Notification.objects.filter(reference=reference, user_id__in=[row.user_id for row in rows]))
    for notice in found:
        if notice.wants_email and notice.emailed_at is None:
            _queue_mail(notice.user_id)
    record(
        "work.people_notified",
        f"work.notice:{kind}",
        actor=actor,
        now=now,
        data={"kind": kind, "users": [notice.user_id for notice in found], "reference": reference},
    )
    return found


def _queue_mail(user_id: int) -> None:
    from dianke.work.tasks import queue_mail

    queue_mail(user_id, after=MAIL_AFTER)


@operation(None)
def set_mailed(*, notice_ids: Collection[int], actor: Actor, now: datetime) -> int:
    """Note that notices went out by email."""
    count = Notification.objects.filter(pk__in=notice_ids, emailed_at=None).update(emailed_at=now)
    if not count:
        unchanged()
        return 0
    record(
        "work.notices_mailed", f"work.notice:{min(notice_ids)}", actor=actor, now=now, data={"count": count}
    )
    return count


@operation("web.use_pages")
def mark_read(*, notice_ids: Collection[int] | None = None, actor: Actor, now: datetime) -> int:
    """Mark one's own notices read; all of them without `notice_ids`. Returns how many were unread."""
    unread = Notification.objects.visible_to(actor).unread()
    if notice_ids is not None:
        unread = unread.filter(pk__in=notice_ids)
    count = unread.update(read_at=now)
    if not count:
        unchanged()
        return 0
    record("work.notices_read", f"access.user:{actor.user_id}", actor=actor, now=now, data={"count": count})
    return count


@operation(None)
def forget_old_notices(*, before: datetime, actor: Actor, now: datetime) -> int:
    """Delete notices that were read before an instant; run nightly by the system."""
    count, _by_model = Notification.objects.filter(read_at__lt=before).delete()
    if not count:
        unchanged()
        return 0
    record("work.old_notices_deleted", "work.notice:0", actor=actor, now=now, data={"count": count})
    return count


@operation("web.use_pages")
def choose_channels(*, channels: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """Choose how one hears of each kind (`{kind: channel}`). Raises `NoticeKindUnknown`, `ChannelUnknown`."""
    if actor.user_id is None:
        raise NotificationsArePersonal
    changes: dict[str, list[str]] = {}
    for kind, channel in channels.items():
        if kind not in notice_kinds():
            raise NoticeKindUnknown(kind=kind)
        if channel not in Channel.values:
            raise ChannelUnknown(choices=", ".join(Channel.values), field=kind)
        before = channels_of(kind, [actor.user_id])[actor.user_id]
        if before != channel:
            NotificationPreference.objects.update_or_create(
                user_id=actor.user_id, kind=kind, defaults={"channel": channel}
            )
            changes[kind] = [before, channel]
    if not changes:
        unchanged()
        return
    record(
        "work.notice_channels_chosen",
        f"access.user:{actor.user_id}",
        actor=actor,
        now=now,
        data={"changes": changes},
    )
