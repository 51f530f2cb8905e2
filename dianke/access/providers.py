"""Labels of this room's events, and what its subjects are called; its pages are put into the frame by `config`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.access.models import ApiKey, Device, Role, Session, SignIn, User
from dianke.core.actor import Actor
from dianke.events.registry import SubjectName, register_kind, register_rows, register_subject

_EVENTS = {
    "signed_in": _("Signed in"),
    "sign_in_refused": _("Sign-in refused"),
    "sessions_ended": _("Signed out (%(count)s)"),
    "old_sign_ins_removed": _("Old sign-in records removed (%(sign_ins)s)"),
    "account_created": _("Account created"),
    "account_changed": _("Account changed"),
    "account_disabled": _("Account disabled"),
    "account_enabled": _("Account enabled"),
    "account_unlocked": _("Account unlocked"),
    "preferences_set": _("Language or appearance chosen"),
    "password_link_issued": _("One-time link for a password issued"),
    "password_set": _("Password set with a one-time link"),
    "password_changed": _("Password changed"),
    "second_factor_added": _("Second factor added"),
    "second_factor_used": _("Second factor used"),
    "second_factor_removed": _("Second factor removed"),
    "second_factors_reset": _("Second factors reset"),
    "second_factor_rule_changed": _("Second factor rule of a role changed"),
    "passkey_renamed": _("Passkey renamed"),
    "recovery_codes_made": _("New recovery codes made"),
    "pin_set": _("Till PIN set"),
    "pin_removed": _("Till PIN removed"),
    "pin_refused": _("Wrong till PIN (%(failed_count)s)"),
    "pin_locked": _("Till PIN locked after wrong tries"),
    "pin_unlocked": _("Till PIN unlocked"),
    "pin_tries_cleared": _("Right till PIN after wrong ones"),
    "device_enrolled": _("Shared till enrolled"),
    "device_renamed": _("Shared till renamed"),
    "device_revoked": _("Shared till removed"),
    "api_key_created": _("API key created"),
    "api_key_revoked": _("API key revoked"),
    "role_created": _("Role created"),
    "role_changed": _("Role changed"),
    "sign_in_policy_changed": _("Sign-in rules changed"),
    "permissions_reviewed": _("Permissions reviewed"),
    "field_revealed": _("Hidden value revealed: %(reason)s"),
}
#: Who signs in when, and with what, is nobody's business but the person's own and the auditors'.
_PERSONAL = (
    "signed_in",
    "sign_in_refused",
    "sessions_ended",
    "second_factor_used",
    "pin_refused",
    "pin_tries_cleared",
)


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        permission = "access.view_sign_ins" if code in _PERSONAL else None
        register_kind(f"access.{code}", label, permission=permission)
    register_subject("access.role", _roles)
    register_rows(
        "access.user", User.objects.visible_to, "name", url_name="user", permission="access.view_users"
    )
    register_rows("access.device", Device.objects.visible_to, "name")
    register_rows("access.apikey", ApiKey.objects.visible_to, "name")
    register_rows("access.signin", SignIn.objects.visible_to, "user__name")
    register_rows("access.session", Session.objects.visible_to, "user__name")


def _roles(ids: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    may_open = actor.can("access.view_users")
    return {
        str(role.pk): SubjectName(role.label, reverse("role", args=[role.pk]) if may_open else "")
        for role in Role.objects.filter(pk__in=ids)
    }
