"""The conversation with WeCom: what is asked, how every answer is read, and what is found out about doubts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.integrations.wecom.carrier import WeCom, staff_of
from dianke.integrations.wecom.tests.fake import NOT_FRIEND, SENT, TOO_MANY, WAITS, Task
from dianke.messaging.models import Message
from dianke.messaging.queries.carriers import carrier_named
from dianke.messaging.rules.carriers import Answer, Delegating, Item, Outcome

pytestmark = pytest.mark.django_db
ITEM = Item(0, "uid-1", "wm-1", "", "方女士，戒指还合适吗？\n随时欢迎来调。")


def send(access, now, item: Item = ITEM, **more: str) -> Answer:
    with WeCom().session({**access, **more}, now=now) as session:
        return session.send(item)


def test_it_is_known_and_asks_what_employees_did():
    assert isinstance(carrier_named("WECOM", "wecom"), Delegating)


def test_what_wecom_is_asked_for(wecom, access, now):
    assert send(access, now) == Answer(Outcome.HANDED, carrier_id="msg1")
    assert wecom.asked == [
        (
            "add_msg_template",
            {"chat_type": "single", "external_userid": ["wm-1"], "text": {"content": ITEM.text}},
        )
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("clerk = ZhangSan\nMei：wang.mei", {"clerk": "ZhangSan", "mei": "wang.mei"}),
        ("  clerk= a \n\nnonsense\nb =", {"clerk": "a"}),
        ("", {}),
    ],
)
def test_employees_are_written_a_line_each(text, found):
    assert staff_of(text) == found


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"errcode": 0, "msgid": "m", "fail_list": []}, Answer(Outcome.HANDED, carrier_id="m")),
        (
            {"errcode": 0, "msgid": "m", "fail_list": ["wm-1"]},
            Answer(Outcome.REFUSED, detail="0", bad_address=True, reason="not_friend"),
        ),
        ({"errcode": 40096}, Answer(Outcome.REFUSED, detail="40096", bad_address=True, reason="not_friend")),
        ({"errcode": 84061}, Answer(Outcome.REFUSED, detail="84061", bad_address=True, reason="not_friend")),
        ({"errcode": 90001}, Answer(Outcome.REFUSED, detail="90001")),
        ({"errcode": 45009}, Answer(Outcome.LATER, detail="45009")),
        ({"errcode": 60020}, Answer(Outcome.LATER, detail="60020")),
        ({"errcode": -1}, Answer(Outcome.UNKNOWN, detail="-1")),
        ({"errcode": 0}, Answer(Outcome.UNKNOWN, detail="0")),
        ((502, {}), Answer(Outcome.UNKNOWN, detail="502")),
        ({}, Answer(Outcome.UNKNOWN, detail="200")),
    ],
)
def test_every_answer_is_told_apart(wecom, access, now, said, answer):
    wecom.answers = [said]
    assert send(access, now) == answer


def test_silence_is_in_doubt_after_the_message_and_not_before(wecom, access, now):
    wecom.answers = ["silence"]
    assert send(access, now).outcome is Outcome.UNKNOWN
    assert send(access, now, secret="wrong") == Answer(Outcome.LATER, detail="40001")
    assert send(access, now, endpoint="http://127.0.0.1:9").outcome is Outcome.LATER
    assert len(wecom.asked) == 1


def test_a_text_wecom_does_not_take_is_not_handed_over(wecom, access, now):
    item = Item(0, "uid-1", "wm-1", "", "长" * 1334)
    assert send(access, now, item) == Answer(Outcome.REFUSED, detail="more than 4000 bytes")
    assert wecom.asked == []


def test_a_token_that_ended_is_replaced_once_and_the_message_goes(wecom, access, now):
    send(access, now)
    wecom.tokens += 1  # whatever we hold is not valid any more
    assert send(access, now) == Answer(Outcome.HANDED, carrier_id="msg2")
    assert (len(wecom.tasks), wecom.tokens) == (2, 3)


def test_a_token_is_kept_until_shortly_before_it_ends(wecom, access, now):
    for hours in (0, 1, 2):
        send(access, now + timedelta(hours=hours))
    assert wecom.tokens == 2


# --- in doubt --------------------------------------------------------------------------------------------------------
def look_up(access, now, *, minutes: int, item: Item = ITEM) -> Answer | None:
    return WeCom().look_up(access, item, sent_at=now, now=now + timedelta(minutes=minutes))


def test_a_message_in_doubt_is_found_by_its_words_and_its_customer(wecom, access, now):
    at = int(now.timestamp())
    wecom.page = 1
    wecom.tasks = [
        Task("other-words", "lisi", "wm-1", "别的话", at),
        Task("other-customer", "lisi", "wm-2", ITEM.text, at),
        Task("yesterday", "lisi", "wm-1", ITEM.text, at - 86_400),
        Task("ours", "lisi", "wm-1", ITEM.text, at),
    ]
    assert look_up(access, now, minutes=1) == Answer(Outcome.HANDED, carrier_id="ours")


def test_what_the_list_does_not_show_goes_again_only_some_time_later(wecom, access, now):
    assert look_up(access, now, minutes=1) == Answer(Outcome.UNKNOWN)
    assert look_up(access, now, minutes=16) is None


def test_a_task_of_another_message_of_ours_is_not_taken_for_it(wecom, access, now, post, friend, tell):
    one = friend()
    tell(one, source="a", body="您好")
    row = Message.objects.get()
    item = Item(0, "uid-2", "wm-1", "", wecom.tasks[0].text)
    assert (row.carrier_id, look_up(access, now, minutes=16, item=item)) == ("msg1", None)


def test_whose_task_it_is_must_be_shown_before_it_goes_again(wecom, access, now):
    wecom.tasks = [Task("m", "lisi", "wm-1", ITEM.text, int(now.timestamp()))]
    wecom.shows_rows = False
    assert look_up(access, now, minutes=16).outcome is Outcome.UNKNOWN


def test_a_list_that_cannot_be_read_leaves_the_doubt(wecom, access, now):
    wecom.is_down = True
    assert look_up(access, now, minutes=16).outcome is Outcome.UNKNOWN
    wecom.is_down, wecom.tokens = False, 5
    assert look_up({**access, "secret": "wrong"}, now, minutes=16).outcome is Outcome.UNKNOWN


def test_nothing_is_sent_again_to_somebody_who_was_erased(wecom, access, now):
    erased = Item(0, "uid-1", "", "", "")
    assert look_up(access, now, minutes=16, item=erased) == Answer(Outcome.REFUSED, reason="gone")
    assert wecom.asked == []


# --- what employees did ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (WAITS, Answer(Outcome.HANDED)),
        (SENT, Answer(Outcome.DELIVERED)),
        (
            NOT_FRIEND,
            Answer(Outcome.REFUSED, detail="not a contact", bad_address=True, reason="not_friend"),
        ),
        (TOO_MANY, Answer(Outcome.REFUSED, detail="limit of the customer", reason="carrier_limit")),
    ],
)
def test_what_became_of_it(wecom, access, now, status, answer):
    wecom.tasks = [Task("m", "lisi", "wm-1", ITEM.text, int(now.timestamp()), status)]
    assert WeCom().result(access, ITEM, carrier_id="m", now=now) == answer


def test_what_cannot_be_asked_is_asked_later_and_an_unknown_task_stays(wecom, access, now):
    assert WeCom().result(access, ITEM, carrier_id="none", now=now) == Answer(Outcome.HANDED)
    wecom.is_down = True
    assert WeCom().result(access, ITEM, carrier_id="none", now=now).outcome is Outcome.LATER
    assert WeCom().recall(access, carrier_id="none", now=now) is False
