"""Calls: each message becomes a task for whoever looks after the customer, once, with the words to say."""

from __future__ import annotations

from dianke.messaging.models import Message
from dianke.messaging.queries.carriers import in_use
from dianke.messaging.rules.carriers import TAKEN, Item
from dianke.work.models import Task

CALLS = {("CARE", "CALL"): True}


def call(post, one, **more) -> Message:
    post.queue(one, channel="CALL", purpose="CARE", body="{{ name }}，请问戒指还合适吗？", **more)
    post.send(channel="CALL")
    return Message.objects.order_by("-pk").first()


def test_whoever_looks_after_the_customer_gets_the_words_to_say(post):
    owner = post.cast["clerk"].user
    one = post.person("方静", consents=CALLS)
    one.owner = owner
    one.save(update_fields=["owner"])
    assert call(post, one).state == "SENT"
    task = Task.objects.get()
    assert (task.owner_id, task.kind) == (owner.pk, "followup")
    assert task.note == "方静，请问戒指还合适吗？"
    assert task.subject == f"customers.customer:{one.pk}"


def test_without_an_owner_the_store_of_the_customer_gets_it(post):
    call(post, post.person(consents=CALLS))
    assert Task.objects.get().store_id == post.cast.lake.pk


def test_a_message_that_is_handed_over_again_makes_no_second_task(post):
    used = in_use("CALL")
    item = Item(1, "uid-1", "", "", "请问戒指还合适吗？", customer_id=post.person(consents=CALLS).pk)
    with used.carrier.session(used.access, now=post.now) as session:
        assert [session.send(item), session.send(item)] == [TAKEN, TAKEN]
    assert Task.objects.count() == 1


def test_who_did_not_agree_to_calls_is_not_called(post):
    assert call(post, post.person(consents={("CARE", "SMS"): True})).state == "SUPPRESSED"
    assert Task.objects.count() == 0
