import pytest
from django.test import Client
from django.utils import timezone

from dianke.access.models import Device, Pin, Session, SignIn
from dianke.access.operations import set_pin, unlock_account, unlock_pin
from dianke.access.operations.tills import PinDate
from dianke.access.tests.conftest import PASSWORD, add_app, code_now, is_signed_in, sign_in
from dianke.core.errors import NotAllowed

pytestmark = pytest.mark.django_db

PIN = "4071"


@pytest.fixture
def boss(person):
    return person("boss", "陈店长", "STORE_MANAGER", stores={1})


@pytest.fixture
def lin(person, acting):
    user = person("lin", "林小满", "CLERK", stores={1})
    set_pin(user=user, pin=PIN, actor=acting(user), now=timezone.now())
    return user


@pytest.fixture
def till(boss) -> Client:
    """A browser that the manager enrolled and left."""
    browser = Client()
    sign_in(browser, "boss")
    answer = browser.post("/settings/tills/enrol/", {"name": "前台", "store": "1"})
    assert answer.url == "/settings/tills/"
    browser.post("/sign-out/")
    return browser


def switch(browser, user, pin=PIN):
    return browser.post("/till/switch/", {"person": user.pk, "pin": pin})


def visit(browser, username):
    """Sign in fully on the till and leave it again."""
    sign_in(browser, username)
    browser.post("/sign-out/")


def test_after_a_full_sign_in_a_pin_takes_over_the_till(till, lin):
    visit(till, "lin")
    assert "林小满" in till.get("/till/people/").content.decode()
    assert switch(till, lin).url == "/"
    assert is_signed_in(till)
    assert till.session["pin"] is True
    record = SignIn.objects.first()
    assert (record.method, record.result, record.device.name) == ("PIN", "SUCCESS", "前台")


def test_till_token_is_kept_by_hash_and_http_only(till):
    cookie = till.cookies["till"]
    assert cookie["httponly"]
    assert Device.objects.get().token_hash not in cookie.value


def test_pin_does_nothing_in_a_browser_that_is_no_till(client, lin, till):
    visit(till, "lin")
    assert switch(client, lin).url == "/sign-in/"
    assert not is_signed_in(client)


def test_a_forged_or_revoked_till_token_is_no_till(till, lin, boss, client):
    visit(till, "lin")
    stolen = Client()
    stolen.cookies["till"] = "abc:def:ghi"
    assert switch(stolen, lin).url == "/sign-in/"
    sign_in(client, "boss")
    client.post(f"/settings/tills/{Device.objects.get().pk}/revoke/")
    assert switch(till, lin).url == "/sign-in/"


def test_pin_needs_a_full_sign_in_of_that_person_on_that_till(till, lin):
    assert switch(till, lin).url == "/till/people/"
    assert not is_signed_in(till)


def test_taking_over_ends_the_session_of_the_one_before(till, lin, boss, acting):
    set_pin(user=boss, pin="83915", actor=acting(boss), now=timezone.now())
    visit(till, "lin")
    switch(till, boss, "83915")
    switch(till, lin)
    assert Session.objects.filter(ended_at=None).get().user == lin


def test_fifth_wrong_pin_locks_until_a_manager_unlocks(till, lin, boss, acting):
    visit(till, "lin")
    left = [switch(till, lin, "9999") for _try in range(5)]
    assert [answer.status_code for answer in left] == [422, 422, 422, 422, 429]
    assert "4" in left[0].content.decode()
    assert switch(till, lin).status_code == 429
    with pytest.raises(NotAllowed):
        unlock_pin(user=lin, actor=acting(lin), now=timezone.now())
    unlock_account(user=lin, actor=acting(boss), now=timezone.now())
    assert switch(till, lin).url == "/"


def test_wrong_tries_are_counted_across_tills_and_cleared_by_the_right_pin(till, lin):
    visit(till, "lin")
    for _try in range(4):
        switch(till, lin, "9999")
    assert Pin.objects.get(user=lin).failed_count == 4
    switch(till, lin)
    assert Pin.objects.get(user=lin).failed_count == 0


def test_weak_pins_are_refused_and_good_ones_stored_slowly_hashed(lin, acting):
    with pytest.raises(PinDate):
        set_pin(user=lin, pin="0521", actor=acting(lin), now=timezone.now())
    stored = Pin.objects.get(user=lin).secret_hash
    assert PIN not in stored
    from django.contrib.auth.hashers import check_password

    assert not check_password(PIN, stored)  # peppered: useless without the key files


def test_pin_session_confirms_fully_before_a_sensitive_act(till, boss, acting):
    set_pin(user=boss, pin="83915", actor=acting(boss), now=timezone.now())
    switch(till, boss, "83915")
    assert is_signed_in(till)
    answer = till.get("/settings/tills/enrol/")
    assert "_confirm_password" in answer.content.decode()
    data = {"name": "二号台", "store": "1"}
    refused = till.post("/settings/tills/enrol/", data)
    assert Device.objects.count() == 1
    assert 'name="name" value="二号台"' in refused.content.decode()
    wrong = till.post("/settings/tills/enrol/", data | {"_confirm_password": "not this one"})
    assert wrong.status_code == 422
    assert Device.objects.count() == 1
    done = till.post("/settings/tills/enrol/", data | {"_confirm_password": PASSWORD})
    assert done.status_code == 302
    assert Device.objects.count() == 2


def test_confirmation_asks_for_the_code_of_whoever_has_an_app(till, boss, acting):
    set_pin(user=boss, pin="83915", actor=acting(boss), now=timezone.now())
    add_app(boss)
    switch(till, boss, "83915")
    data = {"name": "二号台", "store": "1", "_confirm_password": PASSWORD}
    assert till.post("/settings/tills/enrol/", data).status_code == 422
    assert till.post("/settings/tills/enrol/", data | {"_confirm_code": code_now()}).status_code == 302


def test_confirmation_wears_off_and_wrong_ones_lock(client, boss):
    sign_in(client, "boss")
    assert 'name="store"' in client.get("/settings/tills/enrol/").content.decode()
    session = client.session
    session["authenticated_at"] -= 601
    session.save()
    assert "_confirm_password" in client.get("/settings/tills/enrol/").content.decode()
    for _try in range(5):
        client.post("/settings/tills/enrol/", {"_confirm_password": "wrong", "_confirm_back": "1"})
    right = client.post("/settings/tills/enrol/", {"_confirm_password": PASSWORD, "_confirm_back": "1"})
    assert right.status_code == 422
    assert SignIn.objects.filter(method="CONFIRMATION", result="WRONG").count() == 5


def test_a_manager_enrols_tills_of_own_stores_only(client, boss):
    sign_in(client, "boss")
    client.post("/settings/tills/enrol/", {"name": "别家", "store": "2"})
    assert not Device.objects.exists()


def test_a_till_keeps_people_signed_in_longer(till, lin, client):
    sign_in(till, "lin")
    life = till.session["life"]
    assert round((life["ends"] - life["seen"]) / 86400) == 30
    sign_in(client, "lin")
    life = client.session["life"]
    assert round((life["ends"] - life["seen"]) / 86400) == 7


def test_whoever_has_no_pin_yet_gets_to_the_sign_in_page_while_another_is_signed_in(till, lin):
    visit(till, "lin")
    switch(till, lin)
    assert till.post("/till/lock/", {"full": "1"}).url == "/sign-in/"
    assert not is_signed_in(till)
    assert till.get("/sign-in/").status_code == 200
