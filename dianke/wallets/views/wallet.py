"""A wallet: what is in it, how it came about, and what is done with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.stores.queries import store_names
from dianke.wallets import operations, queries
from dianke.wallets.forms.counter import FreezeForm, PayBackForm, ReasonForm, TransferForm
from dianke.wallets.models import Bucket, Freeze, TopUp, Wallet
from dianke.wallets.providers.words import MOVES
from dianke.wallets.queries.holds import freezes_of
from dianke.wallets.queries.lots import open_lots
from dianke.wallets.queries.wording import told, written
from dianke.wallets.views.finding import (
    FREEZE,
    REFUND,
    TOP_UP,
    TRANSFER,
    VIEW,
    crumbs_of,
    first_values,
    stores_for,
    wallet_crumb,
    wallet_or_404,
    wallet_url,
)
from dianke.web.components import Fact, Stat
from dianke.web.forms import form_view

ROWS = 30
FORM = ("GET", "POST")


@require_GET
@requires(VIEW)
def wallet_page(request: Request, pk: int) -> HttpResponse:
    """Balances, the statement, what may be done."""
    wallet, actor = wallet_or_404(request, pk), request.actor
    freeze = freezes_of(wallet_ids=[wallet.pk]).get(("wallet", wallet.pk))
    before = request.GET.get("before", "")
    rows = queries.statement([wallet], before=int(before) if before.isdecimal() else None, limit=ROWS + 1)
    names = store_names({row.store_id for row in rows if row.store_id is not None})
    may_move = freeze is None
    context: dict[str, Any] = {
        "wallet": wallet,
        "customer": wallet.customer.merged_into or wallet.customer,
        "freeze": freeze,
        "stats": _stats(wallet, request),
        "facts": _facts(wallet),
        "rows": [
            {
                "row": row,
                "what": MOVES.get(row.kind, row.kind),
                "where": names.get(row.store_id, "") if row.store_id else "",
                "parts": _parts(row, wallet.currency),
                "amount": written(row.amount, wallet.currency),
                "balance": written(row.balance, wallet.currency),
            }
            for row in rows[:ROWS]
        ],
        "older_url": f"?before={rows[ROWS - 1].transaction_id}" if len(rows) > ROWS else "",
        "is_older": bool(before),
        "top_up_url": reverse("wallets:top-up", args=[wallet.customer_id])
        if may_move and actor.can(TOP_UP)
        else "",
        "refund_url": reverse("wallets:refund", args=[wallet.pk]) if may_move and actor.can(REFUND) else "",
        "transfer_url": reverse("wallets:transfer", args=[wallet.pk])
        if may_move and actor.can(TRANSFER)
        else "",
        "may_freeze": actor.can(FREEZE),
        "crumb_list": crumbs_of(request, wallet.customer),
    }
    return render(request, "wallets/wallet.html", context)


def _stats(wallet: Wallet, http: Request) -> list[Stat]:
    lots = [lot for lot in open_lots([wallet]) if not lot.is_over(http.now)]
    sums = {bucket: sum(lot.left for lot in lots if lot.bucket == bucket) for bucket in Bucket.values}
    ends = sorted(lot.expires_at for lot in lots if lot.expires_at is not None)
    note = ""
    if ends:
        amount = sum(lot.left for lot in lots if lot.expires_at == ends[0])
        note = _("%(amount)s of it expires on %(day)s") % {
            "amount": written(amount, wallet.currency),
            "day": date_format(timezone.localtime(ends[0]), "SHORT_DATE_FORMAT"),
        }
    stats = [
        Stat(_("Together"), written(sum(sums.values()), wallet.currency)),
        Stat(_("Principal"), written(sums[Bucket.PRINCIPAL], wallet.currency)),
        Stat(pgettext("stored value", "Bonus"), written(sums[Bucket.BONUS], wallet.currency), note=note),
    ]
    if sums[Bucket.PROMOTIONAL]:
        stats.append(Stat(_("Promotional"), written(sums[Bucket.PROMOTIONAL], wallet.currency)))
    return stats


def _facts(wallet: Wallet) -> list[Fact]:
    return [
        Fact(_("Card number"), wallet.number),
        Fact(_("Money received by"), wallet.legal_entity.name),
        Fact(_("Opened at"), wallet.store.name),
        Fact(_("Since"), f"{timezone.localtime(wallet.opened_at):%Y-%m-%d}"),
        Fact(_("In the customer's name"), _("Yes") if wallet.is_named else _("No")),
    ]


def _parts(row: Any, currency: str) -> str:
    """Which buckets moved, when it is not the principal alone."""
    named = (
        (_("Principal"), row.principal_amount),
        (pgettext("stored value", "Bonus"), row.bonus_amount),
        (_("Promotional"), row.promotional_amount),
    )
    moved = [f"{name} {written(amount, currency)}" for name, amount in named if amount]
    return " · ".join(moved) if len(moved) > 1 or not row.principal_amount else ""


@require_http_methods(FORM)
@requires(REFUND)
def refund(request: Request, pk: int) -> HttpResponse:
    """The working of every top-up first, then how it is paid back. `?top_up=` for one alone."""
    wallet = wallet_or_404(request, pk)
    stores = stores_for(request, REFUND, entity_id=wallet.legal_entity_id)
    chosen = [int(each) for each in request.GET.getlist("top_up") if each.isdecimal()]
    known = set(TopUp.objects.filter(wallet=wallet, pk__in=chosen).values_list("pk", flat=True))
    ids = sorted(known) or None
    at = stores[0] if stores else wallet.store
    worked = operations.estimate(wallet, store=at, at=request.now, top_up_ids=ids)
    form = PayBackForm(request.POST or None, stores=stores, initial=first_values(request, stores))
    amount = written(worked.refund, wallet.currency)
    return form_view(
        request,
        form=form,
        run=lambda data: operations.refund_wallet(
            wallet=wallet,
            store=data["store"],
            payment_kind=data["payment_kind"],
            payment_reference=data["payment_reference"],
            reason=data["reason"],
            reference=f"wallets.refund:{wallet.pk}/{data['key']}",
            top_up_ids=ids,
            actor=request.actor,
            now=request.now,
        ),
        title=_("Pay stored value back"),
        success=_("%(amount)s paid back.") % {"amount": amount},
        redirect_to=wallet_url(wallet),
        cancel_url=wallet_url(wallet),
        submit=_("Pay back %(amount)s") % {"amount": amount},
        template="wallets/refund.html",
        context={
            "parts": [
                {
                    "top_up": part.top_up,
                    "when": part.top_up.at,
                    "url": f"?top_up={part.top_up.pk}",
                    **told(part.working, wallet.currency),
                }
                for part in worked.parts
            ],
            "refund": amount,
            "is_possible": worked.refund > 0 and bool(stores),
            "is_elsewhere": not stores,
            "entity": wallet.legal_entity,
            "forfeited": written(worked.forfeited, wallet.currency) if worked.forfeited > 0 else "",
            "all_url": "?" if ids else "",
            "crumb_list": crumbs_of(request, wallet.customer, wallet_crumb(wallet)),
        },
    )


@require_http_methods(FORM)
@requires(TRANSFER)
def transfer(request: Request, pk: int) -> HttpResponse:
    """To whom and why; everything goes."""
    wallet = wallet_or_404(request, pk)
    stores = stores_for(request, TRANSFER, entity_id=wallet.legal_entity_id)
    form = TransferForm(
        request.POST or None, stores=stores, actor=request.actor, initial=first_values(request, stores)
    )
    return form_view(
        request,
        form=form,
        run=lambda data: operations.transfer_wallet(
            wallet=wallet,
            to_customer=data["to"],
            store=data["store"],
            reason=data["reason"],
            reference=f"wallets.transfer:{wallet.pk}/{data['key']}",
            actor=request.actor,
            now=request.now,
        ),
        title=_("Transfer stored value"),
        success=_("Transferred. Both customers are told."),
        redirect_to=wallet_url(wallet),
        cancel_url=wallet_url(wallet),
        submit=_("Transfer everything"),
        template="wallets/confirm.html",
        context={
            "text": _(
                "Principal and bonus go to the other customer as they are: the bonus keeps its expiry, a refund is "
                "worked out by what was paid here. It cannot be taken back, only transferred again."
            ),
            "crumb_list": crumbs_of(request, wallet.customer, wallet_crumb(wallet)),
        },
    )


@require_http_methods(FORM)
@requires(FREEZE)
def freeze(request: Request, pk: int) -> HttpResponse:
    """Why it rests."""
    wallet = wallet_or_404(request, pk)
    return form_view(
        request,
        form=FreezeForm(request.POST or None),
        run=lambda data: operations.freeze(
            subject=wallet,
            reason=data["reason"],
            kind=Freeze.Kind.LOST if data["is_lost"] else Freeze.Kind.FROZEN,
            actor=request.actor,
            now=request.now,
        ),
        title=_("Freeze the wallet"),
        success=_("Frozen. Nothing can be spent until it is unfrozen."),
        redirect_to=wallet_url(wallet),
        cancel_url=wallet_url(wallet),
        submit=_("Freeze"),
    )


@require_http_methods(FORM)
@requires(FREEZE)
def unfreeze(request: Request, pk: int) -> HttpResponse:
    """Why it goes on."""
    wallet = wallet_or_404(request, pk)
    return form_view(
        request,
        form=ReasonForm(request.POST or None),
        run=lambda data: operations.unfreeze(
            subject=wallet, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("Use the wallet again"),
        success=_("It can be used again."),
        redirect_to=wallet_url(wallet),
        cancel_url=wallet_url(wallet),
        submit=_("Unfreeze"),
    )


@require_http_methods(FORM)
@requires(FREEZE)
def reissue(request: Request, pk: int) -> HttpResponse:
    """A new number; the old card leads nowhere."""
    wallet = wallet_or_404(request, pk)
    return form_view(
        request,
        form=ReasonForm(request.POST or None),
        run=lambda data: operations.reissue(
            subject=wallet, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("New card number"),
        success=lambda done: _("The number is %(number)s now.") % {"number": done.number},
        redirect_to=wallet_url(wallet),
        cancel_url=wallet_url(wallet),
        submit=_("Give a new number"),
    )
