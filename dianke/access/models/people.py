"""People who sign in, and the roles that can be granted to them. Postings (who works where, from when to
when) live in the room `stores`, which tells this room the grants through `settings.DIANKE_GRANTS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from dianke.access.permissions import PRESETS_BY_CODE, RoleCode, ScopeCode, permissions_of
from dianke.core.actor import RowScope

if TYPE_CHECKING:
    from dianke.core.actor import Actor


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def visible_to(self, actor: Actor) -> Self:
        """Accounts the actor may see: their own always; with `access.view_users` those of its stores or all."""
        scope = actor.scope_for("access.view_users")
        if scope is RowScope.ALL:
            return self
        own = models.Q(pk=actor.user_id)
        stores = actor.stores_for("access.view_users")
        if scope is RowScope.STORE and settings.DIANKE_USERS_AT:
            # Who works where is known one room up; without that port nobody but oneself is visible.
            own |= models.Q(pk__in=import_string(settings.DIANKE_USERS_AT)(stores))
        return self.filter(own)

    def matching(self, text: str) -> Self:
        """Whose name or sign-in name contains `text`."""
        text = text.strip()
        if not text:
            return self
        return self.filter(models.Q(name__icontains=text) | models.Q(username__icontains=text))


class UserManager(BaseUserManager["User"]):
    """Finds people by sign-in name, whatever the case it is typed in."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        return self.get_queryset().active()

    def visible_to(self, actor: Actor) -> UserQuerySet:
        return self.get_queryset().visible_to(actor)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=(username or "").strip())


class User(AbstractBaseUser):
    """A person who signs in. Contact data of staff are in `stores`, encrypted; here is only what signing in needs."""

    class Theme(models.TextChoices):
        SYSTEM = "SYSTEM", _("Like the device")
        LIGHT = "LIGHT", _("Light")
        DARK = "DARK", _("Dark")

    username = models.CharField(
        _("sign-in name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+$", _("Use letters, digits and . @ + - _ only."))],
    )
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("email"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    theme = models.CharField(_("appearance"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    password_changed_at = models.DateTimeField(_("password changed"), null=True, editable=False)
    must_change_password = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="access_user_username_any_case",
                violation_error_message=_("This sign-in name is taken. Choose another one."),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def initial(self) -> str:
        """What stands in the round picture: the last two characters of a Chinese name, else the first letter."""
        name = self.name.strip()
        return name[-2:] if name and name[0] > "\u2e80" and len(name) > 2 else name[:1].upper()


class Role(models.Model):
    """A role that can be granted. Presets take their permissions from the table in code, so that an upgrade
    brings new ones; custom roles keep their own list."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    is_preset = models.BooleanField(default=False)
    scope = models.CharField(
        _("reach"),
        max_length=8,
        choices=[
            (ScopeCode.OWN.value, _("own records")),
            (ScopeCode.STORE.value, _("stores of the posting")),
            (ScopeCode.ALL.value, _("everything")),
        ],
        default=ScopeCode.OWN.value,
    )
    permissions = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    purpose = models.CharField(_("what it is for"), max_length=200, blank=True)
    requires_second_factor = models.BooleanField(_("second factor required at sign-in"), default=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name in the reader's language: presets are translated, custom roles keep what was typed."""
        preset = PRESETS_BY_CODE.get(self.code) if self.is_preset else None
        return str(preset.label) if preset else self.name

    @property
    def purpose_label(self) -> str:
        """What it is for, in the reader's language."""
        preset = PRESETS_BY_CODE.get(self.code) if self.is_preset else None
        return str(preset.purpose) if preset else self.purpose

    def permission_codes(self) -> frozenset[str]:
        """Codes in force: the preset table's, or the list of a custom role."""
        if self.is_preset:
            return permissions_of(RoleCode(self.code))
        return frozenset(self.permissions)
