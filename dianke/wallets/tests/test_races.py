"""Many at once, on real connections: value is spent once, a session is used once, a code works once, and what is owed
between entities stays even. `DIANKE_RACES=full` races fifty times."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.ledger import operations as ledger
from dianke.wallets import operations as wallets
from dianke.wallets import queries
from dianke.wallets.models import SessionCard, Wallet
from dianke.wallets.tests.people import TODAY, House, make_house, within

pytestmark = pytest.mark.django_db(transaction=True)

RACES = 50 if os.environ.get("DIANKE_RACES") == "full" else 3
CLIENTS = 20


@pytest.fixture
def house(transactional_db: None, now) -> House:
    return make_house(now)


def spend_after_looking(house: House, barrier: Barrier) -> Callable[[str], Any]:
    """Look whether there is enough, wait until all have looked, then post: what a careless till does."""

    def spend(reference: str) -> Any:
        purse = queries.purse_of([house.lin.pk], store_id=house.lake.pk, at=house.now)
        barrier.wait(timeout=30)
        if purse.spendable_amount < 100_00:
            return None
        wallet = house.wallet()

        def post() -> Any:
            clearing = ledger.open_account(
                code="clearing", unit="CNY", holder="test", legal_entity_id=house.silk.pk
            )
            entries = [ledger.Entry(wallet.principal, -100_00, may_owe=True), ledger.Entry(clearing, -100_00)]
            return ledger.post(
                kind="test.careless", reference=reference, entries=entries, business_date=TODAY,
                actor=SYSTEM, now=house.now,
            )  # fmt: skip

        return within(work=post, actor=SYSTEM, now=house.now)

    return spend


def test_without_floor_and_lock_all_twenty_pay_with_the_same_money(house: House):
    """The negative control of the next test: everybody looks first, nothing holds them."""
    house.top_up(100)
    house.do(lambda **_usual: ledger.change_floor(account=house.wallet().principal, floor=-(10**9)))
    spend = spend_after_looking(house, Barrier(CLIENTS))
    results = at_once(*(partial(spend, f"careless {n}") for n in range(CLIENTS)))
    assert sum(isinstance(result, ledger.Posted) for result in results) == CLIENTS
    house.assert_wallet(100 - 100 * CLIENTS)


def test_money_for_one_purchase_pays_for_exactly_one_of_twenty(house: House):
    for n in range(RACES):
        house.top_up(100)
        works = [partial(house.spend, 100, reference=f"race {n}/{each}") for each in range(CLIENTS)]
        results = at_once(*works)
        assert refusals(results, wallets.ValueTooLow) == CLIENTS - 1
        house.assert_wallet(0)
    house.assert_books(cash=100 * RACES, revenue=100 * RACES, clearing=0)
    assert queries.verify() == []


def test_the_same_sale_sent_by_ten_at_once_pays_once(house: House):
    house.top_up(1000)
    results = at_once(*[partial(house.spend, 100, reference="one sale")] * 10)
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, ledger.ReferenceTaken)] == []
    house.assert_wallet(900)


def test_the_last_session_is_used_by_exactly_one_of_ten(house: House):
    card = house.sell(house.kind((house.hand, 1, 0, 150), price=100))
    use = [partial(house.use, card, (house.hand, 1), reference=f"u{n}") for n in range(10)]
    assert refusals(at_once(*use), wallets.SessionsTooFew) == 9
    house.assert_card(card, hand=(0, 0, 0))
    house.assert_books(revenue=100, session_value=0)


def test_a_code_of_the_phone_works_for_exactly_one_of_five(house: House):
    card = house.sell(house.kind((house.hand, 9, 0, 150), price=900, needs_confirmation=True))
    code = wallets.code_now(house.lin, now=house.now)
    use = [partial(house.use, card, (house.hand, 1), reference=f"u{n}", confirmation=code) for n in range(5)]
    assert refusals(at_once(*use), wallets.ConfirmationWrong) == 4
    house.assert_card(card, hand=(8, 0, 800))


def test_two_first_top_ups_at_once_open_one_wallet(house: House):
    results = at_once(*(partial(house.top_up, 10, reference=f"t{n}") for n in range(5)))
    assert [r for r in results if isinstance(r, Exception)] == []
    assert Wallet.objects.count() == 1
    house.assert_wallet(50)


def test_an_offer_for_once_per_customer_is_had_once(house: House):
    offer = house.offer((100, 50), per_customer=1)
    top_ups = [partial(house.top_up, 100, offer=offer, reference=f"t{n}") for n in range(5)]
    assert refusals(at_once(*top_ups), wallets.OfferNotValid) == 4
    house.assert_wallet(100, 50)


def test_a_refund_and_a_purchase_at_once_do_not_both_get_the_money(house: House):
    for n in range(RACES):
        house.top_up(100)
        given = {"wallet": house.wallet(), "payment_kind": "CASH", "reason": "退"}
        refund = partial(wallets.refund_wallet, **house.usual(given))
        results = at_once(refund, partial(house.spend, 100, reference=f"s{n}"))
        failed = [r for r in results if isinstance(r, Exception)]
        assert len(failed) == 1
        assert isinstance(failed[0], wallets.NothingToRefund | wallets.ValueTooLow)
        house.assert_wallet(0)


def test_a_card_is_refunded_by_one_of_three(house: House):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500))
    given = {"card": card, "payment_kind": "CASH", "reason": "退"}
    refunds = [partial(wallets.refund_card, **house.usual(given)) for _n in range(3)]
    assert refusals(at_once(*refunds), wallets.CardClosed) == 2
    house.assert_books(cash=0, session_value=0)
    assert SessionCard.objects.get().closed_as == SessionCard.Closed.REFUNDED


def test_transfers_both_ways_at_once_wait_for_each_other_and_lose_nothing(house: House):
    house.top_up(100)
    house.top_up(40, customer=house.wang)

    def move(source: Any, target: Any, name: str) -> None:
        for n in range(5):
            wallet = house.wallet(source)
            given = {"wallet": wallet, "to_customer": target, "reason": "转", "reference": f"{name}{n}"}
            try:
                wallets.transfer_wallet(**house.usual(given))
            except wallets.NothingToTransfer:
                continue

    assert at_once(partial(move, house.lin, house.wang, "a"), partial(move, house.wang, house.lin, "b")) == [
        None,
        None,
    ]
    total = sum(
        sum(queries.balances_as_of(house.wallet(customer)).values()) for customer in (house.lin, house.wang)
    )
    assert total == 140_00
    assert queries.verify() == []


def test_tills_of_two_entities_top_up_spend_and_give_back_at_once_and_dues_stay_even(house: House):
    house.top_up(300)
    house.top_up(300, store=house.harbour)

    def till(number: int) -> None:
        chance, store = random.Random(number), [house.lake, house.harbour][number % 2]
        for n in range(8):
            try:
                sale = house.spend(chance.randint(1, 60), store=store, reference=f"{number}/{n}")
            except wallets.ValueTooLow:
                house.top_up(50, store=store, reference=f"top {number}/{n}")
                continue
            if chance.random() < 0.5:
                house.give_back(sale, Fraction(1, 2), store=store, reference=f"back {number}/{n}")

    assert at_once(*(partial(till, number) for number in range(4))) == [None] * 4
    assert queries.verify() == []
    assert all(due.is_even for due in queries.dues_between())


def test_expiry_and_spending_at_once_never_take_the_same_bonus_twice(house: House):
    house.top_up(100, offer=house.offer((100, 50), bonus_days=1))
    house.later(days=1, seconds=-1)
    late = house.now + timedelta(seconds=2)
    results = at_once(
        partial(house.spend, 120, reference="s"),
        partial(wallets.expire_bonus, legal_entity=house.silk, actor=SYSTEM, now=late),
    )
    refusals(results, wallets.ValueTooLow)
    assert queries.verify() == []
