"""Erasing for good: two people, blockers, what is destroyed and what stays; nothing left to find, even in a backup."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from dianke.core.actor import SYSTEM
from dianke.core.data_keys import DataKeyDestroyed
from dianke.core.database.places import server_programs, server_user
from dianke.core.keys import keyring
from dianke.customers.models import (
    Address,
    CareOccasion,
    CareRule,
    Collaborator,
    ContactPoint,
    Customer,
    CustomerFile,
    Household,
    ImportantDate,
    MatchPair,
    Merge,
    PortalSession,
    Relation,
    RequestState,
    RightsRequest,
    SourceRecord,
    State,
    Tagging,
)
from dianke.customers.operations import care, rights
from dianke.customers.operations.erasure import (
    ErasureBlocked,
    NotAnErasure,
    SecondPersonNeeded,
    erase_customer,
)
from dianke.customers.operations.notes import add_note
from dianke.customers.queries import rights as queries
from dianke.customers.queries.rights import Blocker, certificate_of
from dianke.customers.tasks import make_all_care_tasks
from dianke.customers.tests.cast import make_customer
from dianke.events.models import Event
from dianke.events.testing import deliver_events
from dianke.stores.tests.cast import Cast
from dianke.work.models import Approval, Task
from dianke.work.operations import ApprovalNeeded, add_comment, decide, request_approval
from dianke.work.operations.approvals import ApprovalOvertaken, MakerCannotDecide

ERASE = "customers.erase_customer"


def asked(cast: Cast, customer: Customer, now: datetime) -> RightsRequest:
    """A request of erasure by a customer whose identity was checked."""
    return rights.open_request(
        customer=customer,
        kind="ERASURE",
        channel="COUNTER",
        identity_checked_how="DOCUMENT",
        actor=cast.actor("manager"),
        now=now,
    )


def wanted(cast: Cast, request: RightsRequest, now: datetime, maker: str = "owner") -> Approval:
    return request_approval(
        operation=ERASE,
        arguments={"request": request.pk},
        reason="顾客要求注销",
        actor=cast.actor(maker),
        now=now,
    )


def agreed(cast: Cast, approval: Approval, now: datetime, checker: str = "admin") -> Approval:
    return decide(
        approval=approval, is_approved=True, sha256=approval.sha256, actor=cast.actor(checker), now=now
    )


def erased(cast: Cast, customer: Customer, now: datetime) -> RightsRequest:
    request = asked(cast, customer, now)
    agreed(cast, wanted(cast, request, now), now)
    request.refresh_from_db()
    return request


# --- who decides ---------------------------------------------------------------------------------------------
def test_erasing_takes_two_people(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", "13812345678", store=cast.lake)
    request = asked(cast, customer, now)
    with pytest.raises(SecondPersonNeeded):
        erase_customer(request=request, actor=cast.actor("owner"), now=now)
    approval = wanted(cast, request, now)
    assert "王" not in approval.summary + str(approval.lines)
    with pytest.raises(MakerCannotDecide):
        agreed(cast, approval, now, checker="owner")
    assert Customer.objects.get(pk=customer.pk).name == "王小美"
    agreed(cast, approval, now)
    request.refresh_from_db()
    assert request.state == RequestState.DONE
    assert Event.objects.get(kind="customers.customer_erased").data["two_people"] is True


def test_where_only_one_person_may_that_person_does_it_alone_and_the_log_says_so(
    cast: Cast, now: datetime
) -> None:
    customer = make_customer("王小美", store=cast.lake)
    request = asked(cast, customer, now)
    from dianke.stores.models import Posting

    Posting.objects.filter(staff=cast["admin"]).delete()
    erase_customer(request=request, actor=cast.actor("owner"), now=now)
    assert Event.objects.get(kind="customers.customer_erased").data["two_people"] is False


def test_an_approval_is_overtaken_when_the_profile_changed(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake)
    request = asked(cast, customer, now)
    approval = wanted(cast, request, now)
    make_customer("王小美", merged_into=customer, state="ERASING")
    with pytest.raises(ApprovalOvertaken):
        agreed(cast, approval, now)
    assert Customer.objects.get(pk=customer.pk).state == State.ERASING


def test_a_policy_of_the_merchant_changes_nothing_about_it(cast: Cast, now: datetime) -> None:
    from dianke.work.operations import set_policy

    set_policy(operation=ERASE, actor=SYSTEM, now=now)
    request = asked(cast, make_customer("王小美", store=cast.lake), now)
    with pytest.raises(ApprovalNeeded):
        erase_customer(request=request, actor=cast.actor("owner"), now=now)


def test_other_rooms_can_hold_an_erasure_up(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_blockers", {})
    queries.register_erasure_blocker("wallets", lambda ids: [Blocker("储值余额 ¥120.00 未退")])
    customer = make_customer("王小美", store=cast.lake)
    approval = wanted(cast, asked(cast, customer, now), now)
    with pytest.raises(ErasureBlocked, match="储值余额"):
        agreed(cast, approval, now)
    monkeypatch.setattr(queries, "_blockers", {})
    agreed(cast, approval, now)
    assert Customer.objects.get(pk=customer.pk).state == State.ERASED


def test_only_a_request_of_erasure_erases(cast: Cast, now: datetime) -> None:
    request = rights.open_request(
        customer=make_customer("王小美", store=cast.lake),
        kind="ACCESS",
        channel="COUNTER",
        actor=SYSTEM,
        now=now,
    )
    with pytest.raises(NotAnErasure):
        erase_customer(request=request, actor=cast.actor("owner"), now=now)


# --- what is destroyed ---------------------------------------------------------------------------------------
NAME, ALIAS, JOB, CODE = "欧阳菲菲", "菲姐", "钢琴教师", "91330106MA2XYZ1234"
PHONE, MAIL, WECHAT, STREET = "13877665544", "feifei@example.com", "feifei_1990", "文三路九十九号"
OUYANG = "ouyang"  # of the search words


def full_customer(cast: Cast, now: datetime) -> Customer:
    """Somebody about whom every table of the room says something."""
    head = make_customer(
        NAME,
        PHONE,
        email=MAIL,
        contacts={"WECHAT": WECHAT},
        aliases=ALIAS,
        gender="F",
        credit_code=CODE,
        lunar_birthday=(1990, 10, 15, False),
        address=("浙江省", "杭州市", "西湖区", STREET),
        store=cast.lake,
        owner=cast["clerk"].user,
        shared_with=[cast.road],
        tags=["贵宾"],
        consents={("MARKETING", "SMS"): True},
        custom={"stage_name": ALIAS},
        sensitive={"skin": "花粉疹"},
        note=f"{NAME}喜欢靠窗",
        external_id="taobao-feifei",
        member_number=PHONE,
    )
    joined = make_customer(NAME, "13877665545", merged_into=head, store=cast.lake)
    other = make_customer("丈夫", "13900001111", store=cast.lake)
    Customer.objects.filter(pk=head.pk).update(occupation=JOB)
    record = SourceRecord.objects.get(customer=head)
    Relation.objects.create(customer=head, other=other, kind="SPOUSE", title=f"{NAME}之夫", since=now)
    Household.objects.create(name=f"{NAME}一家").members.add(head)
    Collaborator.objects.create(customer=head, user=cast["colleague"].user, since=now)
    ImportantDate.objects.create(
        customer=head, record=record, kind="CHILD", label="菲菲的宝宝", month=11, day=22, text="菲菲"
    )
    left, right = sorted([head.pk, other.pk])
    MatchPair.objects.create(
        left_id=left,
        right_id=right,
        probability=0.6,
        weight=2.0,
        parts=[{"comparison": "name", "left": NAME}],
        model_version="1",
        found_at=now,
    )
    Merge.objects.create(
        kept=head, joined=joined, moved=[joined.pk], before={"name": NAME}, why="HAND", at=now
    )
    PortalSession.objects.create(
        customer=head,
        token_hash=b"x",
        device="菲菲的 iPhone",
        created_at=now,
        last_used_at=now,
        expires_at=now,
    )
    CustomerFile.objects.create(
        key=head.key,
        customer=head,
        name=f"{NAME}合同.pdf",
        content_type="application/pdf",
        size=3,
        added_by=cast["clerk"].user,
        added_at=now,
    )
    add_note(customer=head, text=f"{NAME}周三来", kind="NOTE", actor=cast.actor("clerk"), now=now)
    care.make_care_rule(values={"title": "生日祝福", "days_before": 7}, actor=SYSTEM, now=now)
    make_all_care_tasks(now)
    task = Task.objects.get(kind="care_date")
    assert NAME in task.title
    add_comment(task=task, text=f"{NAME}说周三来", mention_ids=[], actor=cast.actor("clerk"), now=now)
    rights.open_request(
        customer=head, kind="CORRECTION", channel="COUNTER", details=f"{NAME}改地址", actor=SYSTEM, now=now
    )
    return head


def test_nothing_of_the_person_is_left_to_read(cast: Cast, now: datetime) -> None:
    head = full_customer(cast, now)
    request = erased(cast, head, now)
    for member in Customer.objects.cluster(head.pk):
        assert (member.state, member.name, member.aliases, member.search_words) == (State.ERASED, "", "", "")
        assert (member.member_number, member.note, member.sensitive, member.custom) == (
            f"#{member.pk}",
            None,
            None,
            {},
        )
        assert str(member.pk) in str(member)
    assert not ContactPoint.objects.current().filter(customer=head).exists()
    assert not ContactPoint.objects.holding("PHONE", f"+86{PHONE}").exists()
    for model in (ImportantDate, Tagging, Collaborator, CareOccasion):
        assert not model.objects.filter(customer=head).exists()
    assert not Relation.objects.exists()
    assert Address.objects.get(customer=head).province == ""
    assert PortalSession.objects.get().ended_at == now
    assert CareRule.objects.count() == 1
    task = Task.objects.get(kind="care_date")
    assert NAME not in task.title
    assert task.cancelled_at == now
    certificate = certificate_of(request)
    assert certificate is not None
    assert {"tags", "dates", "files"} <= set(certificate["event"].data["erased"])
    assert len(certificate["destroyed"]) >= 10
    assert certificate["event"].data["erased"]["identities"] == 2
    # The other person of the relation is untouched.
    assert ContactPoint.objects.current().filter(customer__name="丈夫").get().value == "+8613900001111"


def test_a_second_erasure_or_request_finds_nothing(cast: Cast, now: datetime) -> None:
    customer = make_customer("王小美", store=cast.lake)
    request = erased(cast, customer, now)
    with pytest.raises(rights.RequestClosed):
        erase_customer(request=request, actor=cast.actor("owner"), now=now)
    with pytest.raises(rights.AlreadyErased):
        asked(cast, customer, now)


def test_records_of_the_living_stay_as_they_came(cast: Cast, now: datetime) -> None:
    from django.db import IntegrityError, transaction

    record = SourceRecord.objects.get(customer=make_customer("王小美", external_id="a-1"))
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceRecord.objects.filter(pk=record.pk).update(payload=None, external_id="", fingerprint=None)


# --- the whole database --------------------------------------------------------------------------------------
def dump() -> str:
    """The database as `pg_dump` writes it."""
    known = connection.settings_dict
    ran = subprocess.run(
        [
            server_programs(server_user()) / "pg_dump",
            "--no-owner",
            "--no-privileges",
            f"--host={known['HOST']}",
            f"--port={known['PORT']}",
            f"--username={known['USER']}",
            str(known["NAME"]),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return ran.stdout.decode()


@contextmanager
def restored(text: str) -> Iterator[None]:
    """The dump in a database of its own, which is the one that is read inside."""
    known = connection.settings_dict
    name, live = f"{known['NAME']}_restored", known["NAME"]
    address = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"]}
    with psycopg.connect(**address, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            subprocess.run(
                [
                    server_programs(server_user()) / "psql",
                    "--quiet",
                    "--set=ON_ERROR_STOP=1",
                    f"--host={known['HOST']}",
                    f"--port={known['PORT']}",
                    f"--username={known['USER']}",
                    name,
                ],
                input=text.encode(),
                check=True,
                capture_output=True,
                timeout=120,
            )
            connection.close()
            known["NAME"] = name
            yield
        finally:
            connection.close()
            known["NAME"] = live
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_table_names_the_erased_and_a_restored_backup_cannot_read_them(cast: Cast, now: datetime) -> None:
    head = full_customer(cast, now)
    deliver_events(now=now)
    backup = dump()
    for kept_readable in (NAME, ALIAS, JOB, CODE, OUYANG):
        assert kept_readable in backup
    for sealed in (f"+86{PHONE}", MAIL, WECHAT, STREET, "花粉疹"):
        assert sealed not in backup
    with restored(backup):
        assert ContactPoint.objects.get(customer=head.pk, kind="EMAIL").value == MAIL  # the backup is good
    erased(cast, head, now)
    deliver_events(now=now)
    after = dump()
    found = [
        word
        for word in (NAME, ALIAS, JOB, CODE, OUYANG, PHONE, MAIL, WECHAT, STREET, "菲菲", "taobao-feifei")
        if word in after
    ]
    assert found == []
    with restored(backup):
        old = Customer.objects.select_related("key").get(pk=head.pk)
        assert old.key_id in keyring().erased()
        for point in ContactPoint.objects.filter(customer=old):
            with pytest.raises(DataKeyDestroyed):
                _ = point.value
        with pytest.raises(DataKeyDestroyed):
            _ = old.note
        with pytest.raises(DataKeyDestroyed):
            _ = SourceRecord.objects.get(customer=old).payload
