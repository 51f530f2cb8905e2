"""Codes that prove a number: guessed, replayed, asked for too often, used on two phones at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from dianke.access.limits import TooManyTries
from dianke.core import messages
from dianke.core.actor import ANONYMOUS, SYSTEM
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import Customer, PortalSession, VerificationCode
from dianke.customers.operations import codes, registration
from dianke.customers.operations.registration import Registration
from dianke.customers.tests.cast import make_house
from dianke.customers.tests.phone import PHONE

NUMBER = parse_phone(PHONE)


@pytest.fixture
def sent() -> Any:
    with messages.recorded() as found:
        yield found


def ask(now: Any, *, use: str = "SIGN_IN", phone: Any = NUMBER, ip: str = "203.0.113.7", **more: Any) -> str:
    return codes.ask_for_code(phone=phone, use=use, ip=ip, actor=ANONYMOUS, now=now, **more).proof


def prove(proof: str, code: str, now: Any, *, use: str = "SIGN_IN", phone: Any = NUMBER) -> VerificationCode:
    return codes.prove(proof=proof, code=code, phone=phone, use=use, actor=ANONYMOUS, now=now)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def code_in(message: messages.Message) -> str:
    return message.values["code"]


@pytest.mark.django_db
def test_a_code_proves_the_number_it_was_sent_to(sent: Any, now: Any) -> None:
    proof = ask(now)
    assert sent[0].to == NUMBER.e164
    assert code_in(sent[0]) in sent[0].text
    row = prove(proof, code_in(sent[0]), now + timedelta(minutes=4))
    assert row.address == NUMBER.e164


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"phone": parse_phone("13700001111")}, 0),
        ({"use": "REGISTER"}, 0),
        ({}, 5 * 60),
        ({"proof": "somebody-else"}, 0),
    ],
)
def test_a_code_is_good_for_its_number_use_browser_and_five_minutes(
    sent: Any, now: Any, change: dict[str, Any], after: int
) -> None:
    proof = ask(now)
    proof = change.pop("proof", proof)
    with pytest.raises(codes.CodeUnusable):
        prove(proof, code_in(sent[0]), now + timedelta(seconds=after), **change)


@pytest.mark.django_db
def test_five_guesses_end_a_code_even_for_who_then_knows_it(sent: Any, now: Any) -> None:
    proof = ask(now)
    code = code_in(sent[0])
    for left in (4, 3, 2, 1):
        with pytest.raises(codes.CodeWrong) as refused:
            prove(proof, wrong(code), now)
        assert refused.value.params["left"] == left
    with pytest.raises(codes.CodeUnusable):
        prove(proof, wrong(code), now)
    with pytest.raises(codes.CodeUnusable):
        prove(proof, code, now)


@pytest.mark.django_db
def test_guessing_through_fresh_codes_is_stopped_per_number(sent: Any, now: Any) -> None:
    tries, is_stopped = 0, False
    for minute in range(0, 60, 2):
        at = now.replace(minute=0) + timedelta(minutes=minute)
        try:
            proof = ask(at)
            for _each in range(4):
                tries += 1
                with pytest.raises(codes.CodeWrong):
                    prove(proof, wrong(code_in(sent[-1])), at)
        except TooManyTries:
            is_stopped = True
            break
    assert is_stopped
    assert tries <= codes.TRIES_PER_PHONE_HOUR
    assert len(sent) == codes.PER_PHONE_HOUR


@pytest.mark.django_db
def test_another_code_waits_a_minute(sent: Any, now: Any) -> None:
    ask(now)
    with pytest.raises(codes.CodeTooSoon) as refused:
        ask(now + timedelta(seconds=20), ip="198.51.100.9")
    assert refused.value.params["seconds"] == 41
    ask(now + timedelta(seconds=61))
    assert len(sent) == 2


@pytest.mark.django_db
def test_one_address_and_one_poster_may_ask_only_so_often(sent: Any, now: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(codes, "PER_ADDRESS_HOUR", 2)
    for n in range(2):
        ask(now, phone=parse_phone(f"1370000111{n}"))
    with pytest.raises(TooManyTries):
        ask(now, phone=parse_phone("13700001119"))
    monkeypatch.setattr(codes, "PER_POINT_HOUR", 1)
    ask(now, phone=parse_phone("13700001121"), ip="198.51.100.1", point_code="P")
    with pytest.raises(TooManyTries):
        ask(now, phone=parse_phone("13700001122"), ip="198.51.100.2", point_code="P")


@pytest.mark.django_db
def test_tables_and_counters_hold_neither_code_nor_number(sent: Any, now: Any) -> None:
    proof = ask(now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM customers_verificationcode c")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(key, ' ') FROM access_ratecount")
        kept += cursor.fetchone()[0]
    for secret in (PHONE, proof, code_in(sent[0])):
        assert secret not in kept


@pytest.mark.django_db
def test_old_codes_go_with_their_numbers(sent: Any, now: Any) -> None:
    ask(now)
    assert codes.forget_codes(actor=SYSTEM, now=now + timedelta(hours=20)) == 0
    assert codes.forget_codes(actor=SYSTEM, now=now + timedelta(hours=25)) == 1
    assert not VerificationCode.objects.exists()


# --- at once ---------------------------------------------------------------------------------------------------------
def in_parallel(count: int, run: Any) -> list[str]:
    """Runs `run(n)` in as many threads at once; gives the name of what each raised, "" where nothing."""
    barrier, outcomes = threading.Barrier(count), [""] * count

    def work(n: int) -> None:
        barrier.wait()
        try:
            run(n)
        except Exception as error:
            outcomes[n] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_share_the_tries_of_one_code(sent: Any, now: Any) -> None:
    proof = ask(now)
    code = code_in(sent[0])
    outcomes = in_parallel(12, lambda n: prove(proof, f"{(int(code) + 1 + n) % 1_000_000:06}", now))
    # The fifth try is answered as used up as well: it left nothing.
    assert outcomes.count("CodeWrong") == 4
    assert outcomes.count("CodeUnusable") == 8


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_parallel_guesses_cost_one_try_together(
    sent: Any, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test before: everybody reads how many tries are left before anybody has written."""
    guesses = 12
    all_looked = threading.Barrier(guesses, timeout=20)
    save = VerificationCode.save

    def save_when_all_looked(row: VerificationCode, *args: Any, **kwargs: Any) -> None:
        all_looked.wait()
        save(row, *args, **kwargs)

    proof = ask(now)
    code = code_in(sent[0])
    monkeypatch.setattr(VerificationCode.objects, "select_for_update", VerificationCode.objects.all)
    monkeypatch.setattr(VerificationCode, "save", save_when_all_looked)
    outcomes = in_parallel(guesses, lambda n: prove(proof, f"{(int(code) + 1 + n) % 1_000_000:06}", now))
    assert outcomes == ["CodeWrong"] * guesses
    assert VerificationCode.objects.get().tries_left == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_for_one_number_at_once_send_one_code(sent: Any, now: Any) -> None:
    outcomes = in_parallel(2, lambda n: ask(now, ip=f"203.0.113.{n}"))
    assert sorted(outcomes) == ["", "CodeTooSoon"]
    assert len(sent) == 1


def registering(sent: Any) -> Callable[[int], None]:
    """Registers phone number `n` with the one code that was sent."""
    now = timezone.now()
    cast = make_house(now)
    point = registration.make_registration_point(name="收银台", store=cast.lake, actor=SYSTEM, now=now)
    proof = ask(now, use="REGISTER")
    code = code_in(sent[0])

    def register(n: int) -> None:
        registration.register(
            point=point,
            registration=Registration(name="林晓月", phone=NUMBER, consents={"MEMBERSHIP": None}),
            proof=proof,
            code=code,
            device=f"phone {n}",
            actor=ANONYMOUS,
            now=now,
        )

    return register


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_looked_at_and_then_used_up_signs_two_phones_in(
    sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the next test: both find the code unused before either has written."""
    both_looked = threading.Barrier(2, timeout=20)

    def spend_after_looking(row: VerificationCode, *, now: Any) -> None:
        fresh = VerificationCode.objects.get(pk=row.pk)
        is_used = fresh.used_at is not None
        both_looked.wait()
        if is_used:
            raise codes.CodeUnusable
        fresh.used_at = now
        fresh.save(update_fields=["used_at"])

    monkeypatch.setattr(registration, "spend", spend_after_looking)
    assert in_parallel(2, registering(sent)) == ["", ""]
    assert PortalSession.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_code_registers_once_however_often_it_is_sent_at_once(sent: Any) -> None:
    register = registering(sent)
    outcomes = in_parallel(2, register)
    assert sorted(outcomes) == ["", "CodeUnusable"]
    assert (Customer.objects.count(), PortalSession.objects.count()) == (1, 1)
    with pytest.raises(codes.CodeUnusable):  # and later neither
        register(3)
