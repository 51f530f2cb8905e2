import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dianke.access.models import PermissionReview, Role, User
from dianke.access.operations import (
    change_account,
    change_role,
    create_account,
    create_role,
    disable_account,
    enable_account,
    forget_old_records,
    issue_password_ticket,
    record_permission_review,
    redeem_password_ticket,
    reset_factors,
)
from dianke.access.operations.accounts import OwnAccount, SignInNameTaken, TicketUnusable
from dianke.access.operations.factors import LastFactor
from dianke.access.operations.roles import PermissionNotYours, PresetRoleFixed, RoleNameTaken
from dianke.access.passwords import PasswordAboutYou, PasswordRefused, PasswordSame
from dianke.access.permissions import PRESET_ROLES, ScopeCode, permissions_of
from dianke.access.queries import holders_by_permission, who_may_what
from dianke.access.tests import postings
from dianke.access.tests.conftest import PASSWORD, add_app, code_now, is_signed_in, sign_in
from dianke.core.actor import ANONYMOUS, SYSTEM, PermissionRefused
from dianke.events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(person):
    Role.objects.update(requires_second_factor=False)
    return person("chen", "陈老板", "OWNER")


# --- invitation and reset --------------------------------------------------------------------------------
def test_an_invited_person_sets_a_password_by_link_and_then_signs_in(client, head):
    sign_in(client, "chen")
    page = client.post(
        "/settings/users/new/", {"name": "林小满", "username": "lin", "email": "", "language": "zh-hans"}
    ).content.decode()
    link = page.partition("/password/set/")[2].partition('"')[0].partition("<")[0].strip("/")
    assert not User.objects.get(username="lin").has_usable_password()
    guest = Client()
    answer = guest.get(f"/password/set/{link}/")
    assert answer.url == "/password/set/"  # the token does not stay in the address
    assert guest.post("/password/set/", {"password": "12345678"}).status_code == 422
    assert guest.post("/password/set/", {"password": PASSWORD}).url == "/sign-in/"
    assert not is_signed_in(guest)
    assert sign_in(guest, "lin").url == "/"
    other = Client()
    other.get(f"/password/set/{link}/")
    assert other.get("/password/set/").status_code == 404


def test_a_reset_does_not_go_around_the_second_factor(person, head, acting):
    user = person("lin")
    add_app(user)
    now = timezone.now()
    issued = issue_password_ticket(user=user, actor=acting(head), now=now)
    redeem_password_ticket(token=issued.token, password="春天的茶要慢慢泡", actor=ANONYMOUS, now=now)
    browser = Client()
    assert sign_in(browser, "lin", "春天的茶要慢慢泡").url == "/sign-in/code/"
    assert not is_signed_in(browser)
    assert browser.post("/sign-in/code/", {"code": code_now()}).url == "/"


def test_links_expire_work_once_and_replace_each_other(person, head, acting):
    user, now = person("lin"), timezone.now()
    first = issue_password_ticket(user=user, actor=acting(head), now=now)
    second = issue_password_ticket(user=user, actor=acting(head), now=now)
    for token, at in ((first.token, now), (second.token, now + timedelta(hours=24)), ("x", now)):
        with pytest.raises(TicketUnusable):
            redeem_password_ticket(token=token, password="春天的茶要慢慢泡", actor=ANONYMOUS, now=at)
    redeem_password_ticket(token=second.token, password="春天的茶要慢慢泡", actor=ANONYMOUS, now=now)
    with pytest.raises(TicketUnusable):
        redeem_password_ticket(token=second.token, password="秋天的柿子挂满枝", actor=ANONYMOUS, now=now)


def test_password_may_not_be_about_the_person_or_the_present_one(head, settings):
    settings.DIANKE_CONTEXT_WORDS = "dianke.access.tests.test_accounts.merchant_names"
    for password in ("linxiaoman2026", "林小满林小满林小满", "yunshang888"):
        with pytest.raises(PasswordAboutYou):
            create_account(username="lin", name="林小满", password=password, actor=SYSTEM, now=timezone.now())
    from dianke.access.operations import change_password

    with pytest.raises(PasswordSame):
        change_password(user=head, password=PASSWORD, actor=SYSTEM, now=timezone.now())


def merchant_names() -> list[str]:
    return ["云裳"]


def test_django_s_own_hook_knows_the_same_rules(head):
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    validate_password("春天的茶要慢慢泡", head)
    with pytest.raises(ValidationError):
        validate_password("password1", head)


# --- accounts --------------------------------------------------------------------------------------------
def test_sign_in_names_are_unique_whatever_the_case(person):
    person("lin")
    with pytest.raises(SignInNameTaken):
        create_account(username="LIN", name="x", actor=SYSTEM, now=timezone.now())


def test_nobody_disables_their_own_account(head, acting):
    with pytest.raises(OwnAccount):
        disable_account(user=head, actor=acting(head), now=timezone.now())


def test_disabling_twice_leaves_one_event(person, head, acting):
    user = person("lin")
    for _time in range(2):
        disable_account(user=user, actor=acting(head), now=timezone.now())
    assert Event.objects.filter(kind="access.account_disabled").count() == 1
    enable_account(user=user, actor=acting(head), now=timezone.now())
    assert sign_in(Client(), "lin").status_code == 302


def test_events_about_accounts_carry_no_names(person, head, acting):
    user = person("lin", "林小满")
    change_account(
        user=user,
        username="lin2",
        name="林大满",
        email="lin@example.com",
        language="zh-hans",
        actor=acting(head),
        now=timezone.now(),
    )
    everything = str(list(Event.objects.values("data", "subjects")))
    assert "林" not in everything
    assert "example.com" not in everything


def test_a_manager_sees_accounts_of_own_stores_and_changes_none(client, person):
    person("boss", "陈店长", "STORE_MANAGER", stores={1})
    near, far = person("lin", "林小满", stores={1}), person("wang", "王远方", stores={2})
    sign_in(client, "boss")
    page = client.get("/settings/users/").content.decode()
    assert "林小满" in page
    assert "王远方" not in page
    assert client.get(f"/settings/users/{near.pk}/").status_code == 200
    assert client.get(f"/settings/users/{far.pk}/").status_code == 404
    assert client.post(f"/settings/users/{near.pk}/disable/").status_code == 403


def test_list_finds_by_name_state_and_role(client, person, head):
    person("lin", "林小满")
    person("wang", "王远方", "ACCOUNTANT")
    disable_account(user=person("gone", "老李"), actor=SYSTEM, now=timezone.now())
    sign_in(client, "chen")

    def names(query):
        page = client.get(f"/settings/users/?{query}").content.decode()
        return {name for name in ("林小满", "王远方", "老李", "陈老板") if f">{name}</a>" in page}

    assert names("") == {"林小满", "王远方", "陈老板"}
    assert names("state=disabled") == {"老李"}
    assert names("q=lin") == {"林小满"}
    assert names("role=ACCOUNTANT") == {"王远方"}


def test_a_clerk_reaches_none_of_the_administration(client, person):
    person("lin")
    sign_in(client, "lin")
    for path in ("users", "roles", "permission-review", "sign-ins", "tills", "api-keys", "sign-in-rules"):
        assert client.get(f"/settings/{path}/").status_code == 403, path


def test_administrator_ends_sessions_of_others(client, person, head):
    user = person("lin")
    victim = Client()
    sign_in(victim, "lin")
    sign_in(client, "chen")
    client.post(f"/settings/users/{user.pk}/sessions/end/")
    assert not is_signed_in(victim)
    assert is_signed_in(client)


# --- second factors --------------------------------------------------------------------------------------
def test_last_factor_stays_while_the_role_needs_one(client, person, head):
    user = person("zhang", role="ACCOUNTANT")
    add_app(user)
    Role.objects.filter(code="ACCOUNTANT").update(requires_second_factor=True)
    from allauth.mfa.models import Authenticator

    from dianke.access.operations import remove_factor
    from dianke.access.queries import actor_for

    app = Authenticator.objects.get(user=user, type="totp")
    actor = actor_for(user, now=timezone.now())
    with pytest.raises(LastFactor):
        remove_factor(authenticator=app, actor=actor, now=timezone.now())
    Role.objects.update(requires_second_factor=False)
    remove_factor(authenticator=app, actor=actor, now=timezone.now())
    assert not Authenticator.objects.filter(user=user).exists()


def test_lost_phone_is_reset_by_an_administrator_and_never_by_oneself(person, head, acting):
    user = person("lin")
    add_app(user)
    reset_factors(user=user, actor=acting(head), now=timezone.now())
    assert sign_in(Client(), "lin").url == "/"
    from dianke.core.errors import NotAllowed

    with pytest.raises(NotAllowed):
        reset_factors(user=head, actor=acting(head), now=timezone.now())


# --- roles -----------------------------------------------------------------------------------------------
def test_every_preset_role_stands_after_migrating_with_the_permissions_of_the_table(db):
    rows = {role.code: role for role in Role.objects.filter(is_preset=True)}
    assert set(rows) == {preset.code.value for preset in PRESET_ROLES}
    for code, row in rows.items():
        assert row.permission_codes() == permissions_of(code)


def test_a_custom_role_holds_what_was_ticked_and_changes_at_once(client, person, head, acting):
    role = create_role(
        name="库管",
        scope=ScopeCode.STORE,
        permissions=["work.view_tasks", "web.use_pages"],
        actor=acting(head),
        now=timezone.now(),
    )
    user = person("lin", role="")
    postings.post(user, role.code, stores={1})
    sign_in(client, "lin")
    assert client.get("/settings/users/").status_code == 403
    change_role(
        role=role,
        name="库管",
        scope=ScopeCode.STORE,
        permissions=["web.use_pages", "access.view_users"],
        actor=acting(head),
        now=timezone.now(),
    )
    postings.GIVEN.clear()
    postings.post(user, role.code, stores={1})
    assert client.get("/settings/users/").status_code == 200
    change = Event.objects.get(kind="access.role_changed").data["changes"]["permissions"]
    assert change == [["web.use_pages", "work.view_tasks"], ["access.view_users", "web.use_pages"]]


def test_nobody_gives_a_role_more_than_they_hold(person, acting):
    role = Role.objects.create(
        code="CUSTOM_X", name="人事", scope="ALL", permissions=["access.manage_roles", "work.view_tasks"]
    )
    user = person("hr", role="")
    postings.post(user, role.code)
    common = {"scope": ScopeCode.ALL, "actor": acting(user), "now": timezone.now()}
    create_role(name="任务", permissions=["work.view_tasks"], **common)
    with pytest.raises(PermissionNotYours):
        create_role(name="万能", permissions=["config.manage_settings"], **common)


def test_preset_roles_and_taken_names_are_refused(head, acting):
    common = {"scope": ScopeCode.ALL, "permissions": [], "actor": acting(head), "now": timezone.now()}
    with pytest.raises(PresetRoleFixed):
        change_role(role=Role.objects.get(code="CLERK"), name="x", **common)
    with pytest.raises(RoleNameTaken):
        create_role(name=Role.objects.get(code="CLERK").name, **common)


# --- review ----------------------------------------------------------------------------------------------
def test_review_lists_sensitive_first_and_goes_on_record(client, person, head):
    person("lin", "林小满")
    holdings = who_may_what(now=timezone.now())
    assert [h.user.username for h in holdings] == ["chen", "lin"]
    assert holders_by_permission(holdings)[0].permission.is_sensitive
    sign_in(client, "chen")
    page = client.get("/settings/permission-review/").content.decode()
    assert page.index(">陈老板</a>") < page.index(">林小满</a>")
    due = timezone.localdate() + timedelta(days=180)
    data = {"comment": "小满不再需要导出", "next_due_date": due.isoformat()}
    assert client.post("/settings/permission-review/", data).status_code == 302
    review = PermissionReview.objects.get()
    assert (review.reviewed_by, review.next_due_date) == (head, due)
    assert "access.manage_users" in review.snapshot[str(head.pk)]["sensitive"]
    assert "小满不再需要导出" in client.get("/settings/permission-review/?by=permission").content.decode()


def test_next_review_must_lie_ahead(head, acting):
    from dianke.access.operations.roles import ReviewDatePast

    with pytest.raises(ReviewDatePast):
        record_permission_review(
            comment="",
            next_due_date=date(2026, 11, 21),
            today=date(2026, 11, 21),
            snapshot={},
            actor=acting(head),
            now=timezone.now(),
        )


def test_export_is_a_matrix_safe_for_spreadsheets(client, head):
    create_account(username="evil", name="=1+1", password=None, actor=SYSTEM, now=timezone.now())
    sign_in(client, "chen")
    text = client.get("/settings/permission-review/export/").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    by_name = {row[1]: row for row in rows[1:]}
    assert by_name["evil"][0] == "'=1+1"
    assert by_name["chen"].count("✓") == len(permissions_of("OWNER"))


# --- records ---------------------------------------------------------------------------------------------
def test_sign_in_records_are_kept_at_least_half_a_year(client, person, head):
    from dianke.access.models import SignIn
    from dianke.access.operations import change_sign_in_policy
    from dianke.access.operations.roles import PolicyInvalid

    with pytest.raises(PolicyInvalid):
        change_sign_in_policy(values={"sign_in_days": 179}, actor=SYSTEM, now=timezone.now())
    sign_in(client, "chen")
    change_sign_in_policy(values={"sign_in_days": 180}, actor=SYSTEM, now=timezone.now())
    later = timezone.now() + timedelta(days=179)
    assert forget_old_records(actor=SYSTEM, now=later) == 0
    assert SignIn.objects.count() == 1
    assert forget_old_records(actor=SYSTEM, now=later + timedelta(days=2)) == 1


def test_everyone_sees_own_sign_ins_and_only_some_see_all(client, person, head):
    person("lin", "林小满")
    sign_in(Client(), "chen", "wrong wrong")
    sign_in(client, "lin")
    assert client.get("/me/sign-ins/").status_code == 200
    assert client.get("/settings/sign-ins/").status_code == 403
    boss = Client()
    sign_in(boss, "chen")
    assert "林小满" in boss.get("/settings/sign-ins/").content.decode()
    assert "林小满" not in boss.get("/settings/sign-ins/?result=refused").content.decode()


def test_store_switch_takes_only_stores_of_the_grants(client, person):
    person("lin", stores={1})
    sign_in(client, "lin")
    assert client.post("/switch-store/", {"store": "2"}).status_code == 404
    assert client.post("/switch-store/", {"store": "1", "next": "/me/"}).url == "/me/"
    assert client.session["store_id"] == 1
    client.post("/switch-store/", {"store": ""})
    assert "store_id" not in client.session


def test_a_store_that_is_no_longer_reached_is_not_acted_in(person):
    from dianke.access.queries import actor_for

    user = person("lin", stores={1})
    assert actor_for(user, now=timezone.now(), store_id=1).store_id == 1
    assert actor_for(user, now=timezone.now(), store_id=2).store_id is None


def test_every_refusal_of_a_password_names_its_field():
    for kind in PasswordRefused.__subclasses__():
        assert kind(shortest=8, longest=128).field == "password"


def test_system_may_not_be_impersonated_by_missing_permission(person, acting):
    clerk = person("lin")
    with pytest.raises(PermissionRefused):
        create_account(username="x", name="x", actor=acting(clerk), now=timezone.now())
