"""Settings of the house: the list of all settings, modules, trade presets, first steps, and the end of the demo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dianke.access.guards import requires
from dianke.config import demo, operations
from dianke.config.models import ModuleSwitch, StorePreset
from dianke.config.modules import MODULES, Module
from dianke.config.presets import presets
from dianke.config.settings_list import settings_for
from dianke.core.errors import Conflict, InvalidInput
from dianke.stores.models import Merchant, Store
from dianke.web.forms import KitForm
from dianke.web.responses import done

STATES: dict[str, bool | None] = {"on": True, "off": False, "follow": None}


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.actor, "now": request.now}  # type: ignore[attr-defined]


@require_safe
@requires("config.manage_settings")
def settings_list(request: HttpRequest) -> HttpResponse:
    """Every setting, found by name, effect or pinyin."""
    query = request.GET.get("q", "")
    groups = settings_for(request.actor, query=query)  # type: ignore[attr-defined]
    return render(request, "config/settings/list.html", {"groups": groups, "query": query})


# --- modules -----------------------------------------------------------------------------------------------------
@require_safe
@requires("config.manage_settings")
def modules(request: HttpRequest) -> HttpResponse:
    """What is switched on, for all and store by store."""
    stores = list(Store.objects.visible_to(request.actor, "config.manage_settings").filter(closed_on=None))  # type: ignore[attr-defined]
    switches = {(s.module, s.store_id): s.is_on for s in ModuleSwitch.objects.all()}
    rows = [_module_row(module, stores, switches) for module in MODULES.values()]
    context = {
        "installed": [row for row in rows if row["module"].is_installed],
        "coming": [row for row in rows if not row["module"].is_installed],
    }
    return render(request, "config/settings/modules.html", context)


def _module_row(
    module: Module, stores: list[Store], switches: dict[tuple[str, int | None], bool]
) -> dict[str, Any]:
    everywhere = switches.get((module.code, None), module.is_on_by_default)
    per_store = [
        {
            "store": store,
            "own": switches.get((module.code, store.pk)),
            "is_on": switches.get((module.code, store.pk), everywhere),
        }
        for store in stores
    ]
    on = sum(bool(row["is_on"]) for row in per_store)
    return {
        "module": module,
        "is_on": everywhere,
        "stores": per_store,
        "on_count": on,
        "is_mixed": 0 < on < len(per_store),
        "is_on_anywhere": everywhere or on > 0,
    }


@require_POST
@requires("config.manage_settings")
def module_switch(request: HttpRequest, code: str, state: str) -> HttpResponse:
    """Switch a module: `state` on, off or (a store's) follow; `store` in the query for one store."""
    if state not in STATES:
        raise operations.ModuleUnknown(module=state)
    store = None
    if request.GET.get("store"):
        reached = Store.objects.visible_to(request.actor, "config.manage_settings")  # type: ignore[attr-defined]
        store = get_object_or_404(reached, pk=request.GET["store"])
    before = ModuleSwitch.objects.filter(module=code, store=store).values_list("is_on", flat=True).first()
    operations.switch_module(module=code, is_on=STATES[state], store=store, **_who(request))
    back = next(name for name, value in STATES.items() if value is before)
    undo = reverse("module_switch", args=[code, back]) + (f"?store={store.pk}" if store else "")
    texts = {
        "on": _("“%s” is on now."),
        "off": _("“%s” is off now. Nothing was deleted."),
        "follow": _("“%s” follows the merchant's switch."),
    }
    return done(request, texts[state] % MODULES[code].label, to=reverse("modules"), undo_url=undo)


# --- presets -----------------------------------------------------------------------------------------------------
@require_safe
@requires("config.manage_settings")
def preset_list(request: HttpRequest) -> HttpResponse:
    """The preset of every store, and what each trade brings."""
    stores = Store.objects.visible_to(request.actor, "config.manage_settings").filter(closed_on=None)  # type: ignore[attr-defined]
    context = {
        "stores": stores.select_related("preset"),
        "presets": list(presets().values()),
        "modules": MODULES,
    }
    return render(request, "config/settings/presets.html", context)


def _store(request: HttpRequest, pk: int) -> Store:
    return get_object_or_404(Store.objects.visible_to(request.actor, "config.manage_settings"), pk=pk)  # type: ignore[attr-defined]


class PresetForm(KitForm):
    trade = forms.ChoiceField(
        label=gettext_lazy("Trade"),
        choices=lambda: [
            (preset.trade, f"{preset.label} · {preset.sentence}") for preset in presets().values()
        ],
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Adds what the store does not have yet; nothing you set yourself is overwritten."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires("config.manage_settings")
def preset_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the trade of a store."""
    store = _store(request, pk)
    standing = StorePreset.objects.filter(store=store).first()
    form = PresetForm(request.POST or None, initial={"trade": standing.trade if standing else store.trade})
    if request.method == "POST" and form.is_valid():
        applied = operations.apply_preset(store=store, trade=form.cleaned_data["trade"], **_who(request))
        text = _("%(store)s now has the preset “%(trade)s”.") % {
            "store": store.short_name,
            "trade": presets()[applied.trade].label,
        }
        return done(request, text, to=reverse("presets"), undo_url=reverse("preset_undo", args=[pk]))
    context = {
        "form": form,
        "title": _("Trade preset of %s") % store.short_name,
        "submit": _("Apply"),
        "cancel_url": reverse("presets"),
    }
    return render(request, "web/form.html", context, status=422 if form.errors else 200)


@require_POST
@requires("config.manage_settings")
def preset_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what the preset brought in."""
    store = _store(request, pk)
    operations.undo_preset(store=store, **_who(request))
    text = _("The preset of %s was taken back; what you changed yourself stays.") % store.short_name
    return done(request, text, to=reverse("presets"))


# --- first steps -------------------------------------------------------------------------------------------------
@require_POST
@requires("config.manage_settings")
def first_step(request: HttpRequest, code: str, state: str) -> HttpResponse:
    """Tick a line (`state` done) or open it again."""
    change = operations.tick_first_step if state == "done" else operations.untick_first_step
    change(code=code[:40], **_who(request))
    return redirect("today")


@require_POST
@requires("config.manage_settings")
def first_steps(request: HttpRequest, state: str) -> HttpResponse:
    """Put the card away, or show it again."""
    if state == "away":
        operations.put_away_first_steps(**_who(request))
        undo = reverse("first_steps", args=["shown"])
        return done(request, _("The first steps are put away."), to=reverse("today"), undo_url=undo)
    operations.show_first_steps(**_who(request))
    return done(request, _("The first steps are back."), to=reverse("today"))


# --- the demo ----------------------------------------------------------------------------------------------------
class RemoveDemoForm(KitForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the merchant"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    wide = ("name",)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("config.manage_settings")
def demo_removal(request: HttpRequest) -> HttpResponse:
    """Remove the demo, after typing the merchant's name."""
    merchant = Merchant.objects.first()
    form = RemoveDemoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.remove_demo(name=form.cleaned_data["name"], **_who(request))
        except (InvalidInput, Conflict) as error:
            form.add_domain_error(error)
        else:
            logout(request)
            demo.forget_demo()
            return redirect("setup")
    context = {"form": form, "merchant": merchant}
    return render(request, "config/settings/demo.html", context, status=422 if form.errors else 200)
