"""What the database refuses whoever asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, InternalError, transaction

from dianke.core.actor import SYSTEM
from dianke.wallets import operations as wallets
from dianke.wallets.models import CardItem, CardUse, CardUseLine, Freeze, Refund, SessionCard, TopUp, Wallet
from dianke.wallets.tests.people import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(house: House) -> House:
    """A wallet, a card with a use, a freeze that ended, a refund."""
    house.top_up(100)
    card = house.sell(house.kind((house.hand, 3, 0, 150), price=300))
    house.use(card, (house.hand, 1))
    wallets.freeze(subject=house.wallet(), reason="甲", actor=SYSTEM, now=house.now)
    wallets.unfreeze(subject=house.wallet(), reason="乙", actor=SYSTEM, now=house.now)
    given = {"wallet": house.wallet(), "payment_kind": "CASH", "reason": "退"}
    wallets.refund_wallet(**house.usual(given))
    given = {"card": card, "payment_kind": "CASH", "reason": "退"}
    wallets.refund_card(**house.usual(given))
    return house


@pytest.mark.parametrize(
    "change",
    [
        lambda: TopUp.objects.update(paid_amount=1),
        lambda: TopUp.objects.all().delete(),
        lambda: Refund.objects.update(amount=1),
        lambda: Refund.objects.all().delete(),
        lambda: CardUseLine.objects.update(count=9),
        lambda: CardUse.objects.all().delete(),
        lambda: CardItem.objects.update(amount=1),
        lambda: SessionCard.objects.update(closed_at=None, closed_as=""),
        lambda: Freeze.objects.update(ended_at=None),
        lambda: Wallet.objects.update(is_named=False),
    ],
)
def test_history_is_not_rewritten(lived: House, change: Callable[[], object]):
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        change()


def test_a_wallet_stands_once_per_entity_and_rests_once_at_a_time(lived: House):
    wallet = lived.wallet()
    Freeze.objects.create(wallet=wallet, reason="甲", at=lived.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.create(wallet=wallet, reason="再", at=lived.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wallet.objects.create(
            customer=wallet.customer,
            legal_entity=wallet.legal_entity,
            store=wallet.store,
            currency="CNY",
            number="1",
            opened_at=lived.now,
            principal_id=wallet.bonus_id,
            bonus_id=wallet.principal_id,
            promotional_id=wallet.promotional_id,
        )
