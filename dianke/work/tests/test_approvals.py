"""Four eyes: the change that happens is the one that was asked for, and another person let it happen, once."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from dianke.access.models import Role
from dianke.core.actor import PermissionRefused
from dianke.events.models import Event
from dianke.stores.models import Posting, Store
from dianke.stores.operations import close_store, hire_staff, post_staff, release_staff
from dianke.stores.operations.places import StoreStillStaffed
from dianke.web.models import Export
from dianke.web.operations import request_export
from dianke.work import operations
from dianke.work.models import Approval, Task
from dianke.work.operations.approvals import (
    AlreadyDecided,
    ApprovalExpired,
    ApprovalNotFound,
    ApprovalOvertaken,
    ApprovalTampered,
    MakerCannotDecide,
    NobodyCanDecide,
    NotTheChecker,
    OnlyMakerWithdraws,
    ReasonMissing,
)
from dianke.work.operations.policies import (
    ApprovalNeeded,
    ArgumentsUnusable,
    GoesAroundApproval,
    OperationNotApprovable,
    read_token,
)
from dianke.work.rules.approvals import canonical, digest
from dianke.work.tests.conftest import make_cast

CLOSE = "stores.close_store"


@pytest.fixture
def ask_to_close(cast, now, system):
    """王 asks to close 徐汇店 after its people are gone; 郭 can decide."""
    operations.set_policy(operation=CLOSE, actor=system, now=now)
    return lambda by="wang", reason="租约到期": ask(cast, by, reason, now)


def ask(cast, by, reason, now):
    store = cast.stores["xuhui"]
    Posting.objects.filter(store=store).update(to_date=date(2026, 11, 30))
    with pytest.raises(ApprovalNeeded) as needed:
        close_store(store=store, closed_on=date(2026, 12, 1), actor=cast.actor(by), now=now)
    operation, arguments = read_token(needed.value.token, cast.actor(by))
    return operations.request_approval(
        operation=operation, arguments=arguments, reason=reason, actor=cast.actor(by), now=now
    )


def decide(cast, approval, by, now, *, is_approved=True, sha256=None, note=""):
    return operations.decide(
        approval=approval,
        is_approved=is_approved,
        sha256=sha256 or approval.sha256,
        note=note,
        actor=cast.actor(by),
        now=now,
    )


def test_without_a_policy_nobody_is_asked(cast, now):
    store = cast.stores["xuhui"]
    Posting.objects.filter(store=store).update(to_date=date(2026, 11, 30))
    closed = close_store(store=store, closed_on=date(2026, 12, 1), actor=cast.actor("wang"), now=now)
    assert closed.closed_on == date(2026, 12, 1)


def test_a_change_under_policy_waits_and_then_happens_exactly(cast, now, ask_to_close):
    approval = ask_to_close()
    store = Store.objects.get(code="XUHU")
    assert store.closed_on is None
    assert approval.sha256 == digest(CLOSE, canonical({"store": store.pk, "closed_on": "2026-12-01"}))
    assert decide(cast, approval, "guo", now).outcome == "APPROVED"
    store.refresh_from_db()
    assert store.closed_on == date(2026, 12, 1)
    kinds = list(
        Event.objects.filter(subjects__contains=[f"stores.store:{store.pk}"])
        .order_by("pk")
        .values_list("kind", "user_id")
    )
    wang, guo = cast.users["wang"].pk, cast.users["guo"].pk
    assert kinds == [
        ("work.approval_requested", wang),
        ("stores.store_closed", guo),
        ("work.approval_approved", guo),
    ]


def test_the_system_is_not_asked(cast, now, system, ask_to_close):
    Posting.objects.filter(store=cast.stores["xuhui"]).update(to_date=date(2026, 11, 30))
    assert close_store(
        store=cast.stores["xuhui"], closed_on=date(2026, 12, 1), actor=system, now=now
    ).closed_on


def test_asking_twice_is_asking_once(cast, now, ask_to_close):
    first = ask_to_close()
    assert ask_to_close().pk == first.pk
    assert Task.objects.filter(kind="approval").count() == 1


def test_a_reason_is_wanted(ask_to_close):
    with pytest.raises(ReasonMissing):
        ask_to_close(reason="  ")


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("wang", MakerCannotDecide),
        ("chen", ApprovalNotFound),
        ("zhao", ApprovalNotFound),  # leads the store, but may not close it
        ("li", PermissionRefused),
    ],
)
def test_only_another_person_with_the_right_decides(cast, now, ask_to_close, by, error):
    approval = ask_to_close()
    with pytest.raises(error):
        decide(cast, approval, by, now)
    assert Store.objects.get(code="XUHU").closed_on is None
    assert Approval.objects.get().is_pending


def test_seeing_a_request_is_not_deciding_it(cast, now, ask_to_close):
    approval = ask_to_close()
    he = cast.actor("he")
    assert list(Approval.objects.visible_to(he)) == [approval]
    assert not Approval.objects.decidable_by(he).exists()


def test_the_database_itself_refuses_a_maker_as_checker(ask_to_close, now):
    approval = ask_to_close()
    with pytest.raises(IntegrityError, match="work_approval_checker_is_not_maker"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            outcome="APPROVED", closed_at=now, closed_by=approval.requested_by_id
        )


def test_named_checkers_and_nobody_else_decide(cast, now, system, ask_to_close):
    operations.set_policy(operation=CLOSE, checker_ids=[cast.users["wang"].pk], actor=system, now=now)
    approval = ask_to_close(by="guo")
    other = hire_staff(
        username="owner2",
        name="王二",
        number="S900",
        legal_entity=cast.staff["wang"].legal_entity,
        hired_on=date(2021, 3, 1),
        role=Role.objects.get(code="OWNER"),
        actor=system,
        now=now,
    )
    cast.users["second"] = other.user
    with pytest.raises(NotTheChecker):
        decide(cast, approval, "second", now)
    assert decide(cast, approval, "wang", now).outcome == "APPROVED"


def test_where_nobody_else_could_decide_asking_says_so(cast, now, ask_to_close):
    cast.users["guo"].is_active = False
    cast.users["guo"].save()
    with pytest.raises(NobodyCanDecide):
        ask_to_close()


def test_a_refusal_wants_a_reason_and_changes_nothing(cast, now, ask_to_close):
    approval = ask_to_close()
    with pytest.raises(ReasonMissing):
        decide(cast, approval, "guo", now, is_approved=False)
    refused = decide(cast, approval, "guo", now, is_approved=False, note="先谈续租")
    assert (refused.outcome, refused.decision_note) == ("REFUSED", "先谈续租")
    assert Store.objects.get(code="XUHU").closed_on is None


def test_a_subject_that_changed_has_to_be_asked_for_again(cast, now, ask_to_close):
    approval = ask_to_close()
    Store.objects.filter(code="XUHU").update(short_name="徐汇旗舰店")
    with pytest.raises(ApprovalOvertaken):
        decide(cast, approval, "guo", now)
    assert Approval.objects.get().outcome == "OVERTAKEN"
    assert not Task.objects.open().filter(kind="approval").exists()
    assert ask_to_close().is_pending


@pytest.mark.parametrize("rehash", [False, True])
def test_arguments_changed_in_the_database_are_found(cast, now, ask_to_close, rehash):
    approval = ask_to_close()
    forged = canonical({"store": cast.stores["jingan"].pk, "closed_on": "2026-12-01"})
    changes = {"arguments": forged} | ({"sha256": digest(CLOSE, forged)} if rehash else {})
    Approval.objects.filter(pk=approval.pk).update(**changes)
    approval.refresh_from_db()
    with pytest.raises(ApprovalTampered):
        decide(cast, approval, "guo", now)
    assert not Store.objects.exclude(closed_on=None).exists()


def test_what_the_checker_saw_is_what_counts(cast, now, ask_to_close):
    with pytest.raises(ApprovalTampered):
        decide(cast, ask_to_close(), "guo", now, sha256="0" * 64)


def test_a_request_expires(cast, now, system, ask_to_close):
    approval = ask_to_close()
    later = now + timedelta(hours=73)
    with pytest.raises(ApprovalExpired):
        decide(cast, approval, "guo", later)
    assert operations.expire_approvals(actor=system, now=later) == 1
    assert operations.expire_approvals(actor=system, now=later) == 0
    assert Approval.objects.get().outcome == "EXPIRED"


def test_only_the_maker_withdraws(cast, now, ask_to_close):
    approval = ask_to_close()
    with pytest.raises(OnlyMakerWithdraws):
        operations.withdraw_approval(approval=approval, actor=cast.actor("guo"), now=now)
    withdrawn = operations.withdraw_approval(approval=approval, actor=cast.actor("wang"), now=now)
    assert withdrawn.outcome == "WITHDRAWN"
    with pytest.raises(AlreadyDecided):
        decide(cast, approval, "guo", now)


def test_if_the_operation_itself_refuses_the_request_waits_on(cast, now, ask_to_close):
    approval = ask_to_close()
    Posting.objects.filter(store=cast.stores["xuhui"]).update(to_date=None)
    with pytest.raises(StoreStillStaffed):
        decide(cast, approval, "guo", now)
    assert Approval.objects.get().is_pending
    assert not Event.objects.filter(kind="work.approval_approved").exists()


def test_a_token_is_only_good_for_who_it_was_made_for(cast, now, ask_to_close):
    with pytest.raises(ApprovalNeeded) as needed:
        close_store(
            store=cast.stores["xuhui"], closed_on=date(2026, 12, 1), actor=cast.actor("wang"), now=now
        )
    with pytest.raises(ArgumentsUnusable):
        read_token(needed.value.token, cast.actor("guo"))
    with pytest.raises(ArgumentsUnusable):
        read_token(needed.value.token + "x", cast.actor("wang"))


@pytest.mark.parametrize(
    "wrong", [{"store": None}, {"store": "x"}, {"closed_on": "soon"}, {"closed_on": None}]
)
def test_unreadable_arguments_are_refused(cast, now, wrong):
    arguments = {"store": cast.stores["xuhui"].pk, "closed_on": "2026-12-01", **wrong}
    with pytest.raises(ArgumentsUnusable):
        operations.request_approval(
            operation=CLOSE, arguments=arguments, reason="x", actor=cast.actor("wang"), now=now
        )


def test_not_every_operation_takes_approval(cast, now):
    with pytest.raises(OperationNotApprovable):
        operations.request_approval(
            operation="work.create_task", arguments={}, reason="x", actor=cast.actor("wang"), now=now
        )


# --- the other operations ---
def test_granting_a_role_is_approved_by_another_leader(cast, now, system):
    operations.set_policy(operation="stores.post_staff", actor=system, now=now)
    manager = Role.objects.get(code="STORE_MANAGER")
    common = {
        "staff": cast.staff["li"],
        "role": manager,
        "store": cast.stores["jingan"],
        "from_date": date(2026, 12, 1),
    }
    with pytest.raises(ApprovalNeeded) as needed:
        post_staff(**common, actor=cast.actor("chen"), now=now)
    operation, arguments = read_token(needed.value.token, cast.actor("chen"))
    approval = operations.request_approval(
        operation=operation, arguments=arguments, reason="代理店长", actor=cast.actor("chen"), now=now
    )
    with pytest.raises(ApprovalNotFound):
        decide(cast, approval, "zhao", now)  # a leader, of another store
    decide(cast, approval, "wang", now)
    assert Posting.objects.filter(staff=cast.staff["li"], role=manager, store=cast.stores["jingan"]).exists()


def test_hiring_with_a_role_does_not_go_around_granting_it(cast, now, system):
    operations.set_policy(operation="stores.post_staff", actor=system, now=now)
    common = {
        "username": "new",
        "name": "新人",
        "number": "S901",
        "legal_entity": cast.staff["li"].legal_entity,
        "hired_on": date(2026, 11, 1),
        "actor": cast.actor("wang"),
        "now": now,
    }
    with pytest.raises(GoesAroundApproval):
        hire_staff(**common, role=Role.objects.get(code="CLERK"), store=cast.stores["jingan"])
    assert hire_staff(**common).pk


def test_a_role_that_grew_meanwhile_is_not_granted(cast, now, system):
    operations.set_policy(operation="stores.post_staff", actor=system, now=now)
    role = Role.objects.create(code="CUSTOM_1", name="仓管", scope="STORE", permissions=["work.view_tasks"])
    with pytest.raises(ApprovalNeeded) as needed:
        post_staff(
            staff=cast.staff["li"],
            role=role,
            store=cast.stores["jingan"],
            from_date=date(2026, 12, 1),
            actor=cast.actor("chen"),
            now=now,
        )
    operation, arguments = read_token(needed.value.token, cast.actor("chen"))
    approval = operations.request_approval(
        operation=operation, arguments=arguments, reason="x", actor=cast.actor("chen"), now=now
    )
    Role.objects.filter(pk=role.pk).update(permissions=["work.view_tasks", "access.manage_users"])
    with pytest.raises(ApprovalOvertaken):
        decide(cast, approval, "wang", now)


def test_letting_somebody_go_is_approved(cast, now, system):
    operations.set_policy(operation="stores.release_staff", actor=system, now=now)
    with pytest.raises(ApprovalNeeded) as needed:
        release_staff(staff=cast.staff["sun"], left_on=date(2026, 12, 1), actor=cast.actor("zhao"), now=now)
    operation, arguments = read_token(needed.value.token, cast.actor("zhao"))
    approval = operations.request_approval(
        operation=operation, arguments=arguments, reason="本人申请", actor=cast.actor("zhao"), now=now
    )
    decide(cast, approval, "wang", now)
    cast.staff["sun"].refresh_from_db()
    assert cast.staff["sun"].left_on == date(2026, 12, 1)


@pytest.mark.parametrize(("rows", "is_asked"), [(499, False), (500, True)])
def test_only_exports_from_the_limit_on_are_approved(cast, now, system, rows, is_asked):
    operations.set_policy(operation="web.request_export", limit=Decimal(500), actor=system, now=now)
    common = {"list_code": "work.tasks", "query": "", "format": "xlsx", "total_count": rows}
    if not is_asked:
        assert request_export(**common, actor=cast.actor("chen"), now=now).total_count == rows
        return
    with pytest.raises(ApprovalNeeded) as needed:
        request_export(**common, actor=cast.actor("chen"), now=now)
    operation, arguments = read_token(needed.value.token, cast.actor("chen"))
    approval = operations.request_approval(
        operation=operation, arguments=arguments, reason="月度盘点", actor=cast.actor("chen"), now=now
    )
    decided = decide(cast, approval, "wang", now)
    made = Export.objects.get()
    assert made.user == cast.users["chen"]  # the file belongs to who asked for it
    assert decided.result_url == f"/exports/{made.pk}/"


def test_loosening_a_policy_takes_a_second_person_too(cast, now, system):
    operations.set_policy(operation="work.set_policy", actor=system, now=now)
    with pytest.raises(ApprovalNeeded):
        operations.set_policy(operation=CLOSE, is_active=False, actor=cast.actor("wang"), now=now)


# --- two at once ---
def both_at_once(first, second):
    """Run two functions in threads with connections of their own; their results or errors."""
    results: list[object] = [None, None]

    def run(index, function):
        try:
            results[index] = function()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, f)) for i, f in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.fixture
def waiting_export(transactional_db, now, system):
    cast = make_cast(now)
    operations.set_policy(operation="web.request_export", actor=system, now=now)
    arguments = {"list_code": "work.tasks", "query": "", "format": "csv", "total_count": 900}
    approval = operations.request_approval(
        operation="web.request_export", arguments=arguments, reason="对账", actor=cast.actor("chen"), now=now
    )
    return cast, approval


def test_of_two_checkers_at_once_one_decides(waiting_export, now):
    cast, approval = waiting_export
    results = both_at_once(
        lambda: decide(cast, approval, "wang", now), lambda: decide(cast, approval, "guo", now)
    )
    assert sorted(type(result).__name__ for result in results) == ["AlreadyDecided", "Approval"]
    assert Export.objects.count() == 1
    assert Event.objects.filter(kind="work.approval_approved").count() == 1


def test_without_the_lock_both_would_decide(waiting_export, now, monkeypatch):
    """The control of the test above: the race is there, and the lock is what ends it."""
    cast, approval = waiting_export
    meet = threading.Barrier(2, timeout=20)

    def unlocked(found, actor, at):
        row = Approval.objects.get(pk=found.pk)
        meet.wait()
        return row

    monkeypatch.setattr(operations.approvals, "_locked", unlocked)
    monkeypatch.setattr(operations.approvals, "complete_task", lambda **_: None)
    both_at_once(lambda: decide(cast, approval, "wang", now), lambda: decide(cast, approval, "guo", now))
    assert Export.objects.count() == 2


def test_a_decision_and_a_withdrawal_at_once_end_in_one(waiting_export, now):
    cast, approval = waiting_export
    results = both_at_once(
        lambda: decide(cast, approval, "wang", now),
        lambda: operations.withdraw_approval(approval=approval, actor=cast.actor("chen"), now=now),
    )
    outcome = Approval.objects.get().outcome
    assert sorted(type(result).__name__ for result in results) == ["AlreadyDecided", "Approval"]
    assert Export.objects.count() == (1 if outcome == "APPROVED" else 0)


def test_canonical_arguments_are_the_same_whatever_the_order():
    assert (
        canonical({"b": 1, "a": "静"}) == canonical(json.loads('{"a": "静", "b": 1}')) == '{"a":"静","b":1}'
    )
