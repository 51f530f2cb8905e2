"""Session cards told as stories: what is left of each service, what was earned, what comes back."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import Household
from dianke.customers.tests.cast import make_customer
from dianke.ledger import operations as ledger
from dianke.wallets import operations as wallets
from dianke.wallets import queries
from dianke.wallets.models import CardUse, CardUseLine, SessionCard
from dianke.wallets.operations import ItemIn, SessionUse
from dianke.wallets.tests.people import TODAY, House

pytestmark = pytest.mark.django_db


def test_a_card_earns_what_was_paid_over_all_its_uses_and_gifts_go_last(house: House):
    card = house.sell(house.kind((house.hand, 3, 1, 150), (house.face, 2, 0, 100), price=500))
    house.assert_card(card, hand=(3, 1, 346.15), face=(2, 0, 153.85))
    house.assert_books(cash=500, session_value=500, revenue=0)
    house.use(card, (house.hand, 1))
    house.assert_card(card, hand=(2, 1, 230.76), face=(2, 0, 153.85))
    house.assert_books(session_value=384.61, revenue=115.39)
    house.use(card, (house.hand, 2), (house.face, 1))
    house.assert_card(card, hand=(0, 1, 0), face=(1, 0, 76.92))
    house.use(card, (house.hand, 1))
    house.assert_card(card, hand=(0, 0, 0), face=(1, 0, 76.92))
    house.use(card, (house.face, 1))
    house.assert_card(card, hand=(0, 0, 0), face=(0, 0, 0))
    house.assert_books(cash=500, session_value=0, revenue=500)
    assert sum(CardUseLine.objects.values_list("value_amount", flat=True)) == 500_00


def test_a_discount_lowers_the_value_of_every_session(house: House):
    card = house.sell(house.kind((house.hand, 3, 0, 150), price=400), paid_amount=100_00)
    assert [house.use(card, (house.hand, 1)).lines.get().value_amount for _n in range(3)] == [
        3334,
        3333,
        3333,
    ]


def test_more_than_is_left_is_refused_and_says_how_many_are(house: House):
    card = house.sell(house.kind((house.hand, 2, 1, 150), price=200))
    with pytest.raises(wallets.SessionsTooFew) as refused:
        house.use(card, (house.hand, 4))
    assert (refused.value.params["left"], refused.value.params["wanted"]) == (3, 4)
    with pytest.raises(wallets.CardUnknown):
        house.use(card, (house.face, 1))
    house.assert_card(card, hand=(2, 1, 200))


def test_a_use_is_taken_back_and_the_card_still_earns_exactly_what_was_paid(house: House):
    card = house.sell(house.kind((house.hand, 3, 0, 150), price=100))
    first = house.use(card, (house.hand, 1))
    house.use(card, (house.hand, 1))
    wallets.undo_use(use=first, reason="点错了", actor=SYSTEM, now=house.now)
    house.assert_card(card, hand=(2, 0, 66.67))
    house.assert_books(revenue=33.33)
    with pytest.raises(wallets.UseUndone):
        wallets.undo_use(use=first, reason="再点", actor=SYSTEM, now=house.now)
    house.use(card, (house.hand, 2))
    house.assert_card(card, hand=(0, 0, 0))
    house.assert_books(revenue=100, session_value=0)


def test_several_cards_are_used_at_once_with_a_draft_each(house: House):
    one = house.sell(house.kind((house.hand, 2, 0, 150), price=200))
    two = house.sell(house.kind((house.face, 2, 0, 150), price=100))
    wanted = [SessionUse(one.pk, house.hand.pk, 1), SessionUse(two.pk, house.face.pk, 2)]
    done = wallets.use_sessions(**house.usual({"uses": wanted, "customer": house.lin, "reference": "u1"}))
    assert [use.reference for use in done] == ["u1/sessions:1", "u1/sessions:2"]
    again = wallets.use_sessions(**house.usual({"uses": wanted, "customer": house.lin, "reference": "u1"}))
    assert {use.pk for use in again} == {use.pk for use in done}
    house.assert_card(one, hand=(1, 0, 100))
    house.assert_card(two, face=(0, 0, 0))
    house.assert_books(revenue=200)


def test_a_session_used_at_another_entity_is_owed_to_it(house: House):
    card = house.sell(house.kind((house.hand, 3, 0, 150), price=300))
    house.use(card, (house.hand, 2), store=house.harbour)
    house.assert_books(house.silk, session_value=100, due_to_entity=200, revenue=0)
    house.assert_books(house.ocean, due_from_entity=200, revenue=200)
    assert all(due.is_even for due in queries.dues_between())
    house.term("cross_entity_use", 0)
    with pytest.raises(wallets.OtherEntity):
        house.use(card, (house.hand, 1), store=house.harbour)


# --- who may use it, and the customer's consent --------------------------------------------------------------------
def test_only_the_customer_or_where_allowed_the_household_uses_a_card(house: House):
    own = house.sell(house.kind((house.hand, 2, 0, 150), price=200))
    shared = house.sell(house.kind((house.hand, 2, 0, 150), price=200, is_for_household=True))
    for card in (own, shared):
        with pytest.raises(wallets.CardUnknown):
            house.use(card, (house.hand, 1), customer=house.wang)
    home = Household.objects.create(name="林家")
    home.members.add(house.lin, house.wang)
    used = house.use(shared, (house.hand, 1), customer=house.wang)
    assert used.customer == house.wang
    with pytest.raises(wallets.CardUnknown):
        house.use(own, (house.hand, 1), customer=house.wang)


def test_the_customer_agrees_on_their_phone_once_per_code(house: House):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500, needs_confirmation=True))
    with pytest.raises(wallets.ConfirmationMissing):
        house.use(card, (house.hand, 1))
    with pytest.raises(wallets.ConfirmationWrong):
        house.use(card, (house.hand, 1), confirmation="000000")
    code = wallets.code_now(house.lin, now=house.now)
    assert house.use(card, (house.hand, 1), confirmation=code).confirmed == CardUse.Confirmed.PHONE
    with pytest.raises(wallets.ConfirmationWrong):
        house.use(card, (house.hand, 1), confirmation=code)
    house.later(minutes=1)
    code = wallets.code_now(house.lin, now=house.now)
    house.later(minutes=1)
    house.use(card, (house.hand, 1), confirmation=f"{code[:3]} {code[3:]}")
    house.later(minutes=1)
    stale = wallets.code_now(house.lin, now=house.now - timedelta(minutes=2))
    with pytest.raises(wallets.ConfirmationWrong):
        house.use(card, (house.hand, 1), confirmation=stale)
    with pytest.raises(wallets.ConfirmationWrong):
        house.use(card, (house.hand, 1), confirmation=wallets.code_now(house.wang, now=house.now))
    house.assert_card(card, hand=(3, 0, 300))


def test_without_the_phone_a_manager_goes_on_with_a_reason_that_stays(house: House, make_actor):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500, needs_confirmation=True))
    clerk, manager = make_actor("CLERK"), make_actor("STORE_MANAGER")
    with pytest.raises(wallets.ConfirmationMissing):
        house.use(card, (house.hand, 1), waiver="手机没电", actor=clerk)
    used = house.use(card, (house.hand, 1), waiver="手机没电", actor=manager)
    assert (used.confirmed, used.waiver) == (CardUse.Confirmed.WAIVED, "手机没电")


# --- validity ------------------------------------------------------------------------------------------------------
def test_an_expired_card_rests_until_it_is_extended_with_a_reason(house: House):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500, valid_days=30))
    assert card.expires_on == TODAY + timedelta(days=29)
    house.later(days=29)
    house.use(card, (house.hand, 1))
    house.later(days=1)
    with pytest.raises(wallets.CardExpired):
        house.use(card, (house.hand, 1))
    house.assert_card(card, hand=(4, 0, 400))
    given = {"card": card, "actor": SYSTEM, "now": house.now}
    with pytest.raises(wallets.ReasonMissing):
        wallets.extend_card(to_date=TODAY + timedelta(days=60), reason=" ", **given)
    with pytest.raises(wallets.NotLater):
        wallets.extend_card(to_date=TODAY, reason="疫情", **given)
    wallets.extend_card(to_date=TODAY + timedelta(days=60), reason="住院", **given)
    house.use(card, (house.hand, 1))


def test_validity_can_begin_with_the_first_use(house: House):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500, valid_days=10, starts="FIRST_USE"))
    house.later(days=100)
    house.use(card, (house.hand, 1))
    card.refresh_from_db()
    assert card.expires_on == date(2027, 3, 10)
    endless = house.sell(house.kind((house.hand, 1, 0, 150), price=1))
    with pytest.raises(wallets.NeverExpires):
        wallets.extend_card(card=endless, to_date=TODAY, reason="无", actor=SYSTEM, now=house.now)


def test_a_frozen_card_rests(house: House):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500))
    wallets.freeze(subject=card, reason="怀孕暂停", actor=SYSTEM, now=house.now)
    with pytest.raises(wallets.Frozen):
        house.use(card, (house.hand, 1))
    wallets.unfreeze(subject=card, reason="恢复", actor=SYSTEM, now=house.now)
    house.use(card, (house.hand, 1))


# --- refund, conversion, transfer ----------------------------------------------------------------------------------
def refund(house: House, card: SessionCard, **more):
    given = {"card": card, "payment_kind": "CASH", "reason": "顾客要求"} | more
    return wallets.refund_card(**house.usual(given))


@pytest.mark.parametrize(
    ("method", "back", "income", "expense"),
    [("VALUE_LEFT", 600, 0, 0), ("LIST_PRICE", 400, 200, 0), ("ALL_SESSIONS", 666.67, 0, 66.67)],
)
def test_unused_value_comes_back_by_the_method_of_the_rules(
    house: House, method: str, back: float, income: float, expense: float
):
    house.term("card_refund", method)
    card = house.sell(house.kind((house.hand, 10, 2, 150), price=1000))
    house.use(card, (house.hand, 4))
    house.later(days=20)
    done = refund(house, card)
    assert (done.amount, done.working[0]["method"]) == (round(back * 100), method)
    house.assert_card(card, hand=(0, 0, 0))
    house.assert_books(
        cash=round(1000 - back, 2), session_value=0, revenue=400, other_income=income, bonus_expense=expense
    )
    card.refresh_from_db()
    assert card.closed_as == SessionCard.Closed.REFUNDED
    with pytest.raises(wallets.CardClosed):
        house.use(card, (house.hand, 1))


def test_an_unused_card_comes_back_in_full_within_the_days_of_cooling_off(house: House):
    house.term("cooling_off_days", 7)
    house.term("card_refund", "LIST_PRICE")
    card = house.sell(house.kind((house.hand, 10, 2, 150), price=1000))
    house.later(days=7)
    assert wallets.estimate_card(card, at=house.now).method == "COOLING_OFF"
    house.later(days=1)
    assert wallets.estimate_card(card, at=house.now).method == "LIST_PRICE"


def test_a_card_turns_into_a_dearer_one_for_the_difference(house: House):
    small = house.sell(house.kind((house.hand, 4, 0, 150), price=400))
    house.use(small, (house.hand, 1))
    large = house.kind((house.hand, 10, 1, 150), (house.face, 2, 0, 150), price=1200)
    cheap = house.kind((house.hand, 1, 0, 150), price=100)
    given = {"card": small, "payment_kind": "CASH", "reason": "升级"}
    with pytest.raises(wallets.CreditTooLarge):
        wallets.convert_card(**house.usual(given | {"kind": cheap}))
    made = wallets.convert_card(**house.usual(given | {"kind": large}))
    house.assert_card(small, hand=(0, 0, 0))
    house.assert_card(made, hand=(10, 1, 1000), face=(2, 0, 200))
    house.assert_books(cash=1300, session_value=1200, revenue=100)
    assert made.converted_from.credited_amount == 300_00
    small.refresh_from_db()
    assert small.closed_as == SessionCard.Closed.CONVERTED


def test_a_card_goes_to_another_customer_with_everything_left_on_it(house: House):
    card = house.sell(house.kind((house.hand, 5, 1, 150), price=500))
    house.use(card, (house.hand, 2))
    given = {"card": card, "to_customer": house.wang, "reason": "送给朋友"}
    wallets.transfer_card(**house.usual(given))
    with pytest.raises(wallets.CardUnknown):
        house.use(card, (house.hand, 1))
    house.use(card, (house.hand, 1), customer=house.wang)
    house.assert_card(card, hand=(2, 1, 200))
    card.refresh_from_db()
    assert (card.customer, card.sold_to) == (house.wang, house.lin)
    with pytest.raises(wallets.SameCustomer):
        wallets.transfer_card(**house.usual(given))


def test_a_card_sold_by_mistake_is_taken_back_while_unused(house: House):
    card = house.sell(house.kind((house.hand, 5, 1, 150), price=500))
    used = house.sell(house.kind((house.hand, 5, 1, 150), price=500))
    house.use(used, (house.hand, 1))
    wallets.undo_card_sale(card=card, reason="卖错", actor=SYSTEM, now=house.now)
    house.assert_card(card, hand=(0, 0, 0))
    house.assert_books(cash=500)
    with pytest.raises(wallets.CardUsed):
        wallets.undo_card_sale(card=used, reason="卖错", actor=SYSTEM, now=house.now)


# --- as part of an order ---------------------------------------------------------------------------------------------
def test_a_card_and_a_top_up_are_lines_of_an_order(house: House):
    kind = house.kind((house.hand, 5, 0, 150), price=500)
    offer = house.offer((300, 30))

    def sell(**usual):
        given = {"customer": house.lin, "store": house.lake, "business_date": TODAY} | usual
        card = wallets.plan_card_sale(kind=kind, paid_amount=450_00, reference="o/line:1", **given)
        top_up = wallets.plan_top_up(paid_amount=300_00, offer=offer, reference="o/line:2", **given)
        clearing, cash = ledger.open_accounts(
            specs=[
                ledger.AccountSpec("clearing", "CNY", "sales.wallet", None, house.silk.pk),
                ledger.AccountSpec("cash", "CNY", "test", None, house.silk.pk),
            ]
        )
        money = [ledger.Entry(cash, 750_00), ledger.Entry(clearing, -750_00)]
        drafts = [*card.drafts, *top_up.drafts, ledger.Draft("test.money", "o/money", money, TODAY)]
        ledger.post_many(drafts=drafts, **usual)
        return card.card

    card = house.do(sell)
    house.assert_card(card, hand=(5, 0, 450))
    house.assert_wallet(300, 30)
    house.assert_books(cash=750, clearing=0, session_value=450)


def test_sessions_of_a_returned_order_come_back(house: House):
    card = house.sell(house.kind((house.hand, 5, 0, 150), price=500))
    house.use(card, (house.hand, 2), reference="o1")
    house.assert_card(card, hand=(3, 0, 300))
    (back,) = house.give_back("o1", Fraction(1), of=("sessions",))
    assert (back.part.session_count, back.part.session_value_amount) == (2, 20000)
    house.assert_card(card, hand=(5, 0, 500))
    assert CardUse.objects.get().undone_at is not None


def test_a_kind_wants_services_and_each_once(house: House):
    def make(*items: ItemIn, **values):
        given = {"name": "错的", "price_amount": 100} | values
        return wallets.make_card_kind(values=given, items=items, stores=(), actor=SYSTEM, now=house.now)

    from dianke.wallets.operations.setting_up import NameTaken, NotAService, ServiceTwice

    with pytest.raises(wallets.KindEmpty):
        make()
    with pytest.raises(NotAService):
        make(ItemIn(house.scarf.pk, 1))
    with pytest.raises(ServiceTwice):
        make(ItemIn(house.hand.pk, 1), ItemIn(house.hand.pk, 2))
    with pytest.raises(wallets.KindEmpty):
        make(ItemIn(house.hand.pk, 0, 3))
    made = make(ItemIn(house.hand.pk, 3))
    assert made.items.get().unit_amount == 150_00
    with pytest.raises(NameTaken):
        make(ItemIn(house.hand.pk, 3))
    wallets.end_card_kind(kind=made, actor=SYSTEM, now=house.now)
    made.refresh_from_db()
    with pytest.raises(wallets.KindNotSold):
        house.sell(made)


def test_a_stranger_gets_their_own_card(house: House):
    card = house.sell(house.kind((house.hand, 1, 0, 150), price=0), make_customer("陌生", "13600001111"))
    house.assert_card(card, hand=(1, 0, 0))
