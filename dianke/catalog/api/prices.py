"""Price lists over the API, and what goods cost for somebody."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, chosen, chosen_or_none, line, partial
from dianke.catalog.models import Category, PriceList, Variant
from dianke.catalog.operations import price_lists, prices
from dianke.catalog.operations.price_lists import MANAGE
from dianke.catalog.queries.prices import preview_adjustment, price_explained, prices_of
from dianke.catalog.rules.pricing import Offer, Resolved
from dianke.stores.models import Store

router = Router(tags=["prices"])
VIEW = "catalog.view_products"
MOST_VARIANTS = 500
Amount = Annotated[int, Field(ge=0, lt=10**15, description="Whole minor units (fen), tax included")]
Share = Annotated[
    int, Field(ge=0, le=100_000, description="Basis points of the base price; 10000 is all of it")
]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])]
Words = Annotated[list[Annotated[str, line(24)]], Field(max_length=50)]


class PriceListOut(Schema):
    id: int
    code: str
    name: str
    currency: str
    state: Literal["DRAFT", "ACTIVE", "ARCHIVED"]
    store_ids: list[int] = Field(description="Empty: every store")
    tiers: list[str]
    channels: list[str]
    contract_customer: str
    from_at: datetime | None
    to_at: datetime | None
    priority: int
    note: str

    @staticmethod
    def resolve_store_ids(price_list: PriceList) -> list[int]:
        return sorted(store.pk for store in price_list.stores.all())


class PriceListIn(Body):
    code: Annotated[str, line(24)]
    name: Annotated[str, line(60)]
    currency: Currency | None = Field(None, description="The merchant's unless given")
    store_ids: list[Id] = Field(default=[], max_length=2000)
    tiers: Words = []
    channels: Words = []
    contract_customer: Annotated[str, line(120, min_length=0)] = Field(
        "", description="Subject key of a customer", examples=["customers.customer:12"]
    )
    from_at: Instant | None = None
    to_at: Instant | None = None
    priority: int = Field(0, ge=-1000, le=1000)
    note: Annotated[str, line(200, min_length=0)] = ""
    is_active: bool = Field(False, description="Counts at once; otherwise it is a draft")


@partial
class PriceListPatch(Body):
    code: Annotated[str, line(24)]
    name: Annotated[str, line(60)]
    currency: Currency
    store_ids: list[Id] = Field(max_length=2000)
    tiers: Words
    channels: Words
    contract_customer: Annotated[str, line(120, min_length=0)]
    from_at: Instant | None
    to_at: Instant | None
    priority: int = Field(ge=-1000, le=1000)
    note: Annotated[str, line(200, min_length=0)]
    is_active: bool


class CopyIn(Body):
    code: Annotated[str, line(24)]
    name: Annotated[str, line(60)]


class PriceOut(Schema):
    id: int
    variant_id: int | None
    product_id: int | None
    category_id: int | None
    min_quantity: Decimal
    price_amount: int | None
    percent_bp: int | None


class PriceIn(Body):
    variant_id: Id | None = None
    product_id: Id | None = None
    category_id: Id | None = None
    min_quantity: Quantity = Decimal(0)
    price_amount: Amount | None = None
    percent_bp: Share | None = None


class PricesIn(Body):
    prices: list[PriceIn] = Field(
        max_length=2000, description="A price with neither amount nor share is taken out of the list"
    )


class PricesSetOut(Schema):
    added: int
    changed: int
    removed: int


class AdjustIn(Body):
    change_bp: int = Field(ge=-10_000, le=100_000, description="Basis points: 500 raises by 5 %")
    unit: Literal[1, 10, 100] = Field(1, description="Round to whole units of so many minor units")
    category_id: Id | None = Field(None, description="Only goods of this category and below it")


class AdjustNowIn(AdjustIn):
    expected: int | None = Field(
        None, ge=0, description="The count of the preview; refused when it has changed"
    )


class AdjustedOut(Schema):
    item_id: int
    name: str
    min_quantity: Decimal
    before: int
    after: int


class AdjustPreviewOut(Schema):
    count: int
    prices: list[AdjustedOut] = Field(description="The first hundred")


class For(Schema):
    store_id: Id | None = None
    channel: str = Field("", max_length=24)
    tier: str = Field("", max_length=24)
    customer: str = Field("", max_length=120, description="Subject key", examples=["customers.customer:12"])
    quantity: Quantity = Decimal(1)
    at: Instant | None = Field(None, description="Now unless given")


class ForMany(For):
    variant_id: list[Id] = Field(min_length=1, max_length=MOST_VARIANTS)


class ResolvedOut(Schema):
    variant_id: int
    amount: int | None = Field(description="Minor units; null: there is no price in this currency")
    currency: str
    base_amount: int | None
    list_id: int | None
    reason_code: str
    reason: str


class OfferOut(Schema):
    list_id: int
    name: str
    amount: int


class NotCountedOut(Schema):
    list_id: int
    name: str
    why: str


class ExplainedOut(Schema):
    price: ResolvedOut
    passed_over: list[OfferOut] = Field(description="What else applied, the next best first")
    not_counted: list[NotCountedOut] = Field(description="Lists that name the goods and did not apply")


def _list(request: Request, pk: int, permission: str = VIEW) -> PriceList:
    return get_object_or_404(PriceList.objects.visible_to(request.actor, permission), pk=pk)


def _stores(request: Request, ids: list[int]) -> list[Store]:
    return [
        chosen(Store.objects.visible_to(request.actor, MANAGE), pk, "store_ids") for pk in sorted(set(ids))
    ]


def _for(request: Request, wanted: For) -> dict[str, Any]:
    """Who asks: the store has to be one the caller reaches; contracts are for who manages prices."""
    customer = wanted.customer
    if customer and not request.actor.can(MANAGE):
        customer = ""
    return {
        "store": chosen_or_none(Store.objects.visible_to(request.actor, VIEW), wanted.store_id, "store_id"),
        "channel": wanted.channel,
        "tier": wanted.tier,
        "customer": customer,
        "quantity": wanted.quantity,
        "at": wanted.at or request.now,
    }


def _resolved(price: Resolved) -> dict[str, Any]:
    return {
        "variant_id": price.variant_id,
        "amount": price.amount,
        "currency": price.currency,
        "base_amount": price.base_amount,
        "list_id": price.list_id,
        "reason_code": price.reason.code,
        "reason": str(price.reason),
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {"list_id": offer.terms.id, "name": offer.terms.name, "amount": offer.amount}


# --- what goods cost -------------------------------------------------------------------------------------------------
@router.get("/prices", response=list[ResolvedOut])
@requires(VIEW)
def get_prices(request: Request, wanted: Query[ForMany]) -> Any:
    """What up to 500 variants cost, each with the reason; unknown ids are left out."""
    found = prices_of(wanted.variant_id, **_for(request, wanted))
    return [_resolved(found[pk]) for pk in sorted(found)]


@router.get("/variants/{int:pk}/price-explanation", response=ExplainedOut)
@requires(VIEW)
def explain_price(request: Request, pk: int, wanted: Query[For]) -> Any:
    """Why a variant costs what it costs."""
    variant = get_object_or_404(Variant.objects.visible_to(request.actor), pk=pk)
    told = price_explained(variant, **_for(request, wanted))
    seen = set(PriceList.objects.visible_to(request.actor).values_list("pk", flat=True))
    return {
        "price": _resolved(told.price),
        "passed_over": [_offer(offer) for offer in told.price.passed_over],
        "not_counted": [
            {"list_id": one.list_id, "name": one.name, "why": str(one.why)}
            for one in told.not_counted
            if one.list_id in seen
        ],
    }


# --- lists -----------------------------------------------------------------------------------------------------------
class PriceListFilter(Schema):
    state: Literal["DRAFT", "ACTIVE", "ARCHIVED"] | None = None
    contract_customer: str | None = Field(None, max_length=120)


@router.get("/price-lists", response=CursorPage[PriceListOut])
@requires(VIEW)
def list_price_lists(request: Request, page: Query[CursorQuery], wanted: Query[PriceListFilter]) -> Any:
    """Price lists the caller may see, by code. Contracts only for who manages prices."""
    rows = PriceList.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows.prefetch_related("stores"), page, order=["code"])


@router.post("/price-lists", response={201: PriceListOut})
@requires(MANAGE)
def create_price_list(request: Request, payload: PriceListIn) -> Any:
    """Make a list, a draft unless it shall count at once."""
    values = payload.dict(exclude_unset=True)
    stores, is_active = _stores(request, values.pop("store_ids", [])), values.pop("is_active", False)
    if values.get("currency") is None:
        values.pop("currency", None)
    made = price_lists.create_price_list(
        values=values, stores=stores, is_active=is_active, actor=request.actor, now=request.now
    )
    return Status(201, made)


@router.get("/price-lists/{int:pk}", response=PriceListOut)
@requires(VIEW)
def get_price_list(request: Request, pk: int) -> Any:
    """One list."""
    return _list(request, pk)


@router.patch("/price-lists/{int:pk}", response=PriceListOut)
@requires(MANAGE)
def change_price_list(request: Request, pk: int, payload: PriceListPatch) -> Any:
    """Change what is named, bring a draft into use, or take it out again."""
    found, values = _list(request, pk, MANAGE), payload.dict(exclude_unset=True)
    stores = _stores(request, values.pop("store_ids")) if "store_ids" in values else None
    is_active = values.pop("is_active", None)
    return price_lists.change_price_list(
        price_list=found,
        values=values,
        stores=stores,
        is_active=is_active,
        actor=request.actor,
        now=request.now,
    )


@router.post("/price-lists/{int:pk}/archive", response=PriceListOut)
@requires(MANAGE)
def archive_price_list(request: Request, pk: int) -> Any:
    """The list counts no more; it is kept."""
    found = _list(request, pk, MANAGE)
    return price_lists.archive_price_list(price_list=found, actor=request.actor, now=request.now)


@router.post("/price-lists/{int:pk}/restore", response=PriceListOut)
@requires(MANAGE)
def restore_price_list(request: Request, pk: int) -> Any:
    """Bring an archived list back, as a draft."""
    found = _list(request, pk, MANAGE)
    return price_lists.restore_price_list(price_list=found, actor=request.actor, now=request.now)


@router.post("/price-lists/{int:pk}/copy", response={201: PriceListOut})
@requires(MANAGE)
def copy_price_list(request: Request, pk: int, payload: CopyIn) -> Any:
    """A draft with the same conditions and prices."""
    found = _list(request, pk, MANAGE)
    made = prices.copy_price_list(
        price_list=found, values=payload.dict(), actor=request.actor, now=request.now
    )
    return Status(201, made)


@router.get("/price-lists/{int:pk}/prices", response=CursorPage[PriceOut])
@requires(VIEW)
def list_prices(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """The prices of a list."""
    return cursor_page(_list(request, pk).items.all(), page, order=["id"])


@router.post("/price-lists/{int:pk}/prices", response=PricesSetOut)
@requires(MANAGE)
def set_prices(request: Request, pk: int, payload: PricesIn) -> Any:
    """Set, change or take out prices; what is not named stays."""
    found = _list(request, pk, MANAGE)
    wanted = [prices.Price(**one.dict()) for one in payload.prices]
    return prices.set_prices(price_list=found, prices=wanted, actor=request.actor, now=request.now)


def _category(request: Request, pk: int | None) -> Category | None:
    return chosen_or_none(Category.objects.visible_to(request.actor), pk, "category_id")


@router.post("/price-lists/{int:pk}/adjustment-preview", response=AdjustPreviewOut)
@requires(MANAGE)
def preview_price_adjustment(request: Request, pk: int, payload: AdjustIn) -> Any:
    """What a change by percent would make of the prices. Writes nothing."""
    found, category = _list(request, pk, MANAGE), _category(request, payload.category_id)
    count, shown = preview_adjustment(
        found, change_bp=payload.change_bp, unit=payload.unit, category=category
    )
    return {"count": count, "prices": shown}


@router.post("/price-lists/{int:pk}/adjustment", response=PricesSetOut)
@requires(MANAGE)
def adjust_prices(request: Request, pk: int, payload: AdjustNowIn) -> Any:
    """Raise or lower the prices by percent."""
    found, category = _list(request, pk, MANAGE), _category(request, payload.category_id)
    return prices.adjust_prices(
        price_list=found,
        change_bp=payload.change_bp,
        unit=payload.unit,
        category=category,
        expected=payload.expected,
        actor=request.actor,
        now=request.now,
    )
