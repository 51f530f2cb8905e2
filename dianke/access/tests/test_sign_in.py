import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from dianke.access.models import Role, Session, SignIn, SignInPolicy, User
from dianke.access.operations import (
    change_sign_in_policy,
    disable_account,
    set_second_factor_rule,
    unlock_account,
)
from dianke.access.tests.conftest import PASSWORD, SECRET, add_app, code_now, is_signed_in, sign_in
from dianke.core.actor import SYSTEM
from dianke.events.models import Event

pytestmark = pytest.mark.django_db


def test_password_alone_opens_the_pages_for_roles_without_second_factor(client, person):
    user = person("lin", "林小满")
    before = client.get("/sign-in/").cookies
    answer = sign_in(client, "lin")
    assert answer.status_code == 302
    assert answer.url == "/"
    assert is_signed_in(client)
    record = SignIn.objects.get()
    assert (record.user, record.method, record.result) == (user, "PASSWORD", "SUCCESS")
    assert Event.objects.filter(
        kind="access.signed_in", subjects__contains=[f"access.user:{user.pk}"]
    ).exists()
    assert "session" not in before


def test_name_is_found_in_any_case_but_password_is_exact(client, person):
    person("lin")
    assert sign_in(client, " LIN ", PASSWORD + " ").status_code == 422
    assert sign_in(client, " LIN ").status_code == 302


def test_session_key_changes_at_sign_in(client, person):
    person("lin")
    session = client.session
    session["before"] = 1
    session.save()
    planted = session.session_key
    sign_in(client, "lin")
    assert client.session.session_key != planted
    assert client.session.session_key == Session.objects.get().session_key


def test_next_leads_only_to_this_site(client, person):
    person("lin")
    answer = client.post(
        "/sign-in/", {"username": "lin", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer.url == "/"
    other = Client()
    answer = other.post("/sign-in/", {"username": "lin", "password": PASSWORD, "next": "/me/sessions/"})
    assert answer.url == "/me/sessions/"


def test_unknown_name_wrong_password_and_disabled_account_look_the_same(client, person, acting):
    person("lin")
    gone = person("gone")
    disable_account(user=gone, actor=SYSTEM, now=timezone.now())
    answers = []
    for username, password in (("nobody", "x" * 12), ("lin", "x" * 12), ("gone", PASSWORD)):
        answer = Client().post("/sign-in/", {"username": username, "password": password})
        text = answer.content.decode().replace(f'value="{username}"', 'value="NAME"')
        text = re.sub(r'csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"', "", text)
        answers.append((answer.status_code, text))
    assert answers[0][0] == 422
    assert answers[0] == answers[1] == answers[2]


def test_unknown_name_costs_one_hash_like_a_known_one(client, person, monkeypatch):
    person("lin")
    hashed = []
    from django.contrib.auth.hashers import MD5PasswordHasher

    real = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *args: hashed.append(1) or real(self, *args)
    )
    counts = []
    for username in ("nobody", "lin"):
        hashed.clear()
        sign_in(Client(), username, "x" * 12)
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_what_was_typed_as_unknown_name_is_not_kept(client):
    sign_in(client, "mysecretpassword", "lin")
    assert SignIn.objects.get().tried_name == "m***"


# --- lock-out --------------------------------------------------------------------------------------------
def test_fifth_wrong_password_locks_and_says_when_it_opens(client, person):
    user = person("lin")
    for _try in range(4):
        assert sign_in(client, "lin", "wrong wrong").status_code == 422
    answer = sign_in(client, "LIN", "wrong wrong")
    assert answer.status_code == 429
    opens = timezone.localtime(AccessAttempt.objects.get().attempt_time + timedelta(minutes=15))
    assert f"{opens:%H:%M}" in answer.content.decode()
    assert sign_in(client, "lin").status_code == 429
    assert not is_signed_in(client)
    assert SignIn.objects.filter(user=user, result="LOCKED").exists()


def test_an_unknown_name_locks_like_a_known_one(client):
    codes = [sign_in(client, "nobody", "wrong wrong").status_code for _try in range(6)]
    assert codes == [422, 422, 422, 422, 429, 429]


def test_lock_holds_for_the_address_it_came_from_only(client, person):
    person("lin")
    for _try in range(5):
        sign_in(client, "lin", "wrong wrong", REMOTE_ADDR="10.0.0.9")
    assert sign_in(client, "lin", REMOTE_ADDR="10.0.0.9").status_code == 429
    assert sign_in(client, "lin", REMOTE_ADDR="10.0.0.5").status_code == 302


def test_lock_opens_after_its_time_without_being_prolonged_by_tries(client, person):
    person("lin")
    for _try in range(5):
        sign_in(client, "lin", "wrong wrong")
    sign_in(client, "lin", "wrong wrong")
    assert AccessAttempt.objects.get().failures_since_start == 5
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, "lin").status_code == 302


def test_a_manager_unlocks_and_the_right_password_works_at_once(client, person, acting):
    user, boss = person("lin"), person("boss", role="STORE_MANAGER")
    for _try in range(5):
        sign_in(client, "lin", "wrong wrong")
    unlock_account(user=user, actor=acting(boss), now=timezone.now())
    assert sign_in(client, "lin").status_code == 302


def test_right_password_forgets_earlier_wrong_ones(client, person):
    person("lin")
    for _round in range(3):
        for _try in range(4):
            sign_in(client, "lin", "wrong wrong")
        assert sign_in(client, "lin").status_code == 302
        client.post("/sign-out/")


def test_one_address_cannot_try_many_names_without_end(client):
    codes = {sign_in(client, f"name{number}", "wrong wrong").status_code for number in range(61)}
    assert codes == {422, 429}


def test_a_forwarded_address_counts_only_from_our_own_proxy(client, person, settings):
    person("lin")
    sign_in(client, "lin", "wrong wrong", HTTP_X_FORWARDED_FOR="1.2.3.4")
    assert SignIn.objects.first().ip == "127.0.0.1"
    settings.DIANKE_PROXY_COUNT = 1
    sign_in(client, "lin", "wrong wrong", HTTP_X_FORWARDED_FOR="6.6.6.6, 1.2.3.4")
    assert SignIn.objects.first().ip == "1.2.3.4"


# --- second factor ---------------------------------------------------------------------------------------
def test_a_person_with_an_app_is_not_in_before_the_code(client, person):
    user = person("lin")
    add_app(user)
    assert sign_in(client, "lin").url == "/sign-in/code/"
    assert not is_signed_in(client)
    answer = client.post("/sign-in/code/", {"code": code_now()})
    assert answer.url == "/"
    assert is_signed_in(client)
    assert SignIn.objects.first().method == "TOTP"


def test_a_code_works_once(client, person):
    user = person("lin")
    add_app(user)
    code = code_now()
    sign_in(client, "lin")
    client.post("/sign-in/code/", {"code": code})
    other = Client()
    sign_in(other, "lin")
    assert other.post("/sign-in/code/", {"code": code}).status_code == 422


def test_code_may_be_typed_with_spaces_and_full_width_digits(client, person):
    user = person("lin")
    add_app(user)
    sign_in(client, "lin")
    code = code_now()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert client.post("/sign-in/code/", {"code": f"{wide[:3]} {wide[3:]}"}).url == "/"


def test_wrong_codes_lock_like_wrong_passwords(client, person):
    user = person("lin")
    add_app(user)
    sign_in(client, "lin")
    codes = [client.post("/sign-in/code/", {"code": "000000"}).status_code for _try in range(5)]
    assert codes == [422, 422, 422, 422, 429]
    assert sign_in(client, "lin").status_code == 429


def test_totp_key_is_sealed_for_its_owner(person):
    user, other = person("lin"), person("other")
    add_app(user)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert SECRET not in stored
    from dianke.access.sealing import open_text
    from dianke.core.crypto import SealBroken

    assert open_text(stored, field="totp", user_id=user.pk) == SECRET
    with pytest.raises(SealBroken):
        open_text(stored, field="totp", user_id=other.pk)


def test_the_code_page_cannot_be_reached_without_a_password(client, person):
    user = person("lin")
    add_app(user)
    assert client.post("/sign-in/code/", {"code": code_now()}).url == "/sign-in/"
    assert not is_signed_in(client)


def test_password_step_is_forgotten_after_ten_minutes(client, person):
    user = person("lin")
    add_app(user)
    sign_in(client, "lin")
    session = client.session
    session["signing_in"]["began_at"] -= 601
    session.save()
    assert client.post("/sign-in/code/", {"code": code_now()}).url == "/sign-in/"


def test_a_role_that_needs_a_second_factor_sets_it_up_before_the_first_page(client, person):
    person("boss", "陈老板", "OWNER")
    assert sign_in(client, "boss").url == "/sign-in/set-up/"
    page = client.get("/sign-in/set-up/").content.decode()
    assert "data:image/svg+xml" in page
    assert not is_signed_in(client)
    secret = client.session["totp_setup"]["secret"]
    assert client.post("/sign-in/set-up/", {"code": "000000"}).status_code == 422
    import base64

    from dianke.access.rules import hotp_code, totp_counter

    code = hotp_code(base64.b32decode(secret), totp_counter(timezone.now().timestamp()))
    assert client.post("/sign-in/set-up/", {"code": code}).url == "/sign-in/set-up/"
    shown = client.get("/sign-in/set-up/").content.decode()
    recovery = re.findall(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>", shown)
    assert len(recovery) == 10
    assert not is_signed_in(client)
    assert client.post("/sign-in/set-up/", {"kept": "1"}).url == "/"
    assert is_signed_in(client)
    # The codes are the ones that work when the phone is lost, each once, however they are typed.
    for expected in ("/", None):
        other = Client()
        sign_in(other, "boss")
        answer = other.post("/sign-in/code/?recovery", {"code": recovery[0].lower()})
        assert getattr(answer, "url", None) == expected
    assert "".join(recovery) not in str(Authenticator.objects.get(type="recovery_codes").data)


def test_merchant_may_make_the_second_factor_voluntary_for_a_role(client, person):
    person("boss", "陈老板", "OWNER")
    role = Role.objects.get(code="OWNER")
    set_second_factor_rule(role=role, is_required=False, actor=SYSTEM, now=timezone.now())
    assert sign_in(client, "boss").url == "/"


def test_roles_that_see_much_need_a_second_factor_from_the_start(db):
    needing = set(Role.objects.filter(requires_second_factor=True).values_list("code", flat=True))
    assert needing == {"ADMINISTRATOR", "OWNER", "ACCOUNTANT", "PARTNER"}


# --- sessions --------------------------------------------------------------------------------------------
def _age(client, *, seen=0, ends=0):
    session = client.session
    life = session["life"]
    session["life"] = life | {"seen": life["seen"] - seen, "ends": life["ends"] - ends}
    session.save()


def test_session_ends_after_the_idle_time(client, person):
    person("lin")
    sign_in(client, "lin")
    _age(client, seen=12 * 3600 - 5)
    assert is_signed_in(client)
    _age(client, seen=12 * 3600 + 5)
    assert not is_signed_in(client)
    assert Session.objects.get().ended_at is not None


def test_session_ends_after_seven_days_however_busy(client, person):
    person("lin")
    sign_in(client, "lin")
    _age(client, ends=7 * 86400 - 60)
    assert is_signed_in(client)
    _age(client, ends=120)
    assert not is_signed_in(client)


def test_session_times_follow_the_policy(client, person):
    change_sign_in_policy(values={"idle_hours": 2, "absolute_days": 1}, actor=SYSTEM, now=timezone.now())
    person("lin")
    sign_in(client, "lin")
    life = client.session["life"]
    assert life["idle"] == 7200
    assert round(life["ends"] - life["seen"]) == 86400


def test_a_session_that_says_nothing_about_its_times_is_ended(client, person):
    person("lin")
    sign_in(client, "lin")
    session = client.session
    del session["life"]
    session.save()
    assert not is_signed_in(client)


def test_a_person_sees_and_ends_their_own_sessions_only(client, person):
    person("lin")
    person("wang")
    phone, till, stranger = client, Client(), Client()
    sign_in(phone, "lin", HTTP_USER_AGENT="Mozilla/5.0 (iPhone) MicroMessenger/8.0")
    sign_in(till, "lin", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Edg/140.0")
    sign_in(stranger, "wang")
    page = phone.get("/me/sessions/").content.decode()
    assert "微信 · iPhone" in page
    assert "Edge · Windows" in page
    foreign = Session.objects.get(user__username="wang")
    assert phone.post(f"/me/sessions/{foreign.pk}/end/").status_code == 404
    other = Session.objects.get(user__username="lin", user_agent__contains="Windows")
    phone.post(f"/me/sessions/{other.pk}/end/")
    assert not is_signed_in(till)
    assert is_signed_in(phone)
    assert is_signed_in(stranger)


def test_all_other_sessions_end_together(client, person):
    person("lin")
    others = [Client(), Client()]
    for each in (client, *others):
        sign_in(each, "lin")
    client.post("/me/sessions/end-others/")
    assert is_signed_in(client)
    assert not any(is_signed_in(each) for each in others)


def test_disabling_an_account_ends_its_sessions_at_once(client, person):
    user = person("lin")
    sign_in(client, "lin")
    disable_account(user=user, actor=SYSTEM, now=timezone.now())
    assert not is_signed_in(client)
    assert not Session.objects.filter(ended_at=None).exists()


def test_new_password_ends_the_other_sessions_and_keeps_this_one(client, person):
    person("lin")
    other = Client()
    sign_in(client, "lin")
    sign_in(other, "lin")
    answer = client.post("/me/password/", {"password": "春天的茶要慢慢泡"})
    assert answer.status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert client.session.session_key == Session.objects.get(ended_at=None).session_key
    client.post("/sign-out/")
    assert sign_in(client, "lin").status_code == 422
    assert sign_in(client, "lin", "春天的茶要慢慢泡").status_code == 302


def test_signing_out_ends_the_session(client, person):
    person("lin")
    sign_in(client, "lin")
    client.post("/sign-out/")
    assert not is_signed_in(client)
    assert Session.objects.get().ended_at is not None


def test_a_sign_in_from_a_new_place_is_marked(client, person):
    person("lin")
    sign_in(client, "lin", HTTP_USER_AGENT="A")
    assert not SignIn.objects.first().is_new_place
    sign_in(Client(), "lin", HTTP_USER_AGENT="A")
    assert not SignIn.objects.first().is_new_place
    sign_in(Client(), "lin", HTTP_USER_AGENT="B")
    assert SignIn.objects.first().is_new_place


def test_old_passwords_are_changed_at_sign_in_only_when_the_merchant_says_so(client, person):
    user = person("lin")
    User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now() - timedelta(days=91))
    assert SignInPolicy.current().rotation_days == 0
    assert sign_in(client, "lin").url == "/"
    client.post("/sign-out/")
    change_sign_in_policy(values={"rotation_days": 90}, actor=SYSTEM, now=timezone.now())
    assert sign_in(client, "lin").url == "/sign-in/new-password/"
    assert not is_signed_in(client)
    assert client.post("/sign-in/new-password/", {"password": PASSWORD}).status_code == 422
    assert client.post("/sign-in/new-password/", {"password": "秋天的柿子挂满枝"}).url == "/"
    assert is_signed_in(client)


def test_a_session_opened_by_django_s_own_login_has_times_too(client, person):
    client.force_login(person("lin"), backend="django.contrib.auth.backends.ModelBackend")
    assert is_signed_in(client)
    _age(client, seen=12 * 3600 + 5)
    assert not is_signed_in(client)
