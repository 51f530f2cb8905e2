"""What the house puts into the frame: the list of settings, modules, presets, the first-steps card, its events."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.access.demo_logins import provide_demo_logins
from dianke.config import demo, first_steps
from dianke.config.modules import MODULES
from dianke.core.actor import Actor
from dianke.events.registry import SubjectName, register_kind, register_subject
from dianke.web import navigation, today
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    for code, label, icon, order, words in (
        ("settings", _("All settings"), "settings", 0, _("options preferences")),
        ("modules", _("Modules"), "adjustments", 30, _("switch on off features")),
        ("presets", _("Trade presets"), "bolt", 40, _("beauty jewelry furniture chain")),
    ):
        navigation.register(
            Page(
                code=f"config.{code}",
                label=label,
                url_name=code,
                place=Place.SETTINGS,
                permission="config.manage_settings",
                icon=icon,
                order=order,
                words=words,
            )
        )
    navigation.register(
        Page(
            code="config.demo",
            label=_("Remove the demo"),
            url_name="demo_removal",
            place=Place.SETTINGS,
            permission="config.manage_settings",
            icon="trash",
            words=_("delete demo begin anew"),
            is_command=True,
        )
    )
    today.register(
        today.Section("config.first_steps", "config.manage_settings", first_steps.section, order=5)
    )
    register_kind("config.business_started", _("First start completed"))
    register_kind("config.module_switched", _("Module “%(module)s” switched"))
    register_kind("config.preset_applied", _("Trade preset applied"))
    register_kind("config.preset_taken_back", _("Trade preset taken back"))
    register_kind("config.first_step_ticked", _("First step ticked off"))
    register_kind("config.first_step_unticked", _("First step opened again"))
    register_kind("config.first_steps_put_away", _("First steps put away"))
    register_kind("config.first_steps_shown", _("First steps shown again"))
    register_kind("config.demo_loaded", _("Demo loaded"))
    register_kind("config.demo_removed", _("Demo removed"))
    register_subject("config.module", _module_names)
    register_subject(
        "config.modules", lambda keys, actor: dict.fromkeys(keys, SubjectName(str(_("Modules"))))
    )
    provide_demo_logins(demo.demo_logins)


def _module_names(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    return {key: SubjectName(str(MODULES[key].label), reverse("modules")) for key in keys if key in MODULES}
