"""Kinds of coupons: choosing what one gives, its form, its page with what became of the coupons, codes to be
printed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.promotions import operations
from dianke.promotions.forms.kinds import KIND_NAMES, KINDS, CouponKindForm, PrintForm
from dianke.promotions.models import CouponBatch, CouponKind
from dianke.promotions.models.visible import ISSUE, MANAGE, VIEW
from dianke.promotions.operations.kinds import read_terms
from dianke.promotions.queries.figures import KindFigures, kind_figures
from dianke.promotions.queries.names import coupon_sentence
from dianke.promotions.rules.wording import joined
from dianke.promotions.views.listings import KIND_TONES, CodeListing, KindListing, amount
from dianke.promotions.views.rows import FORM, history_page, kind_crumbs, kind_or_404
from dianke.stores.models import Store
from dianke.web.components import Fact, Stat
from dianke.web.formats import number
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.responses import done

kind_list = list_view(KindListing, "promotions/kinds.html")
code_list = list_view(CodeListing, "promotions/codes.html")


@require_GET
@requires(VIEW)
def kind_page(request: Request, pk: int) -> HttpResponse:
    """What it gives, what became of its coupons, what they brought."""
    kind = kind_or_404(request, pk)
    figures = kind_figures([pk]).get(pk, KindFigures())
    may_issue = request.actor.can(ISSUE) or (
        kind.giving == CouponKind.Giving.STAFF and request.actor.can(VIEW)
    )
    is_given = kind.state == CouponKind.State.ACTIVE and kind.giving != CouponKind.Giving.SYSTEM
    batches = CouponBatch.objects.filter(kind=kind).order_by("-pk")[:8]
    return render(
        request,
        "promotions/kind.html",
        {
            "kind": kind,
            "tone": KIND_TONES.get(kind.state, ""),
            "kind_name": KIND_NAMES.get(kind.kind, kind.kind),
            "sentence": coupon_sentence(kind.terms),
            "stats": [
                Stat(pgettext("coupons", "Given"), number(figures.issued)),
                Stat(pgettext("coupons", "Claimed"), number(figures.claimed)),
                Stat(
                    pgettext("coupons", "Used"),
                    number(figures.used),
                    note="" if figures.used_bp is None else f"{figures.used_bp / 100:.1f}%",
                ),
                Stat(pgettext("coupons", "Expired"), number(figures.expired)),
                Stat(_("Paid with them"), amount(figures.brought_amount)),
            ],
            "limit": kind.total_limit,
            "facts": [*_facts(kind), Fact(_("Given away"), amount(figures.given_amount))],
            "batches": list(batches) if request.actor.can(ISSUE) else [],
            "may_manage": request.actor.can(MANAGE),
            "may_give": may_issue and is_given,
            "may_print": request.actor.can(ISSUE) and is_given,
            "crumb_list": kind_crumbs(),
        },
    )


def _facts(kind: CouponKind) -> list[Fact]:
    stores = Store.objects.filter(pk__in=kind.store_ids).order_by("code")
    named = joined(list(stores.values_list("short_name", flat=True))) if kind.store_ids else ""
    if kind.validity == CouponKind.Validity.FIXED:
        good = f"{kind.valid_from:%Y-%m-%d} – {kind.valid_to:%Y-%m-%d}"
    else:
        good = _("%(days)s days from claiming") % {"days": kind.valid_days}
    facts = [
        Fact(_("Good"), good),
        Fact(_("For one customer"), kind.per_customer_limit or _("any number")),
        Fact(_("Who gives it"), kind.get_giving_display()),
        Fact(_("Customers claim it on their phone"), _("Yes") if kind.is_claimable else _("No")),
        Fact(_("Stores"), named or _("every store")),
        Fact(_("Days of grace"), kind.grace_days or ""),
        Fact(_("What the customer reads"), kind.note),
        Fact(_("Version"), kind.version),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


# --- written ---------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def kind_new(request: Request) -> HttpResponse:
    """First what it gives (`?kind=`), then its fields."""
    kind = request.GET.get("kind", "")
    if not kind:
        return render(
            request,
            "promotions/choose.html",
            {
                "title": _("New kind of coupon"),
                "choices": [
                    {"code": code, "name": name, "example": example, "icon": icon}
                    for code, name, example, icon in KINDS
                ],
                "url": reverse("promotions:kind-new"),
                "crumb_list": kind_crumbs(),
            },
        )
    if kind not in KIND_NAMES:
        raise Http404
    form = CouponKindForm(request.POST or None, actor=request.actor, kind=kind)

    def run(data: dict[str, Any]) -> CouponKind:
        return operations.make_kind(values=form.kind_values(), actor=request.actor, now=request.now)

    return _form(request, form, run, kind, title=_("New: %(kind)s") % {"kind": KIND_NAMES[kind]}, row=None)


@require_http_methods(FORM)
@requires(MANAGE)
def kind_edit(request: Request, pk: int) -> HttpResponse:
    """Other terms for the coupons given from now on."""
    row = kind_or_404(request, pk)
    form = CouponKindForm(request.POST or None, actor=request.actor, kind=row.kind, row=row)

    def run(data: dict[str, Any]) -> CouponKind:
        return operations.change_kind(
            kind=row, values=form.kind_values(), actor=request.actor, now=request.now
        )

    return _form(request, form, run, row.kind, title=_("Change %(name)s") % {"name": row.name}, row=row)


def _form(
    request: Request, form: CouponKindForm, run: Any, kind: str, *, title: str, row: CouponKind | None
) -> HttpResponse:
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        success=_("Saved."),
        redirect_to=lambda made: reverse("promotions:kind", args=[made.pk]),
        template="promotions/form.html",
        cancel_url=reverse("promotions:kind", args=[row.pk]) if row else reverse("promotions:kinds"),
        context={
            "crumb_list": kind_crumbs(row),
            "sentence": coupon_sentence(row.terms) if row else "",
            "sentence_url": reverse("promotions:kind-sentence", args=[kind]),
            "is_started": False,
        },
    )


@require_POST
@requires(MANAGE)
def kind_sentence(request: Request, kind: str) -> HttpResponse:
    """What the fields say so far, in one sentence; nothing is written."""
    if kind not in KIND_NAMES:
        raise Http404
    form = CouponKindForm(request.POST, actor=request.actor, kind=kind)
    text, problem = "", ""
    form.is_valid()
    try:
        text = coupon_sentence(read_terms(form.terms(), name="x"))
    except (KeyError, TypeError):
        problem = _("Fill in what it gives; the sentence appears here.")
    except DiankeError as error:
        problem = str(error)
    return render(request, "promotions/form.html#sentence", {"sentence": text, "problem": problem})


@require_POST
@requires(MANAGE)
def kind_state(request: Request, pk: int) -> HttpResponse:
    """Give it out, pause that, put it away."""
    wanted = request.POST.get("state", "")
    if wanted not in CouponKind.State.values:
        raise Http404
    kind = operations.set_kind_state(
        kind=kind_or_404(request, pk), state=wanted, actor=request.actor, now=request.now
    )
    told = {
        "ACTIVE": _("“%(name)s” is given out again."),
        "PAUSED": _("“%(name)s” is not given out for now. Coupons that are out stay good."),
        "ENDED": _("“%(name)s” is put away. Coupons that are out stay good."),
    }
    return done(request, told[wanted] % {"name": kind.name}, to=reverse("promotions:kind", args=[pk]))


@require_http_methods(FORM)
@requires(ISSUE)
def kind_print(request: Request, pk: int) -> HttpResponse:
    """Make codes to be printed."""
    kind = kind_or_404(request, pk)
    form = PrintForm(request.POST or None, initial={"reference": f"batch:{uuid4()}"})

    def run(data: dict[str, Any]) -> CouponBatch:
        return operations.print_coupons(kind=kind, **data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Codes of %(name)s") % {"name": kind.name},
        success=_("The codes are made. Export them for the printer."),
        redirect_to=lambda made: f"{reverse('promotions:codes')}?batch={made.pk}",
        submit=_("Make the codes"),
        cancel_url=reverse("promotions:kind", args=[pk]),
        context={"crumb_list": kind_crumbs(kind)},
    )


@require_GET
@requires(VIEW)
def kind_history(request: Request, pk: int) -> HttpResponse:
    """Who did what to it."""
    kind = kind_or_404(request, pk)
    return history_page(request, kind, name=kind.name, crumbs=kind_crumbs(kind))
