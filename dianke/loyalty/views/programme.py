"""The programme on one page: what holds in plain sentences, each with the form that changes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Category
from dianke.loyalty import operations
from dianke.loyalty.forms.programme import PARTS, GiftForm, LevelForm, RewardForm, RuleForm
from dianke.loyalty.models import EarningRule, Gift, Level, Membership, Programme, Reward
from dianke.loyalty.models.programme import MANAGE, VIEW
from dianke.loyalty.queries import sentences
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

FORM = ["GET", "POST"]


def _who(request: Request) -> dict[str, Any]:
    return {"actor": request.actor, "now": request.now}


@require_GET
@requires(VIEW)
def programme(request: Request) -> HttpResponse:
    """Everything that holds for members. Eight queries at most."""
    found = Programme.objects.visible_to(request.actor).filter(is_default=True).first()
    context: dict[str, Any] = {"programme": found, "may_manage": request.actor.can(MANAGE)}
    if found is not None:
        levels = list(Level.objects.in_use().filter(programme=found).order_by("rank"))
        names = {level.code: level.name for level in levels}
        kinds = [kind.value for kind in EarningRule.Kind]
        rules = sorted(
            EarningRule.objects.filter(programme=found),
            key=lambda rule: (kinds.index(rule.kind), rule.position, rule.pk),
        )
        wanted = {pk for rule in rules for pk in rule.category_ids}
        categories = dict(Category.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
        counts: dict[int, int] = {}
        for level_id in Membership.objects.filter(level__in=levels).values_list("level_id", flat=True):
            counts[level_id] = counts.get(level_id, 0) + 1
        gifts = Gift.objects.filter(programme=found)
        rewards = Reward.objects.filter(programme=found)
        context |= {
            "parts": [
                ("levels", _("How levels are counted"), sentences.window_sentence(found)),
                ("earning", _("Points come and go"), sentences.earning_sentence(found)),
                ("using", _("Points as money"), sentences.using_sentence(found)),
                ("referring", _("Members bring members"), sentences.referring_sentence(found)),
            ],
            "levels": [
                {"row": level, "text": sentences.level_sentence(level), "count": counts.get(level.pk, 0)}
                for level in levels
            ],
            "rules": [
                {"row": rule, "text": sentences.rule_sentence(rule, categories, names)} for rule in rules
            ],
            "gifts": [{"row": gift, "text": sentences.gift_sentence(gift, names)} for gift in gifts],
            "rewards": [
                {"row": reward, "text": sentences.reward_sentence(reward, names)} for reward in rewards
            ],
        }
    return render(request, "loyalty/programme.html", context)


@require_POST
@requires(MANAGE)
def programme_begin(request: Request) -> HttpResponse:
    """The first step: a programme with one level and a point for each yuan."""
    first = operations.LevelSpec("regular", _("Regular member"), 0)
    operations.begin_programme(name=_("Membership"), levels=[first], **_who(request))
    return done(
        request, _("The programme stands. Look through what it says."), to=reverse("loyalty:programme")
    )


@require_http_methods(FORM)
@requires(MANAGE)
def programme_part(request: Request, part: str) -> HttpResponse:
    """One part of the numbers."""
    if part not in PARTS:
        raise Http404
    row = get_object_or_404(Programme.objects.visible_to(request.actor), is_default=True)
    form = PARTS[part](request.POST or None, row=row)
    titles = {
        "levels": _("How levels are counted"),
        "earning": _("Points come and go"),
        "using": _("Points as money"),
        "referring": _("Members bring members"),
    }
    return _form(
        request,
        form,
        lambda: operations.change_programme(programme=row, values=form.values(), **_who(request)),
        titles[part],
    )


def _form(request: Request, form: Any, run: Callable[[], Any], title: str) -> HttpResponse:
    """A form that leads back to the programme."""
    back = reverse("loyalty:programme")
    return form_view(
        request,
        form=form,
        run=lambda _data: run(),
        title=title,
        success=_("Saved: it holds from the next sale on."),
        redirect_to=back,
        cancel_url=back,
        context={"crumb_list": [Crumb(_("Levels and points"), back)]},
    )


# --- levels -------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def level_new(request: Request) -> HttpResponse:
    """A new level, above the others."""
    form = LevelForm(request.POST or None)
    return _form(
        request, form, lambda: operations.add_level(values=form.values(), **_who(request)), _("New level")
    )


@require_http_methods(FORM)
@requires(MANAGE)
def level(request: Request, pk: int) -> HttpResponse:
    """A level."""
    row = get_object_or_404(Level.objects.visible_to(request.actor).in_use(), pk=pk)
    form = LevelForm(request.POST or None, row=row)
    return _form(
        request,
        form,
        lambda: operations.change_level(level=row, values=form.values(), **_who(request)),
        row.name,
    )


@require_POST
@requires(MANAGE)
def level_archive(request: Request, pk: int) -> HttpResponse:
    """Put a level away that nobody is at."""
    row = get_object_or_404(Level.objects.visible_to(request.actor), pk=pk)
    operations.archive_level(level=row, **_who(request))
    return done(
        request, _("The level “%(name)s” is put away.") % {"name": row.name}, to=reverse("loyalty:programme")
    )


# --- rules, gifts, rewards ----------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def rule_new(request: Request) -> HttpResponse:
    """A new earning rule."""
    form = RuleForm(request.POST or None)
    return _form(
        request,
        form,
        lambda: operations.add_rule(values=form.values(), **_who(request)),
        _("New earning rule"),
    )


@require_http_methods(FORM)
@requires(MANAGE)
def rule(request: Request, pk: int) -> HttpResponse:
    """An earning rule."""
    row = get_object_or_404(EarningRule.objects.visible_to(request.actor), pk=pk)
    form = RuleForm(request.POST or None, row=row)
    return _form(
        request,
        form,
        lambda: operations.change_rule(rule=row, values=form.values(), **_who(request)),
        row.name,
    )


@require_http_methods(FORM)
@requires(MANAGE)
def gift_new(request: Request) -> HttpResponse:
    """A new gift."""
    form = GiftForm(request.POST or None)
    return _form(
        request, form, lambda: operations.add_gift(values=form.values(), **_who(request)), _("New gift")
    )


@require_http_methods(FORM)
@requires(MANAGE)
def gift(request: Request, pk: int) -> HttpResponse:
    """A gift."""
    row = get_object_or_404(Gift.objects.visible_to(request.actor), pk=pk)
    form = GiftForm(request.POST or None, row=row)
    return _form(
        request,
        form,
        lambda: operations.change_gift(gift=row, values=form.values(), **_who(request)),
        row.name,
    )


@require_http_methods(FORM)
@requires(MANAGE)
def reward_new(request: Request) -> HttpResponse:
    """A new reward."""
    form = RewardForm(request.POST or None)
    return _form(
        request, form, lambda: operations.add_reward(values=form.values(), **_who(request)), _("New reward")
    )


@require_http_methods(FORM)
@requires(MANAGE)
def reward(request: Request, pk: int) -> HttpResponse:
    """A reward."""
    row = get_object_or_404(Reward.objects.visible_to(request.actor), pk=pk)
    form = RewardForm(request.POST or None, row=row)
    return _form(
        request,
        form,
        lambda: operations.change_reward(reward=row, values=form.values(), **_who(request)),
        row.name,
    )
