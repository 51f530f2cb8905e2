"""Traces of signing in: every try is a `SignIn`, every open browser a `Session`, every invitation or reset a
`PasswordTicket`. Addresses of clients are personal data and therefore live here, with a retention, not in events."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.access.clients import describe_address, describe_browser

if TYPE_CHECKING:
    from dianke.core.actor import Actor


class SignInQuerySet(models.QuerySet["SignIn"]):
    def visible_to(self, actor: Actor) -> Self:
        """All with `access.view_sign_ins`, one's own otherwise."""
        return self if actor.can("access.view_sign_ins") else self.filter(user_id=actor.user_id)

    def refused(self) -> Self:
        return self.exclude(result=SignIn.Result.SUCCESS)


class SignIn(models.Model):
    """One try to sign in. `tried_name` is shortened when no account has that name: people type passwords there."""

    class Method(models.TextChoices):
        PASSWORD = "PASSWORD", _("Password")
        TOTP = "TOTP", _("Password and code")
        RECOVERY_CODE = "RECOVERY_CODE", _("Password and recovery code")
        SECURITY_KEY = "SECURITY_KEY", _("Password and passkey")
        PASSKEY = "PASSKEY", _("Passkey")
        PIN = "PIN", _("PIN at the till")
        CONFIRMATION = "CONFIRMATION", _("Confirmation of identity")

    class Result(models.TextChoices):
        SUCCESS = "SUCCESS", _("Signed in")
        WRONG = "WRONG", _("Wrong entry")
        WRONG_FACTOR = "WRONG_FACTOR", _("Wrong code")
        LOCKED = "LOCKED", _("Refused: locked")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="sign_ins")
    tried_name = models.CharField(_("sign-in name"), max_length=64, blank=True)
    at = models.DateTimeField(_("time"))
    method = models.CharField(_("method"), max_length=16, choices=Method.choices)
    result = models.CharField(_("result"), max_length=16, choices=Result.choices)
    ip = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    device = models.ForeignKey("access.Device", models.SET_NULL, null=True, related_name="sign_ins")
    is_new_place = models.BooleanField(_("new device or address"), default=False)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("sign-in record")
        verbose_name_plural = _("sign-in records")
        indexes = [
            models.Index(fields=["-at"], name="access_signin_at"),
            models.Index(fields=["user", "-at"], name="access_signin_user_at"),
        ]

    def __str__(self) -> str:
        return f"{self.tried_name} {self.get_result_display()}"

    @property
    def browser(self) -> str:
        return describe_browser(self.user_agent)

    @property
    def place(self) -> str:
        return describe_address(self.ip)


class SessionQuerySet(models.QuerySet["Session"]):
    def open(self, now: datetime) -> Self:
        """Neither ended nor past their absolute end."""
        return self.filter(ended_at=None, ends_at__gt=now)

    def visible_to(self, actor: Actor) -> Self:
        """All with `access.manage_users`, one's own otherwise."""
        return self if actor.can("access.manage_users") else self.filter(user_id=actor.user_id)


class Session(models.Model):
    """A browser somebody is signed in with. The web session of the same key is deleted when this one is ended."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    method = models.CharField(max_length=16, choices=SignIn.Method.choices)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    device = models.ForeignKey("access.Device", models.SET_NULL, null=True, related_name="sessions")

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [models.Index(fields=["user", "-last_seen_at"], name="access_session_user_seen")]

    def __str__(self) -> str:
        return f"{self.browser} {self.place}"

    @property
    def is_pin(self) -> bool:
        return self.method == SignIn.Method.PIN

    @property
    def browser(self) -> str:
        return describe_browser(self.user_agent)

    @property
    def place(self) -> str:
        return describe_address(self.ip)


class PasswordTicket(models.Model):
    """A one-time link with which somebody sets a password: the first one (invitation) or a forgotten one.
    It never signs in, so a second factor cannot be gone around with it."""

    class Kind(models.TextChoices):
        INVITATION = "INVITATION", _("Invitation")
        RESET = "RESET", _("New password")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_tickets")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("one-time link")
        verbose_name_plural = _("one-time links")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.user_id}"

    def is_usable(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at
