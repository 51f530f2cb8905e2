"""Two people at the same moment: what one operation checks alone must hold for both."""

from __future__ import annotations

from datetime import date
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction

from dianke.core.actor import SYSTEM
from dianke.core.errors import DiankeError
from dianke.core.refusals import AlreadyThere, refusal_of
from dianke.core.tests.racing import at_once
from dianke.stores import operations
from dianke.stores.models import Holding, Posting, Region
from dianke.stores.rules import Share, fullest_total
from dianke.stores.tests.cast import FIRST_DAY, make_cast, role_named

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def cast(now):
    from django.apps import apps
    from django.db.models.signals import post_migrate

    # What migrating puts in (the preset roles) goes with the rows of a test that commits.
    post_migrate.send(
        apps.get_app_config("access"),
        app_config=apps.get_app_config("access"),
        using="default",
        verbosity=0,
        interactive=False,
        plan=[],
    )
    return make_cast(now)


def named(results) -> list[object]:
    """What the product makes of it where the database was the one to refuse."""
    return [refusal_of(one) if isinstance(one, IntegrityError) else one for one in results]


def test_shares_given_at_once_never_exceed_the_whole(cast, now):
    def give():
        return operations.give_holding(
            partner=cast.partner,
            legal_entity=cast.silk,
            share_basis_points=1500,
            from_date=FIRST_DAY,
            actor=SYSTEM,
            now=now,
        )

    answers = named(at_once(*[give] * THREADS))
    given = [answer for answer in answers if isinstance(answer, Holding)]
    assert len(given) == 2  # 60 % of the cast and twice 15 %
    shares = cast.silk.holdings.values_list("share_basis_points", "from_date", "to_date")
    assert fullest_total([Share(*row) for row in shares])[0] == 9000


def test_without_the_lock_the_shares_do_exceed_the_whole(cast):
    """The negative control: reading, then writing, in two transactions that do not wait for each other."""
    barrier = Barrier(2)

    def give():
        with transaction.atomic():
            total = sum(cast.silk.holdings.values_list("share_basis_points", flat=True))
            barrier.wait()
            if total + 4000 <= 10_000:
                return Holding.objects.create(
                    partner=cast.partner, legal_entity=cast.silk, share_basis_points=4000, from_date=FIRST_DAY
                )
        return None

    at_once(give, give)
    assert sum(cast.silk.holdings.values_list("share_basis_points", flat=True)) == 14_000


def test_the_same_posting_given_at_once_stands_once(cast, now):
    def post():
        return operations.post_staff(
            staff=cast["clerk"],
            role=role_named("CLERK"),
            store=cast.road,
            from_date=date(2026, 12, 1),
            actor=SYSTEM,
            now=now,
        )

    answers = named(at_once(*[post] * THREADS))
    assert sum(isinstance(answer, Posting) for answer in answers) == 1
    assert all(isinstance(answer, Posting) or answer.code == "posted_twice" for answer in answers)


def test_the_same_staff_number_taken_at_once_is_a_named_error_for_the_second(cast, now):
    def hire(number):
        return lambda: operations.hire_staff(
            username=f"race{number}",
            name="新人",
            number="777",
            legal_entity=cast.silk,
            hired_on=FIRST_DAY,
            actor=SYSTEM,
            now=now,
        )

    answers = named(at_once(*(hire(number) for number in range(4))))
    refused = [answer for answer in answers if isinstance(answer, DiankeError)]
    assert len(refused) == 3
    assert {type(error) for error in refused} <= {operations.people.StaffNumberTaken, AlreadyThere}


def test_two_moves_that_cross_close_no_loop(cast, now):
    def move(region, parent):
        return lambda: operations.change_region(
            region=region, values={"parent": parent}, actor=SYSTEM, now=now
        )

    answers = named(at_once(move(cast.east, cast.south), move(cast.south, cast.east)))
    assert sum(isinstance(answer, Region) for answer in answers) == 1
