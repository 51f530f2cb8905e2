"""The list kit: what a list shows, keeps per person, and writes into files."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone
from python_calamine import CalamineWorkbook

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.core.actor import ANONYMOUS, PermissionRefused
from dianke.core.paging import CursorNotUsable
from dianke.web import list_views, operations, tasks
from dianke.web.exporting import exports_folder, file_of, write_export
from dianke.web.exports import safe_text
from dianke.web.list_views import list_view
from dianke.web.models import Export, ListPreference, SavedView
from dianke.web.tests import grants
from dianke.web.tests.lists import CODE, people

RISKY = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"]
LIST = "/test/people/"

urlpatterns = [
    path(LIST.strip("/") + "/", list_view(people()), name="test-people"),
    path("", include("dianke.config.urls")),
]


@pytest.fixture(autouse=True)
def _here(settings, tmp_path):
    settings.ROOT_URLCONF = __name__
    settings.MEDIA_ROOT = tmp_path
    settings.DIANKE_GRANTS = "dianke.web.tests.grants.grants_of"
    settings.DIANKE_GRANTS_OF_MANY = ""
    settings.DIANKE_STORE_NAMES = ""
    grants.ROLES.clear()


@pytest.fixture
def person(db):
    """`person("lin", "OWNER", name="林小满")`: an account with a role."""

    def make(username: str, role: str | None = None, **more) -> User:
        values = {"name": username, "created_at": timezone.now()} | more
        user = User.objects.create(username=username, **values)
        if role:
            grants.ROLES[user.pk] = role
        return user

    return make


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session, stamp = client.session, timezone.now().timestamp()
    session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
    session.save()
    return client


def acting(user: User):
    return actor_for(user, now=timezone.now())


def shown(client: Client, query: str = "") -> str:
    response = client.get(LIST + query)
    assert response.status_code == 200
    return response.content.decode()


def names(page: str) -> list[str]:
    return re.findall(r'class="\s*is-title">([^<]*)<', page)


def values(result) -> list[str]:
    return [row.username for row in result.page.items]


def listing(user: User):
    return people()(acting(user), timezone.now())


def ask(user: User, query: str = ""):
    each = listing(user)
    return each.result(each.state(QueryDict(query)))


# --- what is shown ---------------------------------------------------------------------------------------------------
def test_a_list_shows_title_columns_rows_and_their_number(person):
    owner = person("owner", "OWNER")
    person("clerk")
    page = shown(browser(owner))
    assert names(page) == ["clerk", "owner"]
    assert "¥1,234.50" in page
    assert "¥2,469.00" in page  # the total
    assert "12,345" in page


def test_columns_that_need_a_permission_are_there_for_nobody_else(person):
    owner = person("owner", "OWNER", email="boss@example.com")
    auditor = person("auditor", "AUDITOR")
    assert "boss@example.com" in shown(browser(owner))
    page = shown(browser(auditor))
    assert "boss@example.com" not in page
    assert "邮箱" not in page
    state = listing(auditor).state(QueryDict("sort=email"))
    assert state.sort == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["anna", "bert", "carl"]),
        ("sort=-name", ["carl", "bert", "anna"]),
        ("sort=-username", ["carl", "bert", "anna"]),
        ("sort=password", ["anna", "bert", "carl"]),
        ("sort=--name", ["anna", "bert", "carl"]),
        ("sort=owner__password", ["anna", "bert", "carl"]),
        ("q=be", ["bert"]),
        ("q=b+t", ["bert"]),
        ("q=%00be", ["bert"]),
        ("q=zz", []),
        ("language=en", ["carl"]),
        ("language=xx", ["anna", "bert", "carl"]),
        ("active=no", ["bert"]),
        ("active=yes&language=en", ["carl"]),
        ("created_from=2026-11-02&created_to=2026-11-03", ["bert"]),
        ("created=2026-11-02..", ["bert", "carl"]),
        ("created=..2026-11-01", ["anna"]),
        ("created=nonsense", ["anna", "bert", "carl"]),
        ("size=7", ["anna", "bert", "carl"]),
    ],
)
def test_filters_search_and_sort_take_what_they_know_and_leave_the_rest(person, query, found):
    grants.ROLES[person("anna", created_at=datetime(2026, 11, 1, 4, tzinfo=UTC)).pk] = "OWNER"
    person("bert", is_active=False, created_at=datetime(2026, 11, 1, 17, tzinfo=UTC))  # the 2nd in Shanghai
    person("carl", language="en", created_at=datetime(2026, 11, 5, tzinfo=UTC))
    assert values(ask(User.objects.get(username="anna"), query)) == found


def test_pages_follow_each_other_whatever_is_inserted(person):
    owner = person("m00", "OWNER")
    for number in range(1, 60):
        person(f"m{number:02}")
    first = ask(owner, "size=25")
    person("a-new")
    second = ask(owner, f"size=25&cursor={first.page.next_cursor}")
    assert values(second)[0] == "m25"
    assert (first.count, second.count) == (60, 61)
    with pytest.raises(CursorNotUsable):
        ask(owner, f"size=25&sort=-username&cursor={first.page.next_cursor}")


def test_counting_stops_where_the_exact_number_helps_nobody(person, monkeypatch):
    monkeypatch.setattr("dianke.web.listing.COUNT_LIMIT", 30)
    monkeypatch.setattr("dianke.web.list_views.COUNT_LIMIT", 30)
    owner = person("m00", "OWNER")
    for number in range(1, 40):
        person(f"m{number:02}")
    result = ask(owner, "size=25")
    assert (result.count, result.is_capped) == (31, True)
    assert ">31<" not in shown(browser(owner), "?size=25")


def test_a_list_costs_the_same_however_many_rows(person, django_assert_num_queries):
    owner = person("m00", "OWNER")
    for number in range(1, 40):
        person(f"m{number:02}")
    client = browser(owner)
    # Session, person, zone; the rows, the sum of the amounts; columns and views of the person. The frame is not part
    # of it.
    with django_assert_num_queries(7):
        client.get(LIST, headers={"HX-Request": "true", "HX-Target": "div#list"})


def test_the_fragment_is_the_list_alone(person):
    client = browser(person("owner", "OWNER"))
    page = client.get(LIST, headers={"HX-Request": "true", "HX-Target": "div#list"}).content.decode()
    assert "<html" not in page
    assert 'id="list"' in page


def test_empty_and_filtered_empty_say_what_to_do(person):
    client = browser(person("owner", "OWNER"))
    page = shown(client, "?q=nobody")
    assert 'href="?"' in page
    assert "<table" not in page


# --- what is kept per person -----------------------------------------------------------------------------------------
def test_chosen_columns_stay_in_their_order_and_only_known_ones(person):
    owner = person("owner", "OWNER")
    client = browser(owner)
    chosen = ["username", "name", "password", "username", "x" * 500]
    response = client.post(f"/lists/{CODE}/columns/", {"columns": chosen, "next": LIST})
    assert (response.status_code, response.url) == (302, LIST)
    assert ListPreference.objects.get().columns == ["username", "name"]
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', shown(client))
    assert heads == ["登录名", "姓名"]
    client.post(f"/lists/{CODE}/columns/", {})
    assert len(re.findall(r'<th scope="col"', shown(client))) == 8


def test_no_answer_leads_out_of_the_house(person):
    client = browser(person("owner", "OWNER"))
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert client.post(f"/lists/{CODE}/columns/", {"next": target}).url == "/"


def test_views_are_own_or_shared_and_removed_only_by_their_owner(person):
    owner, other = person("owner", "OWNER"), person("other", "AUDITOR")
    mine, theirs = browser(owner), browser(other)
    mine.post(f"/lists/{CODE}/views/", {"name": "停用的", "query": "active=no", "next": LIST})
    mine.post(
        f"/lists/{CODE}/views/", {"name": "英文", "query": "language=en", "is_shared": "on", "next": LIST}
    )
    assert "停用的" in shown(mine)
    page = shown(theirs)
    assert "停用的" not in page
    assert "英文" in page
    shared = SavedView.objects.get(name="英文")
    assert theirs.post(f"/lists/views/{shared.pk}/delete/").status_code == 404
    assert mine.post(f"/lists/views/{shared.pk}/delete/", {"next": LIST}).status_code == 303
    assert "英文" not in names(shown(theirs))
    assert not SavedView.objects.filter(name="英文").exists()


def test_a_view_has_a_name_and_no_two_the_same(person, now):
    actor = acting(person("owner", "OWNER"))
    save = {"list_code": CODE, "query": "", "actor": actor, "now": now}
    operations.save_view(name=" 常用 ", **save)
    for name, error in (("常用", operations.ViewNameTaken), ("  ", operations.ViewNameMissing)):
        with pytest.raises(error):
            operations.save_view(name=name, **save)
    with pytest.raises(operations.ListNotFound):
        operations.save_view(name="x", **(save | {"list_code": "no.such"}))
    with pytest.raises(PermissionRefused):
        operations.save_view(name="x", **(save | {"actor": ANONYMOUS}))


def test_lists_one_may_not_see_have_no_views_and_no_export(person):
    clerk = person("clerk", "MARKETER")  # may export, may not see accounts
    client = browser(clerk)
    assert client.get(LIST).status_code == 403
    assert client.post(f"/lists/{CODE}/views/", {"name": "x"}).status_code == 404
    assert client.post(f"/lists/{CODE}/export/", {"format": "csv"}).status_code == 404
    assert not Export.objects.exists()


# --- files -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sign", RISKY)
def test_text_that_begins_like_a_formula_is_text_in_every_file(person, sign):
    owner = person("owner", "OWNER", name=f"{sign}cmd|'/c calc'!A1")
    assert safe_text(owner.name) == f"'{owner.name}"
    for format in ("xlsx", "csv"):
        name = read(owner, format)[1][0]
        assert name.startswith("'")
        assert name.replace("\r", "\n").endswith(owner.name[1:])


def read(user: User, format: str, query: str = "") -> list[list]:
    """The rows of an export, heading first."""
    response = browser(user).post(f"/lists/{CODE}/export/", {"format": format, "query": query}, follow=True)
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    if format == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(content.decode("utf-8-sig").splitlines()))
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def test_an_export_holds_what_the_list_shows(person):
    owner = person(
        "owner", "OWNER", email="boss@example.com", created_at=datetime(2026, 11, 1, 16, 30, tzinfo=UTC)
    )
    person("clerk", is_active=False)
    heading, first = read(owner, "xlsx", "q=own")
    assert heading == ["姓名", "登录名", "手机", "邮箱", "积分", "消费", "创建", "启用"]
    assert first == [
        "owner",
        "owner",
        "13800138000",
        "boss@example.com",
        12345,
        1234.5,
        datetime(2026, 11, 2, 0, 30),  # noqa: DTZ001  as Excel keeps it
        "是",
    ]
    assert isinstance(first[2], str)
    heading, *rows = read(owner, "csv")
    assert [row[0] for row in rows] == ["clerk", "owner"]
    assert rows[1] == [
        "owner",
        "owner",
        "13800138000",
        "boss@example.com",
        "12345",
        "1234.50",
        "2026-11-02 00:30:00",
        "是",
    ]
    assert rows[0][-1] == "否"


def test_an_export_holds_chosen_columns_and_never_those_one_may_not_see(person):
    person("owner", "OWNER", email="boss@example.com")
    auditor = person("auditor", "AUDITOR")
    ListPreference.objects.create(user=auditor, list_code=CODE, columns=["email", "username"])
    assert read(auditor, "xlsx") == [["登录名"], ["auditor"], ["owner"]]


def test_who_exported_what_is_on_record(person):
    from dianke.events.models import Event

    owner = person("owner", "OWNER")
    read(owner, "csv", "language=en")
    event = Event.objects.get(kind="web.export_requested")
    assert (event.user_id, event.data["list"], event.data["query"], event.data["rows"]) == (
        owner.pk,
        CODE,
        "language=en",
        0,
    )


def test_a_file_is_its_owners_alone_and_not_readable_by_others_on_the_machine(person):
    owner, other = person("owner", "OWNER"), person("other", "OWNER")
    read(owner, "csv")
    made = Export.objects.get()
    assert browser(other).get(f"/exports/{made.pk}/file/").status_code == 404
    assert browser(other).get(f"/exports/{made.pk}/").status_code == 404
    assert file_of(made).stat().st_mode & 0o077 == 0
    assert exports_folder().stat().st_mode & 0o077 == 0


def test_too_many_rows_for_excel_are_refused_with_the_way_out(person, now, monkeypatch):
    actor = acting(person("owner", "OWNER"))
    ask_for = {
        "list_code": CODE,
        "query": "",
        "total_count": operations.EXCEL_ROWS + 1,
        "actor": actor,
        "now": now,
    }
    with pytest.raises(operations.TooLongForExcel, match="CSV"):
        operations.request_export(format="xlsx", **ask_for)
    operations.request_export(format="csv", **ask_for)
    monkeypatch.setattr(people(), "can_export", False)
    with pytest.raises(operations.NotForExport):
        operations.request_export(format="csv", **ask_for)


@pytest.fixture
def long_ones(monkeypatch):
    monkeypatch.setattr(list_views, "AT_ONCE", 0)


def work() -> None:
    """Let the real worker do what is queued; then end the connection its thread leaves behind."""
    call_command("procrastinate", "worker", "--one-shot", "--queues", "exports", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.django_db(transaction=True)
def test_a_long_export_is_written_by_the_worker_while_the_person_goes_on(person, long_ones):
    owner = person("owner", "OWNER")
    client = browser(owner)
    asked = client.post(f"/lists/{CODE}/export/", {"format": "xlsx"})
    made = Export.objects.get()
    assert (made.state, asked.url) == ("WAITING", f"/exports/{made.pk}/")
    waiting = client.get(asked.url).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert client.get(f"/exports/{made.pk}/file/").status_code == 404
    work()
    made.refresh_from_db()
    assert (made.state, made.row_count) == ("DONE", 1)
    part = client.get(
        asked.url, headers={"HX-Request": "true", "HX-Target": "div#export-progress"}
    ).content.decode()
    assert "hx-trigger" not in part
    assert "<html" not in part
    assert f"/exports/{made.pk}/file/" in part
    content = b"".join(client.get(f"/exports/{made.pk}/file/").streaming_content)
    assert CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()[1][0] == "owner"


def waiting_export(user: User) -> Export:
    return Export.objects.create(
        user=user, list_code=CODE, format="xlsx", total_count=1, requested_at=timezone.now()
    )


def test_whoever_lost_the_permission_meanwhile_gets_no_file(person, long_ones):
    owner = person("owner", "OWNER")
    made = waiting_export(owner)
    grants.ROLES[owner.pk] = "CLERK"
    tasks.run_export.func(export_id=made.pk)
    made.refresh_from_db()
    assert made.state == "FAILED"
    assert not file_of(made).exists()
    grants.ROLES[owner.pk] = "OWNER"
    page = browser(owner).get(f"/exports/{made.pk}/").content.decode()
    assert 'role="alert"' in page


def test_an_export_that_breaks_says_so_and_leaves_no_piece_of_a_file(person, now, monkeypatch):
    owner = person("owner", "OWNER")
    made = waiting_export(owner)

    def broken(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr("dianke.web.exporting.write_xlsx", broken)
    with pytest.raises(OSError, match="disk"):
        write_export(made, actor=acting(owner), now=now)
    made.refresh_from_db()
    assert made.state == "FAILED"
    assert not file_of(made).exists()


def test_progress_is_told_while_rows_are_written(person, now, monkeypatch):
    monkeypatch.setattr("dianke.web.exports.BATCH", 2)
    owner = person("owner", "OWNER")
    for number in range(4):
        person(f"m{number}")
    told: list[int] = []
    real = Export.objects.filter

    def noting(*args, **kwargs):
        queryset = real(*args, **kwargs)
        update = queryset.update
        queryset.update = lambda **values: (told.append(values["row_count"]), update(**values))[1]
        return queryset

    monkeypatch.setattr(Export.objects, "filter", noting)
    made = waiting_export(owner)
    write_export(made, actor=acting(owner), now=now)
    assert told == [2, 4]


def test_files_go_after_seven_days_and_the_page_says_so(person):
    import os

    owner = person("owner", "OWNER")
    read(owner, "csv")
    made = Export.objects.get()
    file: Path = file_of(made)
    tasks.remove_old_exports.func(timestamp=0)
    assert file.exists()
    old = (timezone.now() - timedelta(days=8)).timestamp()
    os.utime(file, (old, old))
    tasks.remove_old_exports.func(timestamp=0)
    assert not file.exists()
    assert f"/exports/{made.pk}/file/" not in browser(owner).get(f"/exports/{made.pk}/").content.decode()


@override_settings(LANGUAGE_CODE="en")
def test_the_worker_writes_in_the_language_of_the_person(person):
    owner = person("owner", "OWNER", language="zh-hans")
    made = waiting_export(owner)
    tasks.run_export.func(export_id=made.pk)
    rows = CalamineWorkbook.from_path(str(file_of(made))).get_sheet_by_index(0).to_python()
    assert rows[1][-1] == "是"
