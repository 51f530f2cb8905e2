"""Sections of the Today page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from dianke.core.actor import Actor
from dianke.web import today
from dianke.web.today import Section, SectionContent, SectionTaken

MakeActor = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _no_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "_sections", {})


def says(text: str) -> Callable[[Actor, datetime], SectionContent]:
    return lambda actor, now: SectionContent("x.html", {"text": text, "name": actor.name, "now": now})


def test_sections_come_in_order_and_only_for_who_may(make_actor: MakeActor, now: datetime) -> None:
    today.register(Section("t.b", "work.view_tasks", says("b"), order=20))
    today.register(Section("t.a", "work.view_tasks", says("a"), order=10))
    today.register(Section("t.c", "access.manage_users", says("c"), order=5))
    assert [built.content.context["text"] for built in today.sections_for(make_actor("CLERK"), now)] == [
        "a",
        "b",
    ]
    assert len(today.sections_for(make_actor("OWNER"), now)) == 3


def test_a_section_with_nothing_to_say_is_silent(make_actor: MakeActor, now: datetime) -> None:
    today.register(Section("t.none", "work.view_tasks", lambda actor, now: None))
    assert today.sections_for(make_actor("CLERK"), now) == []


def test_one_code_is_one_section() -> None:
    today.register(Section("t.a", "work.view_tasks", says("a")))
    with pytest.raises(SectionTaken):
        today.register(Section("t.a", "work.view_tasks", says("other")))
