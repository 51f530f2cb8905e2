"""Random histories of sales and returns against a plain model: the budget never goes below zero, what is spent is the
sum of what the sales have, a customer never has more than the limit.
`DIANKE_FUZZ=full` runs 300 histories."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianke.core.errors import DiankeError
from dianke.promotions.models import Promotion
from dianke.promotions.queries import verify
from dianke.promotions.tests.counter import make_counter

EXAMPLES = 300 if os.environ.get("DIANKE_FUZZ") == "full" else 25
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 60), st.integers(0, 2)),
        st.tuples(st.just("late"), st.integers(0, 60), st.integers(0, 2)),
        st.tuples(st.just("back"), st.integers(0, 9), st.integers(0, 70)),
    ),
    max_size=25,
)


@pytest.mark.django_db
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(budget=st.integers(1, 150), times=st.integers(1, 6), limit=st.integers(1, 3), steps=STEPS)
def test_budget_and_limit_hold_in_every_history(
    budget: int, times: int, limit: int, steps: list[tuple[str, int, int]]
):
    with transaction.atomic():
        counter = make_counter(NOW)
        people = [None, counter.fang, counter.ming]
        promotion = counter.promotion(budget_amount=budget, budget_count=times, per_customer_count=limit)
        # reference -> [money, times, who, is beyond]
        sales: list[list[object]] = []
        for step, first, second in steps:
            spent = sum(int(str(sale[1])) for sale in sales if not sale[4])
            uses = sum(int(str(sale[2])) for sale in sales if not sale[4])
            if step == "back":
                if first < len(sales):
                    sale = sales[first]
                    amount = min(second, int(str(sale[1])))
                    given = counter.give_back(str(sale[0]), promotion_amounts={promotion.pk: second})
                    assert sum(back.amount for back in given) == amount
                    sale[1] = int(str(sale[1])) - amount
                    sale[2] = 0 if not sale[1] else sale[2]
                continue
            who = people[second]
            had = sum(int(str(sale[2])) for sale in sales if sale[3] is who)
            fits = spent + first <= budget and uses + 1 <= times
            may = fits and who is not None and had + 1 <= limit
            try:
                with transaction.atomic():
                    reference = counter.take(promotion, first, of=who, late=step == "late")
            except DiankeError:
                assert step == "take"
                assert not may
                continue
            assert step == "late" or may
            sales.append([reference, first, 1, who, not fits])
        promotion = Promotion.objects.get(pk=promotion.pk)
        assert promotion.spent_amount == sum(int(str(sale[1])) for sale in sales if not sale[4]) <= budget
        assert promotion.spent_count == sum(int(str(sale[2])) for sale in sales if not sale[4]) <= times
        assert promotion.beyond_amount == sum(int(str(sale[1])) for sale in sales if sale[4])
        assert verify() == []
        transaction.set_rollback(True)
