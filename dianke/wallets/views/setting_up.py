"""What the merchant sets up: offers, kinds of cards, dated rules with their source."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.stores.queries import local_date
from dianke.wallets import operations
from dianke.wallets.forms.counter import offer_text
from dianke.wallets.forms.settings import CardKindForm, EndTermForm, OfferForm, TermForm
from dianke.wallets.models import CardKind, Offer, Term
from dianke.wallets.queries.wording import written
from dianke.wallets.rules.terms import MEANINGS, Shape
from dianke.wallets.views.finding import MANAGE, VIEW
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

FORM = ("GET", "POST")


# --- offers ---------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def offers(request: Request) -> HttpResponse:
    """Those in use first, then those that ended."""
    rows = Offer.objects.visible_to(request.actor).prefetch_related("steps", "stores")
    shown = [{"offer": row, "text": offer_text(row), **_offer_state(row, request)} for row in rows[:300]]
    shown.sort(key=lambda row: row["tone"] == "off")
    return render(
        request, "wallets/settings/offers.html", {"offers": shown, "may": request.actor.can(MANAGE)}
    )


def _offer_state(offer: Offer, http: Request) -> dict[str, str]:
    if offer.ended_at is not None or (offer.ends_at is not None and offer.ends_at <= http.now):
        return {"tone": "off", "word": pgettext("of an offer", "Ended")}
    if offer.starts_at is not None and offer.starts_at > http.now:
        day = f"{timezone.localtime(offer.starts_at):%Y-%m-%d}"
        return {"tone": "wait", "word": _("From %(day)s") % {"day": day}}
    return {"tone": "good", "word": _("Running")}


@require_http_methods(FORM)
@requires(MANAGE)
def offer_new(request: Request) -> HttpResponse:
    """A new offer."""
    form = OfferForm(request.POST or None, actor=request.actor)
    return form_view(
        request,
        form=form,
        run=lambda data: operations.make_offer(
            values=form.values(),
            steps=data["steps"],
            stores=list(data["stores"]),
            actor=request.actor,
            now=request.now,
        ),
        title=_("New top-up offer"),
        success=_("The offer runs."),
        redirect_to=reverse("wallets:offers"),
        cancel_url=reverse("wallets:offers"),
        context={"crumb_list": _crumbs(_("Top-up offers"), "wallets:offers")},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def offer(request: Request, pk: int) -> HttpResponse:
    """Change an offer; what was topped up keeps what it got."""
    row = get_object_or_404(Offer.objects.visible_to(request.actor), pk=pk)
    form = OfferForm(request.POST or None, actor=request.actor, initial=OfferForm.initial_of(row))
    return form_view(
        request,
        form=form,
        run=lambda data: operations.change_offer(
            offer=row,
            values=form.values(),
            steps=data["steps"],
            stores=list(data["stores"]),
            actor=request.actor,
            now=request.now,
        ),
        title=row.name,
        success=_("Saved. What was topped up before keeps what it got."),
        redirect_to=reverse("wallets:offers"),
        cancel_url=reverse("wallets:offers"),
        context={"crumb_list": _crumbs(_("Top-up offers"), "wallets:offers")},
    )


@require_POST
@requires(MANAGE)
def offer_end(request: Request, pk: int) -> HttpResponse:
    """Nobody can top up with it any more."""
    row = get_object_or_404(Offer.objects.visible_to(request.actor), pk=pk)
    operations.end_offer(offer=row, actor=request.actor, now=request.now)
    return done(request, _("Ended. What was topped up keeps its bonus."), to=reverse("wallets:offers"))


# --- kinds of cards ---------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def kinds(request: Request) -> HttpResponse:
    """Those on sale first."""
    rows = CardKind.objects.visible_to(request.actor).prefetch_related("items__variant__product", "stores")
    shown = [
        {
            "kind": row,
            "price": written(row.price_amount, row.currency),
            "items": " · ".join(
                f"{item.variant} × {item.paid_count}" + (f"+{item.gifted_count}" if item.gifted_count else "")
                for item in row.items.all()
            ),
        }
        for row in rows[:300]
    ]
    shown.sort(key=lambda row: row["kind"].ended_at is not None)
    return render(request, "wallets/settings/kinds.html", {"kinds": shown, "may": request.actor.can(MANAGE)})


@require_http_methods(FORM)
@requires(MANAGE)
def kind_new(request: Request) -> HttpResponse:
    """A new kind of card."""
    form = CardKindForm(request.POST or None, actor=request.actor)
    return form_view(
        request,
        form=form,
        run=lambda data: operations.make_card_kind(
            values=form.values(),
            items=data["items"],
            stores=list(data["stores"]),
            actor=request.actor,
            now=request.now,
        ),
        title=_("New kind of session card"),
        success=_("The card can be sold now."),
        redirect_to=reverse("wallets:kinds"),
        cancel_url=reverse("wallets:kinds"),
        context={"crumb_list": _crumbs(_("Kinds of session cards"), "wallets:kinds")},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def kind(request: Request, pk: int) -> HttpResponse:
    """Change a kind; cards that were sold stay what they are."""
    row = get_object_or_404(CardKind.objects.visible_to(request.actor), pk=pk)
    form = CardKindForm(request.POST or None, actor=request.actor, initial=CardKindForm.initial_of(row))
    return form_view(
        request,
        form=form,
        run=lambda data: operations.change_card_kind(
            kind=row,
            values=form.values(),
            items=data["items"],
            stores=list(data["stores"]),
            actor=request.actor,
            now=request.now,
        ),
        title=row.name,
        success=_("Saved. Cards that were sold stay what they are."),
        redirect_to=reverse("wallets:kinds"),
        cancel_url=reverse("wallets:kinds"),
        context={"crumb_list": _crumbs(_("Kinds of session cards"), "wallets:kinds")},
    )


@require_POST
@requires(MANAGE)
def kind_end(request: Request, pk: int) -> HttpResponse:
    """It is sold no more."""
    row = get_object_or_404(CardKind.objects.visible_to(request.actor), pk=pk)
    operations.end_card_kind(kind=row, actor=request.actor, now=request.now)
    return done(request, _("Not sold any more; cards in use stay good."), to=reverse("wallets:kinds"))


# --- dated rules ------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def terms(request: Request) -> HttpResponse:
    """Every rule with what holds today, what held and what will, where it comes from, who checked it."""
    today = local_date(request.now)
    rows = Term.objects.visible_to(request.actor).select_related("legal_entity", "checked_by")
    by_code: dict[str, list[dict[str, Any]]] = {}
    for row in rows.order_by("code", "province", "legal_entity_id", "-from_date"):
        by_code.setdefault(row.code, []).append(
            {
                "term": row,
                "value": value_text(row.code, row.value),
                "where": row.legal_entity.short_name if row.legal_entity else row.province or _("Everywhere"),
                **_term_state(row, today),
            }
        )
    groups = [
        {"meaning": meaning, "rows": by_code.get(code, []), "absent": absent_text(code)}
        for code, meaning in MEANINGS.items()
    ]
    unchecked = sum(row["term"].checked_at is None for rows in by_code.values() for row in rows)
    return render(
        request,
        "wallets/settings/terms.html",
        {"groups": groups, "unchecked": unchecked, "may": request.actor.can(MANAGE)},
    )


def value_text(code: str, value: str) -> str:
    """A value as people read it."""
    meaning = MEANINGS.get(code)
    if meaning is None:
        return value
    if meaning.shape is Shape.CHOICE:
        return str((meaning.choices or {}).get(value, value))
    if meaning.shape is Shape.FLAG:
        return _("Yes") if value == "1" else _("No")
    if meaning.shape is Shape.AMOUNT:
        return written(int(value), "CNY")
    return _("%(days)s days") % {"days": value}


def absent_text(code: str) -> str:
    """What holds without a row."""
    absent = MEANINGS[code].absent
    return _("Not limited") if absent is None else value_text(code, str(absent))


def _term_state(row: Term, today: Any) -> dict[str, str]:
    if row.to_date is not None and row.to_date <= today:
        return {"tone": "off", "word": pgettext("of an offer", "Ended")}
    if row.from_date > today:
        return {"tone": "wait", "word": _("To come")}
    return {"tone": "good", "word": _("In force")}


@require_http_methods(FORM)
@requires(MANAGE)
def term_new(request: Request) -> HttpResponse:
    """A rule from a day on; the one before it in the same place ends that day."""
    code = request.GET.get("code", "")
    initial = {"code": code if code in MEANINGS else None, "from_date": local_date(request.now)}
    return form_view(
        request,
        form=TermForm(request.POST or None, actor=request.actor, initial=initial),
        run=lambda data: operations.set_term(
            **{
                name: data[name]
                for name in ("code", "value", "from_date", "province", "source", "legal_entity")
            },
            actor=request.actor,
            now=request.now,
        ),
        title=_("New rule of prepaid value"),
        success=_("The rule is set. What it replaces ends on that day."),
        redirect_to=reverse("wallets:terms"),
        cancel_url=reverse("wallets:terms"),
        context={"crumb_list": _crumbs(_("Rules of prepaid value"), "wallets:terms")},
    )


@require_POST
@requires(MANAGE)
def term_check(request: Request, pk: int) -> HttpResponse:
    """Somebody compared it with its source, and it is right."""
    row = get_object_or_404(Term.objects.visible_to(request.actor), pk=pk)
    operations.check_term(term=row, actor=request.actor, now=request.now)
    return done(request, _("Noted as checked by you."), to=reverse("wallets:terms"))


@require_http_methods(FORM)
@requires(MANAGE)
def term_end(request: Request, pk: int) -> HttpResponse:
    """It holds no more from a day on."""
    row = get_object_or_404(Term.objects.visible_to(request.actor), pk=pk)
    today = local_date(request.now)
    return form_view(
        request,
        form=EndTermForm(request.POST or None, initial={"to_date": today}),
        run=lambda data: operations.end_term(
            term=row, to_date=data["to_date"], today=today, actor=request.actor, now=request.now
        ),
        title=_("End the rule"),
        success=_("It holds until the day before."),
        redirect_to=reverse("wallets:terms"),
        cancel_url=reverse("wallets:terms"),
        submit=_("End"),
        context={"crumb_list": _crumbs(_("Rules of prepaid value"), "wallets:terms")},
    )


def _crumbs(text: str, name: str) -> list[Crumb]:
    return [Crumb(text, reverse(name))]
