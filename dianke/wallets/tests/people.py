"""Three stores of two legal entities, a few customers, services and offers; short ways to do things; balances asserted
by name after every step."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from django.db import transaction

from dianke.catalog.models import Category, Product, Unit, Variant
from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.events.operations import operation, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account
from dianke.ledger.operations import AccountSpec
from dianke.ledger.queries import balance
from dianke.stores.models import LegalEntity, Region, Store
from dianke.wallets import operations as wallets
from dianke.wallets import queries
from dianke.wallets.models import CardKind, CardUse, Offer, SessionCard, Term, TopUp, Wallet
from dianke.wallets.operations import ItemIn, SessionUse, StepIn
from dianke.wallets.queries.purse import items_left

T = TypeVar("T")
TODAY = date(2026, 11, 21)
YUAN = 100


@operation(None)
def within(*, work: Callable[[], Any], actor: Actor, now: datetime) -> Any:
    """Any work as an operation: steps refuse to run outside one."""
    unchanged()
    return work()


@dataclass
class House:
    """`lake` and `road` belong to 云裳 (`silk`), `harbour` to 海蓝 (`ocean`). `lin` and `wang` are customers."""

    now: datetime
    silk: LegalEntity
    ocean: LegalEntity
    lake: Store
    road: Store
    harbour: Store
    lin: Customer
    wang: Customer
    hand: Variant
    face: Variant
    scarf: Variant
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    # --- doing ---------------------------------------------------------------------------------------------------
    def do(self, work: Callable[..., T], **arguments: Any) -> T:
        """A step with the usual arguments filled in, in an operation of its own."""
        usual = {"actor": SYSTEM, "now": self.now} | arguments
        return within(work=lambda: work(**usual), actor=SYSTEM, now=usual["now"])

    def reference(self) -> str:
        return f"test:{next(self.numbers)}"

    def later(self, **more: Any) -> None:
        """Time passes."""
        self.now += timedelta(**more)

    def usual(self, more: dict[str, Any]) -> dict[str, Any]:
        return {"store": self.lake, "reference": self.reference(), "actor": SYSTEM, "now": self.now} | more

    def term(self, code: str, value: Any, **more: Any) -> Term:
        """A rule that holds from today on, in place of whatever held."""
        Term.objects.filter(code=code, **{k: v for k, v in more.items() if k != "from_date"}).delete()
        given = {"code": code, "value": str(value), "from_date": date(2020, 1, 1), "source": "测试"} | more
        return wallets.set_term(**given, actor=SYSTEM, now=self.now)

    def offer(self, *steps: tuple[int, int], **values: Any) -> Offer:
        """Steps in yuan: `offer((1000, 200), bonus_days=30)`."""
        made = [StepIn(paid * YUAN, bonus * YUAN) for paid, bonus in steps]
        stores = values.pop("stores", ())
        return wallets.make_offer(
            values={"name": "充值有礼"} | values, steps=made, stores=stores, actor=SYSTEM, now=self.now
        )

    def top_up(self, paid: int, customer: Customer | None = None, **more: Any) -> TopUp:
        """In yuan, in cash."""
        given = {"customer": customer or self.lin, "paid_amount": round(paid * YUAN), "payment_kind": "CASH"}
        return wallets.top_up(**self.usual(given | more))

    def spend(self, yuan: float, customers: Sequence[Customer] = (), **more: Any) -> str:
        """Pay for an order with stored value; its reference. The order's own money is posted too."""
        usual = self.usual(more)
        store, reference = usual["store"], usual["reference"]
        day = store.business_date(usual["now"])

        def sell() -> str:
            plan = wallets.plan_spend(
                customer_ids=[c.pk for c in customers] or [self.lin.pk],
                amount=round(yuan * YUAN),
                business_date=day,
                **usual,
            )
            money = self._money(store, reference, day, round(yuan * YUAN))
            ledger.post_many(drafts=[*plan.drafts, money], actor=SYSTEM, now=usual["now"])
            return str(reference)

        return str(within(work=sell, actor=SYSTEM, now=usual["now"]))

    def _money(self, store: Store, reference: str, day: date, amount: int) -> ledger.Draft:
        clearing, revenue = ledger.open_accounts(
            specs=[
                AccountSpec("clearing", store.currency, "sales.wallet", None, store.legal_entity_id),
                AccountSpec("revenue", store.currency, "", store.pk, store.legal_entity_id),
            ]
        )
        entries = [ledger.Entry(clearing, amount), ledger.Entry(revenue, amount)]
        return ledger.Draft("test.money", f"{reference}/money", entries, day)

    def give_back(self, sale: str, share: Fraction, **more: Any) -> list[wallets.Returned]:
        given = self.usual({"reference_of_sale": sale, "share": share} | more)
        store = given.pop("store")

        def work() -> list[wallets.Returned]:
            plan = wallets.plan_give_back(**given, business_date=store.business_date(self.now))
            return wallets.give_back(plan=plan, actor=SYSTEM, now=self.now)

        return list(within(work=work, actor=SYSTEM, now=self.now))

    def kind(self, *items: tuple[Variant, int, int, int], price: float, **values: Any) -> CardKind:
        """(service, paid sessions, gifted sessions, single price in yuan)."""
        made = [ItemIn(v.pk, paid, gifted, unit * YUAN) for v, paid, gifted, unit in items]
        given = {
            "name": f"次卡{next(self.numbers)}", "price_amount": round(price * YUAN),
            "needs_confirmation": False,
        } | values  # fmt: skip
        return wallets.make_card_kind(values=given, items=made, stores=(), actor=SYSTEM, now=self.now)

    def sell(self, kind: CardKind, customer: Customer | None = None, **more: Any) -> SessionCard:
        given = {
            "customer": customer or self.lin, "kind": kind, "paid_amount": kind.price_amount,
            "payment_kind": "CASH",
        }  # fmt: skip
        return wallets.sell_card(**self.usual(given | more))

    def use(self, card: SessionCard, *uses: tuple[Variant, int], **more: Any) -> CardUse:
        wanted = [SessionUse(card.pk, variant.pk, count) for variant, count in uses]
        given = {"uses": wanted, "customer": self.lin} | more
        return wallets.use_sessions(**self.usual(given))[0]

    # --- looking -------------------------------------------------------------------------------------------------
    def wallet(self, customer: Customer | None = None, entity: LegalEntity | None = None) -> Wallet:
        return Wallet.objects.select_related("principal", "bonus", "promotional").get(
            customer=customer or self.lin, legal_entity=entity or self.silk
        )

    def assert_wallet(
        self,
        principal: float,
        bonus: float = 0,
        promotional: float = 0,
        *,
        of: Customer | None = None,
        entity: LegalEntity | None = None,
    ) -> None:
        """Balances in yuan."""
        found = queries.balances_as_of(self.wallet(of, entity))
        wanted = {"PRINCIPAL": principal, "BONUS": bonus, "PROMOTIONAL": promotional}
        assert {key: value / YUAN for key, value in found.items()} == wanted

    def assert_card(self, card: SessionCard, **left: tuple[int, int, float]) -> None:
        """`hand=(paid left, gifted left, value left in yuan)`."""
        found: dict[str, tuple[int, int, float]] = {}
        names = {self.hand.pk: "hand", self.face.pk: "face"}
        for item in items_left([card.pk])[card.pk]:
            paid, gifted, value = found.get(names[item.variant_id], (0, 0, 0.0))
            if item.is_gifted:
                gifted += item.left
            else:
                paid, value = paid + item.left, value + item.value_left_amount / YUAN
            found[names[item.variant_id]] = (paid, gifted, value)
        assert found == left

    def assert_books(self, entity: LegalEntity | None = None, **balances: float) -> None:
        """Sums in yuan of all accounts of a code in an entity: `assert_books(cash=1000, revenue=0)`."""
        owner = entity or self.silk
        found = {
            code: sum(
                balance(account)
                for account in Account.objects.filter(code=code, unit="CNY", legal_entity_id=owner.pk)
            )
            / YUAN
            for code in balances
        }
        assert found == balances


def make_house(now: datetime) -> House:
    """Written directly: this room's tests need no merchant around them. The default terms are not loaded."""
    Term.objects.all().delete()
    silk = LegalEntity.objects.create(name="杭州云裳美容有限公司", short_name="云裳")
    ocean = LegalEntity.objects.create(name="深圳海蓝珠宝有限公司", short_name="海蓝")
    east = Region.objects.create(name="华东")

    def store(code: str, name: str, entity: LegalEntity, province: str) -> Store:
        return Store.objects.create(
            code=code, name=f"{name}店", short_name=name, trade="GENERAL", legal_entity=entity, region=east,
            province=province, opened_on=date(2026, 1, 1),
        )  # fmt: skip

    lake, road = store("HZ01", "西湖", silk, "浙江省"), store("HZ02", "武林路", silk, "浙江省")
    harbour = store("SZ01", "前海", ocean, "广东省")
    unit = Unit.objects.filter(code="PCS").first() or Unit.objects.create(code="TST", name="测", digits=4)
    category = Category.objects.create(name="项目")

    def variant(name: str, code: str, kind: str) -> Variant:
        with transaction.atomic():
            product = Product.objects.create(
                name=name, code=code, unit=unit, category=category, kind=kind, created_at=now, changed_at=now
            )
            return Variant.objects.create(product=product, code=code, price_amount=15000)

    return House(
        now=now,
        silk=silk,
        ocean=ocean,
        lake=lake,
        road=road,
        harbour=harbour,
        lin=make_customer("林小满", "13812345678", store=lake, is_verified=True, now=now),
        wang=make_customer("王小明", "13987654321", store=lake, now=now),
        hand=variant("手部护理", "HL1", "SERVICE"),
        face=variant("面部护理", "HL2", "SERVICE"),
        scarf=variant("羊绒围巾", "WJ1", "GOODS"),
    )
