"""Stories of people: hired, posted, transferred, leaving with hand-over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from dianke.access.models import Role, User
from dianke.access.operations import change_account
from dianke.core.actor import SYSTEM, Actor
from dianke.core.phone import MobileTooShort
from dianke.events.models import Event
from dianke.events.testing import deliver_events
from dianke.stores import handover, operations
from dianke.stores.models import Posting, Staff
from dianke.stores.operations import granting, leaving, people, postings
from dianke.stores.tests.cast import FIRST_DAY, role_named

TODAY = date(2026, 11, 21)
TOMORROW = TODAY + timedelta(days=1)
NEXT_MONTH = date(2026, 12, 21)


@pytest.fixture
def owner(cast, now):
    return {"actor": cast.actor("owner"), "now": now}


@pytest.fixture
def manager(cast, now):
    return {"actor": cast.actor("manager"), "now": now}


@pytest.fixture
def tasks(monkeypatch):
    """A room that keeps tasks, as a table in memory: user id -> how many."""
    held: dict[int, int] = {}

    def move(giver: int, taker: int, actor: Actor, now) -> int:
        count = held.pop(giver, 0)
        held[taker] = held.get(taker, 0) + count
        return count

    monkeypatch.setattr(handover, "_holdings", {})
    handover.register(handover.Holding("tasks", "个任务", lambda user: held.get(user, 0), move))
    return held


def hire(cast, who, username="new", role="CLERK", **more):
    place = {"store": cast.lake} | more
    return operations.hire_staff(
        username=username,
        name="新人",
        number=username,
        legal_entity=cast.silk,
        hired_on=TODAY,
        role=role_named(role) if role else None,
        **place,
        **who,
    )


# --- hiring and granting ---------------------------------------------------------------------------------------------
def test_a_manager_hires_for_the_own_store(cast, manager):
    staff = hire(cast, manager, phone="138 0013 8001")
    assert staff.phone == "+8613800138001"
    assert staff.user.name == "新人"
    assert not staff.user.has_usable_password()
    posting = staff.postings.get()
    assert (posting.store, posting.role.code, posting.from_date) == (cast.lake, "CLERK", TODAY)


def test_the_log_of_a_hire_holds_no_name_and_no_phone(cast, manager):
    staff = hire(cast, manager, phone="13800138001")
    operations.change_staff(staff=staff, values={"name": "新名", "phone": "13800138002"}, **manager)
    told = str(list(Event.objects.about(f"stores.staff:{staff.pk}").values_list("data", flat=True)))
    assert "新" not in told
    assert "1380013" not in told


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ({"store": "road"}, granting.PlaceOutOfReach),
        ({"store": None}, granting.PlaceOutOfReach),
        ({"store": None, "region": "east"}, granting.PlaceOutOfReach),
        ({"role": None}, granting.PlaceOutOfReach),
        ({"role": "OWNER"}, granting.RoleTooWide),
        ({"role": "REGIONAL_MANAGER"}, granting.RoleTooWide),
        ({"role": "ACCOUNTANT"}, granting.RoleTooWide),
        # A marketer's permissions are all a manager's, but over everybody's rows.
        ({"role": "MARKETER"}, granting.RoleTooWide),
    ],
)
def test_a_manager_gives_nothing_wider_than_held(cast, manager, place, error):
    values = {key: getattr(cast, value) if key != "role" and value else value for key, value in place.items()}
    with pytest.raises(error):
        hire(cast, manager, **values)
    assert not User.objects.filter(username="new").exists()


def test_a_role_held_elsewhere_is_not_given_here(cast, now):
    """The manager of one store who is a clerk in another cannot make managers there."""
    operations.post_staff(
        staff=cast["manager"],
        role=role_named("CLERK"),
        store=cast.road,
        from_date=TODAY,
        actor=SYSTEM,
        now=now,
    )
    with pytest.raises(granting.PlaceOutOfReach):
        hire(cast, {"actor": cast.actor("manager"), "now": now}, role="STORE_MANAGER", store=cast.road)


def test_a_custom_role_is_measured_by_its_permissions(cast, manager):
    Role.objects.create(code="HELPER", name="临时工", scope="OWN", permissions=["web.use_pages"])
    Role.objects.create(code="SPY", name="查账", scope="OWN", permissions=["ledger.view_accounts"])
    hire(cast, manager, role="HELPER")
    with pytest.raises(granting.RoleTooWide):
        hire(cast, manager, username="spy", role="SPY")


def test_a_taken_number_and_a_short_phone_say_so_at_their_field(cast, manager):
    with pytest.raises(people.StaffNumberTaken) as taken:
        hire(cast, manager, username=cast["clerk"].number)
    assert taken.value.field == "number"
    with pytest.raises(MobileTooShort) as short:
        hire(cast, manager, phone="1380013")
    assert short.value.field == "phone"


def test_the_account_follows_the_name_of_the_staff_record_and_back(cast, manager, now):
    clerk = cast["clerk"]
    operations.change_staff(staff=clerk, values={"name": "李想想"}, **manager)
    user = User.objects.get(pk=clerk.user_id)
    assert user.name == "李想想"
    change_account(
        user=user,
        username=user.username,
        name="李响",
        email="",
        language="zh-hans",
        actor=cast.actor("clerk"),
        now=now,
    )
    deliver_events(now=now)
    assert Staff.objects.get(pk=clerk.pk).name == "李响"


def test_a_manager_does_not_touch_people_of_other_stores(cast, manager):
    for username in ("neighbour", "region", "shen"):
        with pytest.raises(granting.PlaceOutOfReach):
            operations.change_staff(staff=cast[username], values={"title": "店员"}, **manager)


def test_a_former_store_has_no_say_any_more(cast, manager, owner):
    moved = cast["clerk"].postings.get()
    operations.transfer_staff(posting=moved, store=cast.road, from_date=TODAY, **owner)
    with pytest.raises(granting.PlaceOutOfReach):
        operations.change_staff(staff=cast["clerk"], values={"title": "店员"}, **manager)


def test_somebody_shared_by_two_stores_is_released_only_from_above(cast, manager, owner, now):
    clerk = cast["clerk"]
    other = operations.post_staff(
        staff=clerk, role=role_named("CLERK"), store=cast.road, from_date=TODAY, **owner
    )
    with pytest.raises(granting.PlaceOutOfReach):
        operations.release_staff(staff=clerk, left_on=NEXT_MONTH, **manager)
    with pytest.raises(granting.PlaceOutOfReach):
        operations.end_posting(posting=other, to_date=NEXT_MONTH, **manager)
    operations.end_posting(posting=clerk.postings.get(store=cast.lake), to_date=NEXT_MONTH, **manager)
    operations.release_staff(staff=clerk, left_on=NEXT_MONTH, actor=cast.actor("region"), now=now)


# --- postings --------------------------------------------------------------------------------------------------------
def post(cast, who, username="clerk", **more):
    values = {"role": role_named("CLERK"), "store": cast.lake, "from_date": NEXT_MONTH} | more
    return operations.post_staff(staff=cast[username], **values, **who)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"to_date": NEXT_MONTH, "store": "road"}, postings.PostingEndsBeforeStart),
        ({"from_date": FIRST_DAY - timedelta(days=1), "store": "road"}, postings.NotEmployed),
        ({}, postings.PostedTwice),
        ({"from_date": date(2025, 1, 1)}, postings.NotEmployed),
    ],
)
def test_a_posting_that_cannot_be_is_refused_by_name(cast, owner, change, error):
    if "store" in change:
        change = change | {"store": getattr(cast, change["store"])}
    with pytest.raises(error):
        post(cast, owner, **change)


def test_the_same_posting_may_follow_itself_but_not_overlap(cast, owner):
    operations.end_posting(posting=cast["clerk"].postings.get(), to_date=TOMORROW, **owner)
    with pytest.raises(postings.PostedTwice):
        post(cast, owner, from_date=TODAY)
    post(cast, owner, from_date=TOMORROW, to_date=NEXT_MONTH)
    post(cast, owner, from_date=NEXT_MONTH)


def test_the_database_itself_refuses_the_same_posting_twice(cast):
    row = cast["clerk"].postings.get()
    with pytest.raises(IntegrityError, match="posting_once_at_a_time"), transaction.atomic():
        Posting.objects.create(staff=row.staff, role=row.role, store=row.store, from_date=NEXT_MONTH)
    # Another role, another place, another time are different postings.
    Posting.objects.create(staff=row.staff, role=role_named("MARKETER"), store=row.store, from_date=TODAY)
    Posting.objects.create(staff=row.staff, role=row.role, store=cast.road, from_date=TODAY)
    Posting.objects.create(staff=row.staff, role=row.role, from_date=TODAY)
    Posting.objects.create(
        staff=row.staff, role=row.role, store=row.store, from_date=date(2025, 1, 1), to_date=FIRST_DAY
    )


def test_a_posting_to_come_is_taken_back_whole(cast, owner):
    coming = post(cast, owner, store=cast.road)
    operations.end_posting(posting=coming, to_date=TODAY, **owner)
    assert not Posting.objects.filter(pk=coming.pk).exists()
    with pytest.raises(postings.PostingEndsBeforeStart):
        operations.end_posting(posting=cast["clerk"].postings.get(), to_date=FIRST_DAY, **owner)


def test_an_ended_posting_is_not_prolonged_by_ending_it_later(cast, owner):
    posting = cast["clerk"].postings.get()
    operations.end_posting(posting=posting, to_date=TOMORROW, **owner)
    with pytest.raises(postings.PostingEndsAlready):
        operations.end_posting(posting=posting, to_date=NEXT_MONTH, **owner)
    with pytest.raises(postings.PostingEndsAlready):
        operations.transfer_staff(posting=posting, store=cast.road, from_date=NEXT_MONTH, **owner)


def test_a_transfer_moves_what_the_person_sees_on_the_day(cast, owner, now):
    moved = operations.transfer_staff(
        posting=cast["clerk"].postings.get(), store=cast.road, from_date=TOMORROW, **owner
    )
    assert cast.actor("clerk").stores_for("stores.view_organisation") == {cast.lake.pk}
    tomorrow = cast.actor("clerk", now=now + timedelta(days=1))
    assert tomorrow.stores_for("stores.view_organisation") == {cast.road.pk}
    assert (moved.role.code, moved.to_date) == ("CLERK", None)
    with pytest.raises(postings.SameStore):
        operations.transfer_staff(posting=moved, store=cast.road, from_date=NEXT_MONTH, **owner)


def test_a_transfer_keeps_the_end_of_a_posting_for_a_time(cast, owner):
    for_a_time = post(cast, owner, store=cast.road, from_date=TODAY, to_date=NEXT_MONTH)
    moved = operations.transfer_staff(posting=for_a_time, store=cast.harbour, from_date=TOMORROW, **owner)
    assert moved.to_date == NEXT_MONTH


def test_a_manager_transfers_nobody_into_a_store_of_others(cast, manager):
    with pytest.raises(granting.PlaceOutOfReach):
        operations.transfer_staff(
            posting=cast["clerk"].postings.get(), store=cast.road, from_date=TOMORROW, **manager
        )


# --- the last administrator ------------------------------------------------------------------------------------------
@pytest.fixture
def only_admin(cast, now):
    """The owner's posting is over, so one administrator is left."""
    posting = cast["owner"].postings.get()
    operations.end_posting(posting=posting, to_date=TODAY, actor=SYSTEM, now=now)
    return cast["admin"].postings.get()


@pytest.mark.parametrize("day", [TODAY, NEXT_MONTH])
def test_the_last_administrator_stays_now_and_later(cast, only_admin, system, now, day):
    with pytest.raises(granting.LastAdministrator) as last:
        operations.end_posting(posting=only_admin, to_date=day, actor=system, now=now)
    assert last.value.params["day"] == day
    with pytest.raises(granting.LastAdministrator):
        operations.release_staff(staff=cast["admin"], left_on=day, actor=system, now=now)
    with pytest.raises(granting.LastAdministrator):
        operations.transfer_staff(
            posting=only_admin,
            store=cast.lake,
            role=role_named("CLERK"),
            from_date=day,
            actor=system,
            now=now,
        )


def test_an_administrator_for_a_time_does_not_count_beyond_it(cast, only_admin, system, now):
    who = {"actor": system, "now": now}
    operations.post_staff(
        staff=cast["clerk"], role=role_named("OWNER"), from_date=TODAY, to_date=NEXT_MONTH, **who
    )
    with pytest.raises(granting.LastAdministrator) as last:
        operations.end_posting(posting=only_admin, to_date=TOMORROW, **who)
    assert last.value.params["day"] == NEXT_MONTH
    operations.post_staff(staff=cast["manager"], role=role_named("OWNER"), from_date=NEXT_MONTH, **who)
    operations.end_posting(posting=only_admin, to_date=TOMORROW, **who)


def test_a_gap_before_the_next_administrator_begins_is_refused(cast, only_admin, system, now):
    who = {"actor": system, "now": now}
    operations.post_staff(staff=cast["clerk"], role=role_named("OWNER"), from_date=NEXT_MONTH, **who)
    with pytest.raises(granting.LastAdministrator):
        operations.end_posting(posting=only_admin, to_date=TOMORROW, **who)
    operations.end_posting(posting=only_admin, to_date=NEXT_MONTH, **who)


def test_a_disabled_account_does_not_count_as_administrator(cast, system, now):
    User.objects.filter(pk=cast["owner"].user_id).update(is_active=False)
    with pytest.raises(granting.LastAdministrator):
        operations.end_posting(
            posting=cast["admin"].postings.get(), to_date=NEXT_MONTH, actor=system, now=now
        )


def test_ending_a_clerks_posting_asks_nothing_of_administrators(cast, only_admin, manager):
    User.objects.filter(pk=cast["admin"].user_id).update(is_active=False)
    ended = operations.end_posting(posting=cast["clerk"].postings.get(), to_date=NEXT_MONTH, **manager)
    assert ended.to_date == NEXT_MONTH


# --- leaving ---------------------------------------------------------------------------------------------------------
def test_who_leaves_today_hands_over_and_can_no_longer_sign_in(cast, manager, tasks):
    clerk = cast["clerk"]
    tasks[clerk.user_id] = 3
    with pytest.raises(leaving.SuccessorMissing, match="3 个任务"):
        operations.release_staff(staff=clerk, left_on=TODAY, **manager)
    operations.release_staff(staff=clerk, left_on=TODAY, successor=cast["manager"], **manager)
    clerk = Staff.objects.select_related("user").get(pk=clerk.pk)
    assert (clerk.left_on, clerk.user.is_active) == (TODAY, False)
    assert tasks == {cast["manager"].user_id: 3}
    assert clerk.postings.get().to_date == TODAY
    event = Event.objects.filter(kind="stores.staff_released").get()
    assert event.data["moved"] == {"tasks": 3}


def test_who_leaves_later_works_on_and_hands_over_on_the_day(cast, manager, tasks, now):
    clerk, successor = cast["clerk"], cast["manager"]
    tasks[clerk.user_id] = 1
    operations.release_staff(staff=clerk, left_on=NEXT_MONTH, successor=successor, **manager)
    tasks[clerk.user_id] += 4  # taken on while working out the notice
    assert User.objects.get(pk=clerk.user_id).is_active
    almost = now + timedelta(days=29)
    assert operations.end_due_employments(actor=SYSTEM, now=almost) == 0
    # 16:00 UTC is midnight in Shanghai: the day has come there first.
    due = now.replace(month=12, day=20, hour=16, minute=0)
    assert operations.end_due_employments(actor=SYSTEM, now=due) == 1
    assert operations.end_due_employments(actor=SYSTEM, now=due) == 0
    assert tasks == {successor.user_id: 5}
    assert not User.objects.get(pk=clerk.user_id).is_active


def test_a_release_is_corrected_and_taken_back(cast, owner, tasks):
    clerk = cast["clerk"]
    operations.release_staff(staff=clerk, left_on=NEXT_MONTH, **owner)
    operations.release_staff(staff=clerk, left_on=TODAY, successor=cast["manager"], **owner)
    assert not User.objects.get(pk=clerk.user_id).is_active
    kept = operations.keep_staff(staff=clerk, **owner)
    assert (kept.left_on, kept.successor) == (None, None)
    assert User.objects.get(pk=clerk.user_id).is_active
    post(cast, owner, from_date=TOMORROW)
    with pytest.raises(leaving.NotLeaving):
        operations.keep_staff(staff=clerk, **owner)


def test_what_a_leaver_comes_to_hold_afterwards_can_still_be_handed_over(cast, owner, tasks):
    clerk = cast["clerk"]
    operations.release_staff(staff=clerk, left_on=TODAY, **owner)
    tasks[clerk.user_id] = 2
    operations.release_staff(staff=clerk, left_on=TODAY, successor=cast["manager"], **owner)
    assert tasks == {cast["manager"].user_id: 2}


def test_the_successor_stays_and_is_somebody_else(cast, owner, tasks):
    clerk, manager = cast["clerk"], cast["manager"]
    operations.release_staff(staff=manager, left_on=NEXT_MONTH, successor=clerk, **owner)
    for unsuitable in (clerk, manager):
        with pytest.raises(leaving.SuccessorUnsuitable):
            operations.release_staff(staff=clerk, left_on=NEXT_MONTH, successor=unsuitable, **owner)


def test_nobody_releases_themselves_or_leaves_before_being_hired(cast, owner, manager):
    with pytest.raises(leaving.OwnRelease):
        operations.release_staff(staff=cast["owner"], left_on=TODAY, **owner)
    with pytest.raises(leaving.LeavesBeforeHired):
        operations.release_staff(staff=cast["clerk"], left_on=FIRST_DAY, **owner)


def test_a_posting_never_outlasts_the_employment(cast, owner):
    clerk = cast["clerk"]
    coming = post(cast, owner, store=cast.road)
    operations.release_staff(staff=clerk, left_on=TOMORROW, **owner)
    assert not Posting.objects.filter(pk=coming.pk).exists()
    assert post(cast, owner, store=cast.road, from_date=TODAY).to_date == TOMORROW
    with pytest.raises(postings.NotEmployed):
        post(cast, owner, store=cast.harbour, from_date=TOMORROW)
