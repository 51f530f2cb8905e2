"""One member: the account of points with everything behind it, points and levels by hand, rewards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.models import User
from dianke.access.requests import Request
from dianke.core.money import Money
from dianke.customers.models import Customer
from dianke.loyalty import operations
from dianke.loyalty.forms.members import AdjustForm, GrantForm, RedeemForm
from dianke.loyalty.models import LevelChange, LevelGrant, Redemption, Reward
from dianke.loyalty.models.programme import VIEW
from dianke.loyalty.providers.panels import bar_of, next_text
from dianke.loyalty.queries.standing import Standing, cluster_of, standing_of
from dianke.loyalty.queries.statement import lots_of, moved_by, statement_of
from dianke.web import formats
from dianke.web.components import Crumb, Stat
from dianke.web.forms import form_view
from dianke.web.listing import as_id
from dianke.web.responses import done

FORM = ["GET", "POST"]
PAGE = 50
REDEEM, ADJUST, GRANT = "loyalty.redeem_points", "loyalty.adjust_points", "loyalty.grant_levels"


def _customer(request: Request, pk: int) -> Customer:
    rows = Customer.objects.visible_to(request.actor).heads().in_use()
    return get_object_or_404(rows, pk=pk)


def _who(request: Request) -> dict[str, Any]:
    return {"actor": request.actor, "now": request.now}


def _crumbs(customer: Customer, *more: Crumb) -> list[Crumb]:
    return [Crumb(str(customer), reverse("customers:customer", args=[customer.pk])), *more]


@require_GET
@requires(VIEW)
def statement(request: Request, pk: int) -> HttpResponse:
    """Every posting with the balance after it; lots, levels and rewards beside. Fifteen queries at most."""
    customer = _customer(request, pk)
    cluster = cluster_of(customer.pk)
    standing = standing_of(cluster, at=request.now)
    context = standing.context
    terms = context.terms if context else None
    before = as_id(request.GET.get("before", "")) or None
    lines = statement_of(cluster, before=before, limit=PAGE)
    people = dict(User.objects.filter(pk__in={line.user_id for line in lines}).values_list("pk", "name"))
    currency = terms.currency if terms else "CNY"
    ahead = standing.next_tier
    changes = LevelChange.objects.filter(customer__in=cluster).select_related("before", "after")
    grants = LevelGrant.objects.filter(customer__in=cluster, withdrawn_at=None).select_related("level")
    redemptions = Redemption.objects.filter(customer__in=cluster).select_related("reward")
    return render(
        request,
        "loyalty/statement.html",
        {
            "customer": customer,
            "standing": standing,
            "stats": _stats(standing, currency, ahead),
            "lines": [{"line": line, "who": people.get(line.user_id or 0, "")} for line in lines],
            "older": f"?before={lines[-1].id}" if len(lines) == PAGE else "",
            "is_first": before is None,
            "lots": [
                {
                    "lot": lot,
                    "through": lot.expires_at - timedelta(seconds=1) if lot.expires_at else None,
                    "is_over": lot.expires_at is not None and lot.expires_at <= request.now,
                }
                for lot in lots_of(cluster)[:50]
            ],
            "changes": changes.order_by("-pk")[:20],
            "grants": grants.order_by("-pk")[:10],
            "redemptions": redemptions.order_by("-pk")[:20],
            "ahead_text": next_text(ahead, currency) if ahead else "",
            "bar": bar_of(ahead, currency) if ahead else None,
            "crumb_list": _crumbs(customer),
            "may_adjust": terms is not None and request.actor.can(ADJUST),
            "may_grant": terms is not None and request.actor.can(GRANT),
            "may_redeem": terms is not None and request.actor.can(REDEEM),
        },
    )


def _stats(standing: Standing, currency: str, ahead: Any) -> list[Stat]:
    worth = standing.worth.amount_for(standing.points) if standing.worth else 0
    shown = [
        Stat(
            _("Can be used"),
            formats.number(standing.points),
            note=_("worth %(amount)s") % {"amount": Money.from_minor(worth, currency).format("zh-hans")},
        ),
        Stat(_("Pending points"), formats.number(standing.pending)),
    ]
    if standing.owed:
        shown.append(Stat(_("Owed points"), formats.number(standing.owed)))
    shown.append(Stat(_("Level"), standing.tier_name or "–"))
    return shown


@require_GET
@requires(VIEW)
def posting(request: Request, pk: int, posting_pk: int) -> HttpResponse:
    """What one posting moved: which lots, and what it was for."""
    customer = _customer(request, pk)
    found, moved = moved_by(cluster_of(customer.pk), posting_pk)
    lines = statement_of(cluster_of(customer.pk), before=posting_pk + 1, limit=1)
    return render(
        request,
        "loyalty/posting.html",
        {
            "customer": customer,
            "posting": found,
            "line": lines[0],
            "moved": [
                {"row": row, "through": row.expires_at - timedelta(seconds=1) if row.expires_at else None}
                for row in moved
            ],
            "crumb_list": _crumbs(
                customer, Crumb(_("Points"), reverse("loyalty:statement", args=[customer.pk]))
            ),
        },
    )


@require_http_methods(FORM)
@requires(ADJUST)
def adjust(request: Request, pk: int) -> HttpResponse:
    """Points by hand."""
    customer = _customer(request, pk)
    back = reverse("loyalty:statement", args=[customer.pk])
    return form_view(
        request,
        form=AdjustForm(request.POST or None),
        run=lambda data: operations.adjust_points(
            customer=customer,
            points=data["points"],
            reason=data["reason"],
            expires_on=data["expires_on"],
            key=data["key"],
            **_who(request),
        ),
        title=_("Correct points"),
        success=_("The points are corrected."),
        redirect_to=back,
        cancel_url=back,
        context={"crumb_list": _crumbs(customer)},
    )


@require_http_methods(FORM)
@requires(GRANT)
def grant(request: Request, pk: int) -> HttpResponse:
    """A level by hand."""
    customer = _customer(request, pk)
    back = reverse("loyalty:statement", args=[customer.pk])
    return form_view(
        request,
        form=GrantForm(request.POST or None),
        run=lambda data: operations.grant_level(
            customer=customer,
            level=data["level"],
            reason=data["reason"],
            to_date=data["to_date"],
            **_who(request),
        ),
        title=_("Give a level"),
        success=_("The level is given."),
        redirect_to=back,
        cancel_url=back,
        submit=_("Give the level"),
        context={"crumb_list": _crumbs(customer)},
    )


@require_POST
@requires(GRANT)
def grant_withdraw(request: Request, pk: int) -> HttpResponse:
    """End a level that was given."""
    row = get_object_or_404(LevelGrant.objects.visible_to(request.actor), pk=pk)
    operations.withdraw_level(grant=row, **_who(request))
    head = cluster_of(row.customer_id)[0]
    return done(request, _("The level is withdrawn."), to=reverse("loyalty:statement", args=[head]))


@require_http_methods(FORM)
@requires(REDEEM)
def redeem(request: Request, pk: int) -> HttpResponse:
    """Exchange points for a reward; only what can be had now is offered."""
    customer = _customer(request, pk)
    back = reverse("loyalty:statement", args=[customer.pk])
    standing = standing_of(cluster_of(customer.pk), at=request.now, with_progress=False)
    context = standing.context
    today = context.terms.day_of(request.now) if context and context.terms else request.now.date()
    rewards = (
        Reward.objects.filter(
            Q(from_date=None) | Q(from_date__lte=today),
            Q(to_date=None) | Q(to_date__gte=today),
            Q(level_codes=[]) | Q(level_codes__contains=[standing.tier_code]),
            Q(left_count=None) | Q(left_count__gt=0),
            programme=standing.programme_id,
            is_active=True,
            points__lte=standing.points,
        )
        if standing.programme_id
        else Reward.objects.none()
    )
    return form_view(
        request,
        form=RedeemForm(request.POST or None, rewards=rewards.order_by("points", "pk")),
        run=lambda data: operations.redeem_reward(
            customer=customer,
            reward=data["reward"],
            key=data["key"],
            is_handed_over=data["is_handed_over"],
            note=data["note"],
            store_id=request.actor.store_id,
            **_who(request),
        ),
        title=_("Exchange points"),
        success=lambda made: (
            _("“%(reward)s” for %(points)s points.")
            % {"reward": made.reward.name, "points": formats.number(made.points)}
        ),
        redirect_to=back,
        cancel_url=back,
        submit=_("Exchange"),
        template="loyalty/redeem.html",
        context={
            "crumb_list": _crumbs(customer),
            "standing": standing,
            "customer": customer,
            "has_rewards": rewards.exists(),
        },
    )


@require_POST
@requires(REDEEM)
def redemption_act(request: Request, pk: int, act: str) -> HttpResponse:
    """Hand a reward over, or take the exchange back."""
    row = get_object_or_404(Redemption.objects.visible_to(request.actor).select_related("reward"), pk=pk)
    if act == "hand-over":
        operations.hand_over(redemption=row, **_who(request))
        text = _("“%(reward)s” is handed over.")
    else:
        operations.cancel_redemption(redemption=row, **_who(request))
        text = _("The exchange for “%(reward)s” is taken back; the points are there again.")
    head = cluster_of(row.customer_id)[0]
    return done(request, text % {"reward": row.reward.name}, to=reverse("loyalty:statement", args=[head]))
