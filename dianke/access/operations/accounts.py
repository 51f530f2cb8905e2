"""Accounts: made by invitation, changed, disabled (never deleted), unlocked; and their passwords."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from axes.utils import reset as reset_attempts
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dianke.access.models import PasswordTicket, Pin, Session, User
from dianke.access.operations.sign_in import close_sessions
from dianke.access.passwords import check_password_rules
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from dianke.events.operations import operation, record, unchanged

INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=24)


class SignInNameTaken(Conflict):
    code = "sign_in_name_taken"
    default_field = "username"
    message = _("The sign-in name “%(username)s” is taken. Choose another one.")


class AccountInvalid(InvalidInput):
    code = "account_invalid"
    message = _("%(reason)s")


class OwnAccount(NotAllowed):
    code = "own_account"
    message = _("You cannot disable your own account. Ask another administrator.")


class TicketUnusable(NotFound):
    code = "ticket_unusable"
    message = _("This link was used already or has expired. Ask your administrator for a new one.")


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """The ticket and its token, which is shown once and kept nowhere."""

    ticket: PasswordTicket
    token: str


def _validated(user: User) -> None:
    """Raise a named error for the first field that is not right."""
    user.username = user.username.strip()
    user.name = user.name.strip()
    same = User.objects.filter(username__iexact=user.username).exclude(pk=user.pk)
    if same.exists():
        raise SignInNameTaken(username=user.username)
    try:
        user.clean_fields(exclude=["password", "created_at", "last_login"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise AccountInvalid(reason=messages[0], field=field) from error


@lru_cache(maxsize=1)
def _known(password: str) -> str:
    """The password of demo people stands on the sign-in page: made unreadable once for all of them."""
    return make_password(password)


@operation("access.manage_users")
def create_account(
    *,
    username: str,
    name: str,
    email: str = "",
    language: str = "zh-hans",
    password: str | None = None,
    is_demo: bool = False,
    actor: Actor,
    now: datetime,
) -> User:
    """A new account. Without `password` nobody can sign in until an invitation is used.

    Raises `SignInNameTaken`, `AccountInvalid`, a `PasswordRefused` (demo people may have simple passwords:
    a demo is served to its own computer only).
    """
    user = User(
        username=username, name=name, email=email.strip(), language=language, is_demo=is_demo, created_at=now
    )
    _validated(user)
    if password is None:
        user.set_unusable_password()
    else:
        if is_demo:
            user.password = _known(password)
        else:
            check_password_rules(password, user)
            user.set_password(password)
        user.password_changed_at = now
    user.save()
    record("access.account_created", user, actor=actor, now=now, data={"has_password": password is not None})
    return user


@operation(None)
def change_account(
    *,
    user: User,
    username: str,
    name: str,
    email: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> User:
    """Change what an account is called; one's own name, email and language, or anybody's with the permission."""
    if actor.user_id != user.pk or username.strip() != user.username:
        actor.require("access.manage_users")
    before = {f: getattr(user, f) for f in ("username", "name", "email", "language")}
    user.username, user.name, user.email, user.language = username, name, email.strip(), language
    _validated(user)
    changed = [field for field, value in before.items() if getattr(user, field) != value]
    if not changed:
        unchanged()
        return user
    user.save(update_fields=changed)
    # Names and addresses are personal data: the event says which fields, not what stood in them.
    record("access.account_changed", user, actor=actor, now=now, data={"fields": changed})
    return user


@operation(None)
def set_preferences(
    *, language: str | None = None, theme: str | None = None, actor: Actor, now: datetime
) -> User:
    """One's own language and appearance, as chosen in the menu. Raises `AccountInvalid` for unknown ones."""
    if actor.user_id is None:
        raise NotAllowed
    user = User.objects.get(pk=actor.user_id)
    wanted = {"language": language or user.language, "theme": theme or user.theme}
    if wanted["language"] not in dict(settings.LANGUAGES) or wanted["theme"] not in User.Theme.values:
        raise AccountInvalid(reason=_("There is no such language or appearance."))
    changes = {f: [getattr(user, f), value] for f, value in wanted.items() if getattr(user, f) != value}
    if not changes:
        unchanged()
        return user
    user.language, user.theme = wanted["language"], wanted["theme"]
    user.save(update_fields=list(changes))
    record("access.preferences_set", user, actor=actor, now=now, data={"changes": changes})
    return user


@operation("access.manage_users")
def disable_account(*, user: User, actor: Actor, now: datetime) -> User:
    """Nobody can sign in with it any more: sessions end, API keys stop (they ask for an active owner).

    Raises `OwnAccount`.
    """
    if actor.user_id == user.pk:
        raise OwnAccount
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.is_active:
        unchanged()
        return locked
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    ended = close_sessions(Session.objects.filter(user=locked), now=now)
    record("access.account_disabled", locked, actor=actor, now=now, data={"sessions_ended": ended})
    return locked


@operation("access.manage_users")
def enable_account(*, user: User, actor: Actor, now: datetime) -> User:
    """The account may sign in again with its old password and factors."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.is_active:
        unchanged()
        return locked
    locked.is_active = True
    locked.save(update_fields=["is_active"])
    record("access.account_enabled", locked, actor=actor, now=now)
    return locked


@operation("access.unlock_users")
def unlock_account(*, user: User, actor: Actor, now: datetime) -> None:
    """Forget refused sign-ins and wrong PINs, so that the person can try again at once."""
    attempts = reset_attempts(username=user.username.lower())
    pins = Pin.objects.filter(user=user).exclude(failed_count=0).update(failed_count=0, locked_at=None)
    if not attempts and not pins:
        unchanged()
        return
    record("access.account_unlocked", user, actor=actor, now=now)


@operation("access.manage_users")
def issue_password_ticket(*, user: User, actor: Actor, now: datetime) -> IssuedTicket:
    """A one-time link to set a password: an invitation while there is none (7 days), a reset after (24 hours).

    Earlier links of the person stop working. The present password works until the link is used.
    """
    is_reset = user.has_usable_password()
    kind = PasswordTicket.Kind.RESET if is_reset else PasswordTicket.Kind.INVITATION
    PasswordTicket.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
    token = secrets.token_urlsafe(32)
    ticket = PasswordTicket.objects.create(
        user=user,
        kind=kind,
        secret_hash=_hash(token),
        created_at=now,
        created_by_id=actor.user_id,
        expires_at=now + (RESET_LIFE if is_reset else INVITATION_LIFE),
    )
    record("access.password_link_issued", user, actor=actor, now=now, data={"kind": kind.value})
    return IssuedTicket(ticket, token)


def ticket_for(token: str, *, now: datetime) -> PasswordTicket:
    """The usable ticket of a token. Raises `TicketUnusable`, also for accounts that were disabled."""
    found = PasswordTicket.objects.select_related("user").filter(secret_hash=_hash(token)).first()
    if found is None or not found.is_usable(now) or not found.user.is_active:
        raise TicketUnusable
    return found


@operation(None)
def redeem_password_ticket(*, token: str, password: str, actor: Actor, now: datetime) -> User:
    """Set the password with a one-time link. Does not sign in; all sessions of the person end.

    Raises `TicketUnusable`, a `PasswordRefused`.
    """
    ticket = ticket_for(token, now=now)
    user = User.objects.select_for_update().get(pk=ticket.user_id)
    if not PasswordTicket.objects.filter(pk=ticket.pk, used_at=None).update(used_at=now):
        raise TicketUnusable  # somebody else was a moment faster
    check_password_rules(password, user)
    _set_password(user, password, now)
    close_sessions(Session.objects.filter(user=user), now=now)
    record("access.password_set", user, actor=actor, now=now, data={"by": ticket.kind})
    return user


@operation(None)
def change_password(
    *, user: User, password: str, keep_session_key: str = "", actor: Actor, now: datetime
) -> User:
    """One's own new password; every session but `keep_session_key` ends. Raises a `PasswordRefused`.

    Others' passwords are never set by hand: they get a one-time link.
    """
    if actor.user_id != user.pk and not actor.is_system:
        raise NotAllowed
    check_password_rules(password, user)
    _set_password(user, password, now)
    ended = close_sessions(Session.objects.filter(user=user).exclude(session_key=keep_session_key), now=now)
    record("access.password_changed", user, actor=actor, now=now, data={"sessions_ended": ended})
    return user


def _set_password(user: User, password: str, now: datetime) -> None:
    user.set_password(password)
    user.password_changed_at = now
    user.must_change_password = False
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
