"""What tills read: goods of a store page by page, settings, customers, codes, orders; and who takes over."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from dianke.access.devices import device_of, people_of
from dianke.access.guards import requires, signed_in
from dianke.access.requests import Request
from dianke.catalog.queries.search import scan
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import Customer
from dianke.promotions.queries.held import coupon_by_code
from dianke.promotions.rules.coupon_codes import CouponCodeWrong
from dianke.sales.api import till_schemas as schemas
from dianke.sales.queries import till_goods, till_members, till_orders
from dianke.sales.queries.receipts import order_of_link
from dianke.sales.queries.till_prepaid import prepaid_of
from dianke.sales.queries.till_settings import settings_of
from dianke.sales.views.till_person import can_of, take_over
from dianke.stores.models import Store

router = Router(tags=["till"])
SELL, VIEW = "sales.sell", "sales.view_orders"
CUSTOMERS, TOP_UP = "customers.view_customers", "wallets.top_up"


class MarkWrong(InvalidInput):
    code = "till_mark_wrong"
    message = _("This mark is none of ours. Leave it out and read everything.")
    default_field = "since"


class NotATillHere(Conflict):
    code = "not_a_till"
    message = _("This browser is not set up as a till. Set it up under “Shared tills” first.")


class NobodyHere(NotFound):
    code = "till_person_unknown"
    message = _("This person cannot take over this till. Sign in with name and password once.")


def _store(request: Request, pk: int) -> Store:
    rows = Store.objects.visible_to(request.actor, SELL).select_related("legal_entity")
    found: Store = get_object_or_404(rows, pk=pk)
    return found


@router.get("/till/pulse", response=schemas.TillPulseOut)
@signed_in
def get_till_pulse(request: Request) -> Any:
    """Whether the server is there, and its clock."""
    return {"now": request.now}


@router.get("/till/settings", response=schemas.TillSettingsOut)
@requires(SELL)
def get_till_settings(request: Request, wanted: Query[schemas.TillStoreQuery]) -> Any:
    """Kinds of payment, people, offers and categories of a store."""
    return settings_of(_store(request, wanted.store_id), request.now)


# --- goods -----------------------------------------------------------------------------------------------------------
@router.get("/till/goods", response=schemas.TillGoodsOut)
@requires(SELL)
def list_till_goods(request: Request, wanted: Query[schemas.TillGoodsQuery]) -> Any:
    """Goods of a store in compact rows, page by page; with a mark what changed since."""
    store = _store(request, wanted.store_id)
    if wanted.since:
        page = till_goods.changes_of(store, since=_mark(wanted.since), at=request.now)
    else:
        page = till_goods.page_of(store, after_id=int(wanted.cursor or 0), at=request.now)
    return {
        "rows": page.rows,
        "gone": page.gone,
        "next": str(page.next_id or ""),
        "mark": request.now.isoformat(),
        "is_whole": page.is_whole,
        "count": None if wanted.since or wanted.cursor else till_goods.count_of(),
        "pieces": "" if page.next_id else till_goods.pieces_version(store, request.now),
    }


def _mark(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise MarkWrong from None
    if found.tzinfo is None or found.year < 2000:
        raise MarkWrong
    return found


@router.get("/till/pieces", response=schemas.TillPiecesOut)
@requires(SELL)
def list_till_pieces(request: Request, wanted: Query[schemas.TillPageQuery]) -> Any:
    """Single pieces that lie in the store, with their prices by the board of the moment."""
    store = _store(request, wanted.store_id)
    rows, following = till_goods.pieces_of(store, after_id=int(wanted.cursor or 0), at=request.now)
    return {"rows": rows, "next": str(following or "")}


@router.get("/till/scan", response=schemas.TillScanOut)
@requires(SELL)
def scan_at_till(request: Request, wanted: Query[schemas.TillCodeQuery]) -> Any:
    """What a code stands for: goods, a piece, a coupon, a member, a receipt; "none" when nothing does."""
    store, code = _store(request, wanted.store_id), wanted.code
    if (found := scan(request.actor, code)) is not None:
        row = till_goods.row_of(found.variant.pk, store, request.now)
        if row is not None:
            amount = None if found.amount is None else int(found.amount * 100)
            answer = {
                "kind": "good",
                "row": row,
                "quantity": f"{found.quantity.normalize():f}",
                "amount": amount,
            }
            if found.piece is None:
                return answer
            (piece,) = till_goods.piece_rows([found.piece], store, request.now)
            return answer | {"kind": "piece", "piece": piece}
    if request.actor.can(till_members.COUPONS):
        try:
            coupon = coupon_by_code(code, at=request.now, store_id=store.pk)
        except CouponCodeWrong:
            coupon = None
        if coupon is not None:
            return {"kind": "coupon", "coupon": till_members.coupon_out(coupon)}
    if request.actor.can(CUSTOMERS) and (member := till_members.member_by_number(request.actor, code)):
        return {"kind": "member", "member": member}
    orders = _orders(request, store, code, 1)
    return {"kind": "receipt", "order": orders[0]} if orders else {"kind": "none"}


# --- customers and orders --------------------------------------------------------------------------------------------
@router.get("/till/members", response=schemas.TillMembersOut)
@requires(CUSTOMERS)
def find_till_members(request: Request, wanted: Query[schemas.TillWordsQuery]) -> Any:
    """Customers by name, pinyin, number or the end of a phone; phones masked."""
    _store(request, wanted.store_id)
    return {"members": till_members.found_members(request.actor, wanted.q) if wanted.q else []}


@router.get("/till/members/{int:pk}", response=schemas.TillMemberOut)
@requires(CUSTOMERS)
def get_till_member(request: Request, pk: int, wanted: Query[schemas.TillStoreQuery]) -> Any:
    """A customer with level, points, coupons and prepaid value, as the till needs it."""
    store = _store(request, wanted.store_id)
    rows = Customer.objects.visible_to(request.actor).in_use()
    customer: Customer = get_object_or_404(rows.select_related("merged_into"), pk=pk)
    return till_members.detail_of(customer.merged_into or customer, store, request.actor, request.now)


@router.get("/till/prepaid", response=schemas.TillPrepaidOut)
@requires(TOP_UP)
def get_till_prepaid(request: Request, wanted: Query[schemas.TillPrepaidQuery]) -> Any:
    """What a customer can pay ahead for at a store now: offers of top-ups and kinds of session cards."""
    rows = Store.objects.visible_to(request.actor, TOP_UP)
    store = get_object_or_404(rows.select_related("legal_entity"), pk=wanted.store_id)
    customers = Customer.objects.visible_to(request.actor, TOP_UP).in_use()
    customer = get_object_or_404(customers.select_related("merged_into"), pk=wanted.customer_id)
    return prepaid_of(customer, store, request.actor, request.now)


@router.get("/till/orders", response=schemas.TillOrdersOut)
@requires(VIEW)
def find_till_orders(request: Request, wanted: Query[schemas.TillOrdersQuery]) -> Any:
    """Orders by number, by the link on a receipt, by the end of a number of today, or those of the customer the words
    mean (name, number, end of the phone) at this store; the latest without words."""
    store = get_object_or_404(Store.objects.visible_to(request.actor, VIEW), pk=wanted.store_id)
    found = _orders(request, store, wanted.q, wanted.limit)
    if wanted.q.strip() and len(found) < wanted.limit and request.actor.can(CUSTOMERS):
        theirs = till_orders.of_customers(request.actor, store, wanted.q, wanted.limit)
        known = {order["id"] for order in found}
        found += [order for order in theirs if order["id"] not in known]
    return {"orders": found[: wanted.limit]}


def _orders(request: Request, store: Store, text: str, limit: int) -> list[dict[str, Any]]:
    rows = till_orders.rows(request.actor)
    wanted = text.strip()
    if "/m/receipts/" in wanted:
        linked = order_of_link(wanted.rsplit("/m/receipts/", 1)[1].strip("/"))
        rows = rows.filter(pk=linked.pk if linked else 0)
    elif wanted:
        here = rows.filter(store=store, business_date=store.business_date(request.now))
        exact = rows.filter(number=wanted.upper())
        is_end = wanted.isdecimal() and len(wanted) <= 6
        rows = here.filter(number__endswith=wanted) if is_end else exact
    else:
        rows = rows.filter(store=store)
    return till_orders.shown(rows, limit)


# --- who stands here -------------------------------------------------------------------------------------------------
@router.post("/till/take-over", response=schemas.TillTakenOut)
@signed_in
def take_over_till(request: Request, payload: schemas.TillTakeOverIn) -> Any:
    """Somebody else takes over the till by PIN; the session is theirs from now on."""
    device = device_of(request)
    if device is None:
        raise NotATillHere
    people = people_of(device, now=request.now)
    user = next((each for each in people if each.pk == payload.person_id), None)
    if user is None:
        raise NobodyHere
    actor = take_over(request, device, user, payload.pin)
    return {
        "person": {"id": user.pk, "name": user.name},
        "can": can_of(actor, payload.store_id),
        "takers": [{"id": each.pk, "name": each.name} for each in people],
    }
