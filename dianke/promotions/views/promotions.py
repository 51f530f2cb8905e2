"""Promotions: choosing a kind, the form with its live sentence, the page of one, and what is done to it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.promotions import operations
from dianke.promotions.forms.promotions import KIND_NAMES, KINDS, PromotionForm
from dianke.promotions.models import Promotion
from dianke.promotions.models.visible import MANAGE, VIEW
from dianke.promotions.operations.offers import read_terms
from dianke.promotions.queries.figures import PromotionFigures, promotion_figures
from dianke.promotions.queries.names import names_for, promotion_sentence
from dianke.promotions.rules.wording import joined
from dianke.promotions.views.listings import PROMOTION_TONES, PromotionListing, amount, end_text
from dianke.promotions.views.rows import FORM, history_page, promotion_crumbs, promotion_or_404
from dianke.stores.models import Store
from dianke.web.components import Fact, Stat
from dianke.web.formats import number
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.responses import done

promotion_list = list_view(PromotionListing, "promotions/promotions.html")


@require_GET
@requires(VIEW)
def promotion_page(request: Request, pk: int) -> HttpResponse:
    """What it does, what is left of its budget, what it came to, how it was worded when."""
    promotion = promotion_or_404(request, pk)
    figures = promotion_figures([pk]).get(pk, PromotionFigures())
    versions = list(promotion.versions.select_related("by").order_by("-number")[:10])
    names = names_for([promotion.terms, *(version.terms for version in versions)])
    may = request.actor.can(MANAGE)
    context: dict[str, Any] = {
        "promotion": promotion,
        "tone": PROMOTION_TONES.get(promotion.state, ""),
        "kind_name": KIND_NAMES.get(promotion.kind, promotion.kind),
        "sentence": promotion_sentence(promotion.terms, names, per_customer=promotion.per_customer_count),
        "end_text": end_text(promotion.ends_at),
        "is_waiting": promotion.state == Promotion.State.RUNNING and promotion.starts_at > request.now,
        "is_over": promotion.ends_at is not None and promotion.ends_at <= request.now,
        "stats": [
            Stat(_("Times"), number(figures.times), note=_("in %(count)s sales") % {"count": figures.sales}),
            Stat(_("Given away"), amount(figures.given_amount)),
            Stat(_("Paid for it"), amount(figures.brought_amount)),
            Stat(_("Customers"), number(figures.customers), note=_("known by name")),
        ],
        "budgets": _budgets(promotion),
        "facts": _facts(promotion),
        "versions": [
            {
                "version": version,
                "text": promotion_sentence(version.terms, names),
                "is_current": version.number == promotion.version,
            }
            for version in versions
        ],
        "may_manage": may,
        "crumb_list": promotion_crumbs(),
    }
    return render(request, "promotions/promotion.html", context)


def _budgets(promotion: Promotion) -> list[dict[str, Any]]:
    """Bars of what is spent: whole yuan, times."""
    bars = []
    if promotion.budget_amount is not None:
        bars.append(
            {
                "label": _("Budget in yuan"),
                "value": promotion.spent_amount // 100,
                "of": -(-promotion.budget_amount // 100),
            }
        )
    if promotion.budget_count is not None:
        bars.append({"label": _("Times"), "value": promotion.spent_count, "of": promotion.budget_count})
    return bars


def _facts(promotion: Promotion) -> list[Fact]:
    stores = Store.objects.filter(pk__in=promotion.store_ids).order_by("code")
    named = joined(list(stores.values_list("short_name", flat=True))) if promotion.store_ids else ""
    facts = [
        Fact(_("Stores"), named or _("every store")),
        Fact(_("Priority"), promotion.priority or ""),
        Fact(_("Version"), promotion.version),
        Fact(
            _("Given beyond the budget"), amount(promotion.beyond_amount) if promotion.beyond_amount else ""
        ),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


# --- written ---------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def promotion_new(request: Request) -> HttpResponse:
    """First the kind (`?kind=`), then its fields."""
    kind = request.GET.get("kind", "")
    if not kind:
        return render(
            request,
            "promotions/choose.html",
            {
                "title": _("New promotion"),
                "choices": [
                    {"code": code, "name": name, "example": example, "icon": icon}
                    for code, name, example, icon in KINDS
                ],
                "url": reverse("promotions:promotion-new"),
                "crumb_list": promotion_crumbs(),
            },
        )
    if kind not in KIND_NAMES:
        raise Http404
    form = PromotionForm(
        request.POST or None, actor=request.actor, kind=kind, initial={"starts_at": request.now}
    )

    def run(data: dict[str, Any]) -> Promotion:
        return operations.draft_promotion(
            values=form.promotion_values(), actor=request.actor, now=request.now
        )

    return _form(
        request, form, run, kind, title=_("New: %(kind)s") % {"kind": KIND_NAMES[kind]}, promotion=None
    )


@require_http_methods(FORM)
@requires(MANAGE)
def promotion_edit(request: Request, pk: int) -> HttpResponse:
    """Another wording, period or budget."""
    promotion = promotion_or_404(request, pk)
    form = PromotionForm(request.POST or None, actor=request.actor, kind=promotion.kind, promotion=promotion)

    def run(data: dict[str, Any]) -> Promotion:
        return operations.change_promotion(
            promotion=promotion, values=form.promotion_values(), actor=request.actor, now=request.now
        )

    title = _("Change %(name)s") % {"name": promotion.name}
    return _form(request, form, run, promotion.kind, title=title, promotion=promotion)


def _form(
    request: Request, form: PromotionForm, run: Any, kind: str, *, title: str, promotion: Promotion | None
) -> HttpResponse:
    pk = promotion.pk if promotion else None
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        success=_("Saved.") if promotion else _("Drafted. Start it when it is right."),
        redirect_to=lambda made: reverse("promotions:promotion", args=[made.pk]),
        template="promotions/form.html",
        cancel_url=reverse("promotions:promotion", args=[pk]) if pk else reverse("promotions:promotions"),
        context={
            "crumb_list": promotion_crumbs(promotion),
            "sentence": promotion_sentence(promotion.terms) if promotion else "",
            "sentence_url": reverse("promotions:promotion-sentence", args=[kind]),
            "is_started": promotion is not None and promotion.state != Promotion.State.DRAFT,
        },
    )


@require_POST
@requires(MANAGE)
def promotion_sentence_view(request: Request, kind: str) -> HttpResponse:
    """What the fields say so far, in one sentence; nothing is written."""
    if kind not in KIND_NAMES:
        raise Http404
    form = PromotionForm(request.POST, actor=request.actor, kind=kind)
    text, problem = "", ""
    form.is_valid()
    try:
        terms = read_terms(form.terms(), name="x", starts_at=None, ends_at=None)
        text = promotion_sentence(terms, per_customer=form.cleaned_data.get("per_customer_count"))
    except (KeyError, TypeError):
        problem = _("Fill in what it does; the sentence appears here.")
    except DiankeError as error:
        problem = str(error)
    return render(request, "promotions/form.html#sentence", {"sentence": text, "problem": problem})


@require_POST
@requires(MANAGE)
def promotion_start(request: Request, pk: int) -> HttpResponse:
    """Start it, or go on with it."""
    promotion = operations.start_promotion(
        promotion=promotion_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, promotion, _("“%(name)s” is started."))


@require_POST
@requires(MANAGE)
def promotion_pause(request: Request, pk: int) -> HttpResponse:
    """Stop it for the moment."""
    promotion = operations.pause_promotion(
        promotion=promotion_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, promotion, _("“%(name)s” is paused."))


@require_POST
@requires(MANAGE)
def promotion_end(request: Request, pk: int) -> HttpResponse:
    """End it for good."""
    promotion = operations.end_promotion(
        promotion=promotion_or_404(request, pk), actor=request.actor, now=request.now
    )
    return _done(request, promotion, _("“%(name)s” has ended."))


@require_POST
@requires(MANAGE)
def promotion_copy(request: Request, pk: int) -> HttpResponse:
    """A draft like it."""
    promotion = promotion_or_404(request, pk)
    copy = operations.copy_promotion(
        promotion=promotion,
        name=_("%(name)s (copy)") % {"name": promotion.name[:30]},
        actor=request.actor,
        now=request.now,
    )
    return done(
        request,
        _("Copied. Change what differs, then start it."),
        to=reverse("promotions:promotion", args=[copy.pk]),
    )


def _done(request: Request, promotion: Promotion, text: str) -> HttpResponse:
    url = reverse("promotions:promotion", args=[promotion.pk])
    return done(request, text % {"name": promotion.name}, to=url)


@require_GET
@requires(VIEW)
def promotion_history(request: Request, pk: int) -> HttpResponse:
    """Who did what to it."""
    promotion = promotion_or_404(request, pk)
    return history_page(request, promotion, name=promotion.name, crumbs=promotion_crumbs(promotion))
