"""The page of a customer: what stands on it, for whom, at what cost; its timeline, notes, files and numbers to call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dianke.core.data_keys import DataKeyDestroyed
from dianke.core.erasure import destroy_data_keys
from dianke.customers.models import (
    Collaborator,
    CustomerFile,
    CustomerNote,
    Household,
    Relation,
    SharedWith,
    State,
    Tag,
    Tagging,
)
from dianke.customers.operations import files, notes
from dianke.customers.operations.changes import change_customer
from dianke.customers.operations.contacts import add_contact_point
from dianke.customers.operations.entry import enter_customer
from dianke.customers.operations.rights import open_request
from dianke.customers.queries import panels
from dianke.customers.queries.panels import next_step_of, values_of
from dianke.customers.queries.profile import profile_at
from dianke.customers.queries.rights import minority_of
from dianke.customers.queries.timeline import timeline_of
from dianke.customers.rules.entry import Entry, PhoneEntry
from dianke.customers.tests.cast import make_customer
from dianke.customers.views.profile import why_bound
from dianke.events.models import Event
from dianke.web.components import Stat
from dianke.work.operations import create_task

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def profile(cast, customer, who="clerk", now=None):
    actor = cast.actor(who)
    found = profile_at(actor, customer.pk, now=now or cast.now)
    assert found is not None
    return found


def page(client, customer, **headers):
    return client.get(reverse("customers:customer", args=[customer.pk]), headers=headers)


# --- what stands on it -----------------------------------------------------------------------------------------------
def test_the_page_says_who_it_is_and_hides_the_number(cast, signed_in) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.lake, level="金卡", tags=["老客户"])
    html = page(signed_in("clerk"), customer).content.decode()
    assert "王小明" in html
    assert "金卡" in html
    assert "老客户" in html
    assert customer.member_number in html
    assert "138****5678" in html
    assert "13812345678" not in html
    assert "1234" not in html.replace(customer.member_number, "")


def test_the_address_of_a_merged_customer_leads_to_its_profile(cast, signed_in) -> None:
    head = make_customer("王小明", store=cast.lake)
    joined = make_customer("王晓明", store=cast.lake, merged_into=head)
    response = page(signed_in("clerk"), joined)
    assert response.status_code == 302
    assert response["Location"] == reverse("customers:customer", args=[head.pk])


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("manager", 200), ("clerk", 404), ("neighbour", 404), ("shen", 200), ("qiu", 404)],
)
def test_whoever_may_not_see_the_customer_finds_nothing_there(cast, signed_in, who, status) -> None:
    customer = make_customer(
        "王小明", "13812345678", store=cast.lake, partner=cast.partner, owner=cast["colleague"].user
    )
    client = signed_in(who)
    for name in ("customer", "timeline", "paper", "card"):
        assert client.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == status
    assert page(client, customer).status_code == status
    sent = client.post(reverse("customers:notes", args=[customer.pk]), {"text": "hello"})
    assert (sent.status_code == 404) == (status == 404)
    if status == 404:
        assert not CustomerNote.objects.exists()


def test_a_relative_out_of_reach_is_not_named(cast, signed_in, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    hidden = make_customer("沈秘密", store=cast.lake, partner=cast.partner, owner=cast["colleague"].user)
    Relation.objects.create(customer=customer, other=hidden, kind="SPOUSE", since=now)
    Household.objects.create(name="湖边一家").members.add(customer, hidden)
    html = page(signed_in("clerk"), customer).content.decode()
    assert "沈秘密" not in html
    assert str(reverse("customers:customer", args=[hidden.pk])) not in html
    assert "沈秘密" in page(signed_in("manager"), customer).content.decode()


def test_a_child_is_marked_and_not_suggested_for_wishes(cast, now) -> None:
    child = make_customer("王小宝", store=cast.lake, birthday=(now.year - 9, 11, 23))
    shown = profile(cast, child, "manager")
    assert shown.age == 8
    assert shown.is_guarded
    step = next_step_of(shown)
    assert step is None or step.icon != "cake"


def test_a_birthday_within_a_week_is_the_next_step(cast, now) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.lake, birthday=(1990, 11, 23))
    step = next_step_of(profile(cast, customer))
    assert step is not None
    assert step.icon == "cake"


def test_a_lunar_birthday_is_counted_by_the_lunar_calendar(cast, now) -> None:
    """2026-11-21 is the 13th of the 10th lunar month."""
    customer = make_customer("王小明", store=cast.lake, lunar_birthday=(1960, 10, 15, False))
    (day,) = profile(cast, customer).days
    assert (day.on.isoformat(), day.days_left) == ("2026-11-23", 2)
    assert day.lunar_text


def test_consent_of_a_merged_profile_is_the_most_restrictive(cast) -> None:
    head = make_customer("王小明", store=cast.lake, consents={("MARKETING", "SMS"): True})
    make_customer("王晓明", store=cast.lake, merged_into=head, consents={("MARKETING", "SMS"): False})
    assert profile(cast, head).consents["MARKETING", "SMS"] is False


def test_a_shown_value_tells_where_it_comes_from(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    change_customer(customer=customer, changes={"name": "王晓明"}, actor=cast.actor("manager"), now=now)
    shown = profile(cast, customer)
    assert shown.head.name == "王晓明"
    assert str(shown.origin_of("name"))
    values = {line.value: line.is_shown for source in shown.sources() for line in source.evidence}
    assert values["王晓明"] is True
    assert values["王小明"] is False


def test_where_a_value_comes_from_shows_no_number_in_full(cast, now, system) -> None:
    entry = Entry(name="王小明", phones=(PhoneEntry(text="13812345678"),), emails=("wxm@example.com",))
    entered = enter_customer(entry=entry, channel="COUNTER", store=cast.lake, actor=system, now=now)
    shown = profile(cast, entered.customer)
    values = " ".join(line.value for source in shown.sources() for line in source.evidence)
    assert "王小明" in values
    assert "138****5678" in values
    assert "13812345678" not in values
    assert "wxm@example.com" not in values


def test_an_erased_customer_shows_a_page_without_opening_anything(cast, signed_in, now) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.lake)
    destroy_data_keys([customer.key], now=now)
    type(customer).objects.filter(pk=customer.pk).update(state=State.ERASED, name="")
    assert page(signed_in("owner"), customer).status_code == 200


def test_figures_and_cost_stay_the_same_however_much_there_is(cast, signed_in, now) -> None:
    def grow(number: int) -> None:
        for index in range(number):
            joined = make_customer(
                f"王小{'明强东'[index % 3]}",
                f"139{index:08}",
                store=cast.lake,
                merged_into=customer,
                birthday=(1980, 5, 1 + index),
                tags=[f"标签{index}"],
                address=("浙江省", "杭州市", "西湖区", f"{index}号"),
                consents={("MARKETING", "SMS"): True},
            )
            other = make_customer(f"李{index}", store=cast.lake)
            Relation.objects.create(customer=joined, other=other, kind="FRIEND", since=now)
            Household.objects.create(name=f"{index}家").members.add(customer, other)
            notes.add_note(customer=customer, text=f"备注{index}", actor=cast.actor("clerk"), now=now)
            SharedWith.objects.get_or_create(customer=joined, store=cast.road, defaults={"since": now})
            Collaborator.objects.get_or_create(
                customer=joined, user=cast["colleague"].user, defaults={"since": now}
            )
            Tagging.objects.create(customer=joined, tag=Tag.objects.get_or_create(name="共同")[0], since=now)

    def cost() -> int:
        client = signed_in("manager")
        page(client, customer)
        with CaptureQueriesContext(connection) as context:
            assert page(client, customer).status_code == 200
        return len(context)

    customer = make_customer("王小明", "13812345678", store=cast.lake)
    grow(2)
    few = cost()
    grow(8)
    assert cost() == few
    assert few < 60
    assert len(values_of(profile(cast, customer), own=True)) == 4


def test_what_other_rooms_know_of_a_customer_follows_once_the_page_stands(
    cast, signed_in, monkeypatch
) -> None:
    asked: list[int] = []

    def spent(profile) -> Stat:
        asked.append(profile.head.pk)
        return Stat("花费", "12,800")

    monkeypatch.setattr(panels, "_values", dict(panels._values))
    panels.register_value(panels.Value("elsewhere.spent", "customers.view_customers", spent))
    customer = make_customer("王小明", store=cast.lake)
    client, url = signed_in("clerk"), reverse("customers:dealings", args=[customer.pk])
    shown = page(client, customer).content.decode()
    assert (f'hx-get="{url}"' in shown, "12,800" in shown, asked) == (True, False, [])
    assert "12,800" in client.get(url).content.decode()
    assert asked == [customer.pk]
    assert client.get(reverse("customers:dealings", args=[customer.pk + 999])).status_code == 404


# --- timeline and notes ----------------------------------------------------------------------------------------------
def test_a_note_is_sealed_and_read_in_the_timeline(cast, signed_in, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    client = signed_in("clerk")
    client.post(reverse("customers:notes", args=[customer.pk]), {"text": "喜欢翡翠手镯", "kind": "CALL"})
    note = CustomerNote.objects.get()
    assert "喜欢翡翠手镯".encode() not in bytes(note.text_sealed)
    event = Event.objects.get(kind="customers.note_added")
    assert "翡翠" not in str(event.data)
    assert "喜欢翡翠手镯" in page(client, customer).content.decode()
    (line,) = timeline_of([customer.pk], actor=cast.actor("clerk"), group="notes").items
    assert (line.note_text, line.who) == ("喜欢翡翠手镯", "李想")


def test_a_call_is_a_sign_of_life_and_a_remark_is_none(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake, now=now - timedelta(days=30))
    notes.add_note(customer=customer, text="要新款", actor=cast.actor("clerk"), now=now)
    customer.refresh_from_db()
    assert customer.last_seen_at == now - timedelta(days=30)
    notes.add_note(customer=customer, text="聊过了", kind="CALL", actor=cast.actor("clerk"), now=now)
    customer.refresh_from_db()
    assert customer.last_seen_at == now


def test_an_empty_note_is_refused_beside_the_field(cast, signed_in) -> None:
    customer = make_customer("王小明", store=cast.lake)
    response = signed_in("clerk").post(
        reverse("customers:notes", args=[customer.pk]), {"text": "  "}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 422
    assert "note-error" in response.content.decode()


def test_the_timeline_is_searched_in_the_words_of_notes(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    for text in ("要红木餐桌", "问了沙发", "红木保养"):
        notes.add_note(customer=customer, text=text, actor=cast.actor("clerk"), now=now)
    found = timeline_of([customer.pk], actor=cast.actor("clerk"), text="紅木").items
    assert sorted(line.note_text for line in found) == ["红木保养", "要红木餐桌"]


def test_the_timeline_shows_what_happened_with_everybody_in_the_profile(cast, now) -> None:
    head = make_customer("王小明", store=cast.lake)
    joined = make_customer("王晓明", store=cast.lake)
    notes.add_note(customer=joined, text="早先的备注", actor=cast.actor("clerk"), now=now)
    joined.merged_into = head
    joined.save(update_fields=["merged_into"])
    found = timeline_of([head.pk, joined.pk], actor=cast.actor("clerk")).items
    assert [line.note_text for line in found if line.note] == ["早先的备注"]


def test_tasks_about_the_customer_stand_in_the_timeline(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    create_task(title="回访", subject=f"customers.customer:{customer.pk}", actor=cast.actor("clerk"), now=now)
    kinds = [
        line.event.kind for line in timeline_of([customer.pk], actor=cast.actor("clerk"), group="tasks").items
    ]
    assert kinds == ["work.task_created"]


def test_the_timeline_is_paged_without_gap_or_repeat(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    for number in range(70):
        notes.add_note(
            customer=customer,
            text=f"第{number}条",
            actor=cast.actor("clerk"),
            now=now + timedelta(seconds=number),
        )
    actor, seen, cursor = cast.actor("clerk"), [], None
    while True:
        found = timeline_of([customer.pk], actor=actor, before=cursor)
        seen += [line.note_text for line in found.items]
        cursor = found.next_cursor
        if cursor is None:
            break
    assert seen == [f"第{number}条" for number in reversed(range(70))]


def test_only_the_writer_or_a_manager_takes_a_note_back(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    note = notes.add_note(customer=customer, text="记错了", actor=cast.actor("clerk"), now=now)
    with pytest.raises(notes.NotYourNote):
        notes.remove_note(note=note, actor=cast.actor("colleague"), now=now)
    notes.remove_note(note=note, actor=cast.actor("clerk"), now=now)
    note.refresh_from_db()
    assert note.text is None
    assert note.removed_at == now


# --- files -----------------------------------------------------------------------------------------------------------
def test_a_file_lies_sealed_on_disk_and_comes_back_whole(cast, signed_in) -> None:
    customer = make_customer("王小明", store=cast.lake)
    client = signed_in("clerk")
    client.post(
        reverse("customers:files", args=[customer.pk]),
        {"file": SimpleUploadedFile("客厅.png", PNG, "text/html")},
    )
    found = CustomerFile.objects.get()
    assert found.content_type == "image/png"
    assert PNG not in files.place_of(found).read_bytes()
    response = client.get(reverse("customers:file", args=[customer.pk, found.pk]))
    assert response.content == PNG
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", b"<script>"), ("a.html", b"<p>"), ("a.svg", b"<svg/>"), ("a.exe", b"MZ")]
)
def test_a_file_that_is_not_what_it_says_is_refused(cast, now, name, content) -> None:
    customer = make_customer("王小明", store=cast.lake)
    with pytest.raises(files.FileKindRefused):
        files.add_file(customer=customer, name=name, content=content, actor=cast.actor("clerk"), now=now)
    assert not CustomerFile.objects.exists()


def test_a_file_of_an_erased_customer_cannot_be_read_any_more(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    file = files.add_file(customer=customer, name="a.png", content=PNG, actor=cast.actor("clerk"), now=now)
    destroy_data_keys([customer.key], now=now)
    with pytest.raises(DataKeyDestroyed):
        files.read_file(CustomerFile.objects.select_related("key").get(pk=file.pk))


def test_a_file_is_not_served_through_another_customer(cast, signed_in, now) -> None:
    mine = make_customer("王小明", store=cast.lake)
    other = make_customer("陈静", store=cast.harbour)
    file = files.add_file(customer=other, name="a.png", content=PNG, actor=cast.actor("owner"), now=now)
    client = signed_in("clerk")
    for customer in (mine, other):
        assert client.get(reverse("customers:file", args=[customer.pk, file.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_removed_file_is_gone_from_disk(cast, now) -> None:
    customer = make_customer("王小明", store=cast.lake)
    file = files.add_file(customer=customer, name="a.png", content=PNG, actor=cast.actor("clerk"), now=now)
    files.remove_file(file=file, actor=cast.actor("clerk"), now=now)
    assert not files.place_of(file).exists()
    file.refresh_from_db()
    with pytest.raises(files.FileNotFound):
        files.read_file(file)


# --- numbers ---------------------------------------------------------------------------------------------------------
def test_calling_reveals_the_number_and_leaves_a_trace(cast, signed_in) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.lake)
    html = signed_in("clerk").post(reverse("customers:call", args=[customer.pk])).content.decode()
    assert 'href="tel:+8613812345678"' in html
    assert "138 1234 5678" in html
    event = Event.objects.get(kind="access.field_revealed")
    assert event.user_id == cast["clerk"].user.pk
    assert "138" not in str(event.data)


@pytest.mark.parametrize(("who", "status"), [("neighbour", 404), ("auditor", 403)])
def test_who_may_not_reveal_gets_no_number(cast, signed_in, who, status) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.lake)
    response = signed_in(who).post(reverse("customers:call", args=[customer.pk]))
    assert response.status_code == status
    assert "12345678" not in response.content.decode()


def test_a_customer_shared_with_a_store_is_called_from_there(cast, signed_in) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.harbour, shared_with=[cast.lake])
    response = signed_in("clerk").post(reverse("customers:call", args=[customer.pk]))
    assert "tel:+8613812345678" in response.content.decode()


def test_the_eye_beside_a_number_asks_for_a_reason_first(cast, signed_in) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.lake)
    point = customer.contact_points.get()
    client = signed_in("clerk")
    asked = {"field": "customers.contact.value", "subject": point.pk}
    assert "13812345678" not in client.post(reverse("reveal"), asked).content.decode()
    assert "13812345678" in client.post(reverse("reveal"), asked | {"reason": "回访"}).content.decode()
    assert signed_in("neighbour").post(reverse("reveal"), asked | {"reason": "x"}).status_code == 404


def test_the_number_added_last_is_called_only_when_it_is_preferred(cast, now) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.lake)
    add_contact_point(
        customer=customer, kind="PHONE", value="13900001111", actor=cast.actor("clerk"), now=now
    )
    assert profile(cast, customer).masked_phone == "138****5678"


# --- what may not be done, and why ------------------------------------------------------------------------------------
def test_a_profile_waiting_for_erasure_suggests_its_request_only_and_explains_itself(
    cast, signed_in, now
) -> None:
    customer = make_customer("王小明", store=cast.lake)
    assert str(next_step_of(profile(cast, customer, "manager")).url).endswith("/contacts/new/")
    request = open_request(
        customer=customer, kind="ERASURE", channel="COUNTER", actor=cast.actor("manager"), now=now
    )
    step = next_step_of(profile(cast, customer, "manager"))
    assert step.url == reverse("customers:request", args=[request.pk])
    assert next_step_of(profile(cast, customer, "clerk")) is None
    html = page(signed_in("clerk"), customer).content.decode()
    assert "dk-alert" in html
    assert reverse("customers:owner", args=[customer.pk]) not in html
    assert reverse("customers:edit", args=[customer.pk]) not in html


def test_rows_of_a_profile_open_their_dialogs_where_one_may_change_them(cast, signed_in) -> None:
    customer = make_customer(
        "王小明",
        "13812345678",
        store=cast.lake,
        birthday=(1990, 3, 5),
        address=("浙江省", "杭州市", "西湖区", "文三路 1 号"),
    )
    urls = [
        reverse("customers:contact", args=[customer.pk, customer.contact_points.get().pk]),
        reverse("customers:address", args=[customer.pk, customer.addresses.get().pk]),
        reverse("customers:date", args=[customer.pk, customer.dates.get().pk]),
    ]
    html = page(signed_in("clerk"), customer).content.decode()
    assert all(f'href="{url}" data-open="dialog"' in html for url in urls)
    html = page(signed_in("auditor"), customer).content.decode()
    assert not any(url in html for url in urls)


def test_nothing_is_sent_to_a_child_nobody_speaks_for(cast, signed_in) -> None:
    child = make_customer(
        "王朵朵", store=cast.lake, birthday=(2016, 6, 1), consents={("MARKETING", "WECHAT"): True}
    )
    mother = make_customer("王芳", store=cast.lake)
    alone = profile(cast, child)
    assert alone.minority == minority_of(child, alone.today)
    assert not alone.may_send("MARKETING", "WECHAT")
    Relation.objects.create(customer=child, other=mother, kind="GUARDIAN", since=cast.now)
    guarded = profile(cast, child)
    assert guarded.minority == minority_of(child, guarded.today)
    assert guarded.may_send("MARKETING", "WECHAT")
    assert not guarded.may_send("MARKETING", "SMS")
    html = page(signed_in("clerk"), child).content.decode()
    assert html.count(reverse("customers:customer", args=[mother.pk])) == 1


def test_a_customer_only_shared_with_a_store_says_who_changes_them(cast, signed_in) -> None:
    far = make_customer("王小明", store=cast.harbour, owner=cast["clerk"].user)
    assert why_bound(profile(cast, far)) == ""
    hidden = replace(profile(cast, far), can_change=False)
    assert cast.harbour.short_name in why_bound(hidden)
