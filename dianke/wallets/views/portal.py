"""The customer's own phone: what is left by bucket, cards with their sessions, the statement, what a refund would come
to, and the code that agrees to a use."""

from __future__ import annotations

from typing import Any

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dianke.access.guards import public
from dianke.access.requests import Request
from dianke.customers.views.phone import WHY, Member, for_members
from dianke.stores.models import Merchant
from dianke.stores.queries import store_names
from dianke.wallets import operations, queries
from dianke.wallets.models import CardUse, SessionCard, Wallet
from dianke.wallets.providers.words import MOVES
from dianke.wallets.queries.order import cluster_of
from dianke.wallets.queries.purse import items_left
from dianke.wallets.queries.wording import told, written
from dianke.wallets.rules.confirming import SLOT_SECONDS

MOVES_SHOWN, USES_SHOWN = 40, 20


def _page(http: Request, name: str, member: Member, **context: Any) -> HttpResponse:
    merchant = Merchant.objects.first()
    frame = {
        "merchant_name": (merchant.short_name or merchant.name) if merchant else "",
        "member": member,
        **context,
    }
    return render(http, f"wallets/portal/{name}.html", frame)


@public(WHY)
@never_cache
@require_GET
@for_members
def prepaid(request: Request, member: Member) -> HttpResponse:
    """Balances, cards, the statement."""
    ids = cluster_of(member.head)
    purse = queries.purse_of(ids, store_id=None, at=request.now)
    wallets = list(
        Wallet.objects.filter(customer__in=ids)
        .select_related("principal", "bonus", "promotional")
        .order_by("pk")
    )
    currencies = {wallet.pk: wallet.currency for wallet in wallets}
    rows = queries.statement(wallets, limit=MOVES_SHOWN)
    names = store_names({row.store_id for row in rows if row.store_id is not None})
    uses = (
        CardUse.objects.filter(card__customer__in=ids).select_related("card__kind", "store").order_by("-pk")
    )
    return _page(
        request,
        "prepaid",
        member,
        wallets=[
            {
                "state": state,
                "total": written(state.amount, state.currency),
                "principal": written(state.principal_amount, state.currency),
                "bonus": written(state.bonus_amount, state.currency),
                "promotional": written(state.promotional_amount, state.currency)
                if state.promotional_amount
                else "",
            }
            for state in purse.wallets
        ],
        cards=purse.cards,
        rows=[
            {
                "what": MOVES.get(row.kind, row.kind),
                "where": names.get(row.store_id, "") if row.store_id else "",
                "at": row.recorded_at,
                "amount": written(row.amount, currencies[row.wallet_id]),
                "balance": written(row.balance, currencies[row.wallet_id]),
            }
            for row in rows
        ],
        uses=[
            {
                "use": use,
                "what": " · ".join(f"{line.item.variant} × {line.count}" for line in use.lines.all()),
            }
            for use in uses.prefetch_related("lines__item__variant__product")[:USES_SHOWN]
        ],
    )


@public(WHY)
@never_cache
@require_GET
@for_members
def code(request: Request, member: Member) -> HttpResponse:
    """Six digits and their QR for the counter; the page loads itself again before they change."""
    digits = operations.code_now(member.head, now=request.now)
    left = SLOT_SECONDS - int(request.now.timestamp()) % SLOT_SECONDS
    return _page(
        request,
        "code",
        member,
        digits=f"{digits[:3]} {digits[3:]}",
        qr=segno.make(digits, error="m", micro=False).svg_data_uri(
            scale=8, border=2, dark="#000", light="#fff"
        ),
        seconds=left + 1,
    )


@public(WHY)
@never_cache
@require_GET
@for_members
def refunds(request: Request, member: Member) -> HttpResponse:
    """What would come back today, with every step. Asking for it is done in the shop."""
    ids = cluster_of(member.head)
    wallets = Wallet.objects.filter(customer__in=ids).select_related("store", "legal_entity")
    parts: list[dict[str, Any]] = []
    for wallet in wallets.order_by("pk"):
        worked = operations.estimate(wallet, store=wallet.store, at=request.now)
        for part in worked.parts:
            title = f"{part.top_up.get_kind_display()} · {wallet.legal_entity.short_name}"
            parts.append({"title": title, "at": part.top_up.at, **told(part.working, wallet.currency)})
    cards = SessionCard.objects.filter(customer__in=ids, closed_at=None).select_related("kind", "store")
    for card in cards.order_by("pk"):
        left = items_left([card.pk]).get(card.pk, [])
        if any(item.left for item in left):
            names = {item.item_id: item.service for item in left}
            worked_card = operations.estimate_card(card, at=request.now)
            parts.append(
                {"title": card.kind.name, "at": card.sold_at, **told(worked_card, card.currency, names)}
            )
    return _page(request, "refunds", member, parts=parts, title=_("What a refund would come to"))
