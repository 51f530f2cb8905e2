"""Coupons: the list, one with its way, giving them to customers, looking one up, revoking."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import DiankeError
from dianke.customers.models import Customer, Tag
from dianke.promotions import operations
from dianke.promotions.forms.kinds import GiveForm, RevokeForm
from dianke.promotions.models import Coupon, CouponKind
from dianke.promotions.models.visible import ISSUE, VIEW
from dianke.promotions.operations import Issued
from dianke.promotions.operations.claiming import CouponUnknown
from dianke.promotions.operations.issuing import MOST_AT_ONCE
from dianke.promotions.queries.held import coupon_by_code, coupons_by_id
from dianke.promotions.queries.names import coupon_sentence
from dianke.promotions.rules.coupon_codes import grouped
from dianke.promotions.views.listings import COUPON_TONES, CouponListing, amount, last_day
from dianke.promotions.views.rows import FORM, coupon_or_404, kind_crumbs
from dianke.web.components import Crumb, Entry, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import as_id, listing_by_code
from dianke.web.models import SavedView
from dianke.work.queries.people import names_of

coupon_list = list_view(CouponListing, "promotions/coupons.html")
CUSTOMERS = "customers.customers"


def _crumbs() -> list[Crumb]:
    return [Crumb(pgettext("place", "Coupons given"), reverse("promotions:coupons"))]


@require_GET
@requires(VIEW)
def coupon_page(request: Request, pk: int) -> HttpResponse:
    """One coupon: what it gives, whose it is, what happened to it."""
    coupon = coupon_or_404(request, pk)
    held = next(iter(coupons_by_id([pk], at=request.now)), None)
    return render(
        request, "promotions/coupon.html", _shown(request, coupon, held) | {"crumb_list": _crumbs()}
    )


def _shown(request: Request, coupon: Coupon, held: Any) -> dict[str, Any]:
    steps = list(coupon.steps.order_by("-pk")[:50])
    names = names_of([step.user_id for step in steps])
    customer = coupon.customer
    may_see = (
        customer is not None and Customer.objects.visible_to(request.actor).filter(pk=customer.pk).exists()
    )
    facts = [
        Fact(
            _("Customer"),
            (str(customer) if may_see else _("of another store")) if customer else _("Whoever brings it"),
            url=reverse("customers:customer", args=[customer.head_id]) if customer and may_see else "",
        ),
        Fact(
            pgettext("of a coupon", "Code"),
            grouped(coupon.code) if request.actor.can(ISSUE) and may_see else coupon.tail,
        ),
        Fact(_("Good from"), f"{coupon.valid_from:%Y-%m-%d}" if coupon.valid_from else ""),
        Fact(
            _("Good until"), f"{last_day(coupon.expires_at):%Y-%m-%d}" if coupon.expires_at else _("no end")
        ),
        Fact(_("Took off"), amount(coupon.used_amount) if coupon.used_amount else ""),
        Fact(_("Paid with it"), amount(coupon.brought_amount) if coupon.brought_amount else ""),
        Fact(_("Printed"), coupon.batch.name if coupon.batch else ""),
        Fact(_("Reason"), coupon.reason),
    ]
    return {
        "coupon": coupon,
        "held": held,
        "tone": COUPON_TONES.get(coupon.state, ""),
        "sentence": coupon_sentence(held.terms.as_dict() | {"name": coupon.kind.name}) if held else "",
        "facts": [fact for fact in facts if fact.value not in (None, "")],
        "entries": [
            Entry(
                at=step.at,
                title=step.get_after_display(),
                actor=names.get(step.user_id, "") if step.user_id else _("the system"),
                body=step.reason,
                tone=COUPON_TONES.get(step.after, ""),  # type: ignore[arg-type]
            )
            for step in steps
        ],
        "may_revoke": request.actor.can(ISSUE) and coupon.state in ("ISSUED", "CLAIMED"),
    }


@require_GET
@requires(VIEW)
def lookup(request: Request) -> HttpResponse:
    """Scan or type a code: whether it is good, for what and for whom."""
    code = request.GET.get("code", "").strip()[:60]
    context: dict[str, Any] = {"code": code}
    status = 200
    if code:
        try:
            held = coupon_by_code(code, at=request.now, store_id=request.actor.store_id)
            if held is None:
                raise CouponUnknown
            row = Coupon.objects.select_related("kind", "customer", "batch").get(pk=held.id)
            context |= _shown(request, row, held)
        except DiankeError as error:
            context["problem"], status = str(error), 200
    part = "#found" if request.headers.get("HX-Target", "").endswith("#found") else ""
    return render(request, f"promotions/lookup.html{part}", context, status=status)


# --- given -----------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(VIEW)
def give(request: Request) -> HttpResponse:
    """Give a coupon to one customer (`?customer=`), to numbers typed in, to everybody with a tag or on a saved list."""
    actor = request.actor
    seen = Customer.objects.visible_to(actor).heads().in_use()
    one = seen.filter(pk=as_id(request.GET.get("customer", ""))).first()
    form = GiveForm(request.POST or None, initial={"kind": as_id(request.GET.get("kind", ""))})
    kinds = CouponKind.objects.visible_to(actor).filter(state="ACTIVE").exclude(giving="SYSTEM")
    if not actor.can(ISSUE):
        kinds = kinds.filter(giving="STAFF")
    form.fields["kind"].queryset = kinds.order_by("name")  # type: ignore[attr-defined]
    if one is not None or not actor.can(ISSUE):
        for name in ("tag", "view") if one is None else ("tag", "view", "numbers"):
            del form.fields[name]
    else:
        form.fields["tag"].queryset = Tag.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        views = SavedView.objects.visible_to(actor).filter(list_code=CUSTOMERS)
        form.fields["view"].queryset = views  # type: ignore[attr-defined]

    def run(data: dict[str, Any]) -> Issued:
        return operations.issue_coupons(
            kind=data["kind"],
            customer_ids=[one.pk] if one else _chosen(request, form, data),
            each=data["each"],
            to_be_claimed=data["to_be_claimed"],
            reason=data["reason"],
            store_id=actor.store_id,
            actor=actor,
            now=request.now,
        )

    back = reverse("customers:customer", args=[one.pk]) if one else reverse("promotions:kinds")
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Give %(name)s a coupon") % {"name": one} if one else _("Give coupons"),
        success=_told,
        redirect_to=back if one else reverse("promotions:coupons"),
        submit=pgettext("coupons", "Give"),
        cancel_url=back,
        context={"crumb_list": kind_crumbs()},
    )


def _chosen(request: Request, form: GiveForm, data: dict[str, Any]) -> list[int]:
    """Everybody who was named in one of the ways; numbers nobody has are an error of their field."""
    seen = Customer.objects.visible_to(request.actor).heads().in_use()
    found: set[int] = set()
    numbers = {word.upper() for word in data.get("numbers", "").replace(",", " ").replace("，", " ").split()}
    if numbers:
        known = dict(seen.filter(member_number__in=numbers).values_list("member_number", "pk"))
        missing = sorted(numbers - known.keys())
        if missing:
            raise operations.MemberNumberUnknown(numbers=", ".join(missing[:5]))
        found |= set(known.values())
    if data.get("tag"):
        found |= set(seen.filter(taggings__tag=data["tag"]).values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if data.get("view"):
        listing = listing_by_code(CUSTOMERS)
        if listing is not None:
            shown = listing(request.actor, request.now)
            rows = shown.rows(shown.state(QueryDict(data["view"].query)))
            ids = set(rows.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
            found |= ids
    return sorted(found)


def _told(issued: Issued) -> str:
    """What was given, and who was passed over."""
    text = ngettext("%(count)s coupon given.", "%(count)s coupons given.", len(issued.given)) % {
        "count": len(issued.given)
    }
    if issued.full:
        text += " " + _("%(count)s have as many as one may have.") % {"count": issued.full}
    if issued.left_out:
        text += " " + _("%(count)s cannot be given any.") % {"count": issued.left_out}
    return text


@require_http_methods(FORM)
@requires(ISSUE)
def revoke(request: Request) -> HttpResponse:
    """Take the chosen coupons back, with a reason."""
    ids = ",".join(request.POST.getlist("ids")) or request.GET.get("ids", "")
    wanted = sorted({as_id(word) for word in ids.split(",")} - {0})
    is_asked = request.method == "POST" and "reason" in request.POST
    form = RevokeForm(request.POST if is_asked else None, initial={"ids": ",".join(map(str, wanted))})
    rows = list(Coupon.objects.visible_to(request.actor).filter(pk__in=wanted).select_related("kind"))

    def run(data: dict[str, Any]) -> int:
        return operations.revoke_coupons(
            coupons=rows, reason=data["reason"], actor=request.actor, now=request.now
        )

    if request.method == "POST" and not is_asked:
        request.method = "GET"  # the bulk bar posts its choice; the reason is asked for first
    return form_view(
        request,
        form=form,
        run=run,
        title=ngettext("Revoke %(count)s coupon", "Revoke %(count)s coupons", len(rows))
        % {"count": len(rows)},
        success=_("Revoked. They cannot be used any more."),
        submit=pgettext("of a coupon", "Revoke"),
        redirect_to=reverse("promotions:coupons"),
        cancel_url=reverse("promotions:coupons"),
        context={"crumb_list": _crumbs()},
    )
