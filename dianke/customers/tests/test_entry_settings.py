"""What the merchant decides about entering customers: fields, roles looked through, tags, consent texts."""

from __future__ import annotations

from typing import Any

import pytest

from dianke.access.models import Role
from dianke.core.actor import SYSTEM
from dianke.core.errors import InvalidInput
from dianke.customers.models import ConsentText, EntryRule, ReviewedRole, Tag
from dianke.customers.operations.entry_rules import RuleFieldUnknown, set_entry_rule
from dianke.customers.rules.asking import Asked, LengthsCrossed, check_asked, check_pattern
from dianke.events.models import Event
from dianke.work.operations import define_field

HOME = "/settings/customers/"


@pytest.fixture
def owner(signed_in) -> Any:
    return signed_in("owner")


# --- patterns ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{8}",
        r"[A-Z]{2}\d+",
        r".*\d.*",
        r"(?:ab)?c+",
        r"(\d{3}-)?\d{4}",
        r"(\d{4}-){3}\d{4}",
        r"(ab|cd)\d+",
    ],
)
def test_ordinary_patterns_are_taken(pattern):
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+",
        r"(a|a)*",
        r"(a*)*b",
        r".*.*.*x",
        r"(a)\1",
        r"(?=a)b",
        r"(\d+-){3}x",
        r"(a{0,30}){0,30}",
        "(",
        "[a",
        "a{2,1}",
    ],
)
def test_patterns_that_could_take_forever_or_cannot_be_read_are_refused(pattern):
    with pytest.raises(InvalidInput) as refused:
        check_pattern(pattern)
    assert refused.value.field == "pattern"


def test_what_contradicts_itself_is_settled_or_refused():
    assert check_asked(Asked("email", is_shown=False, is_required=True)).is_shown
    assert check_asked(Asked("phone", is_shown=False)).is_shown
    assert check_asked(Asked("gender", pattern="x", shortest=3)) == Asked("gender")
    with pytest.raises(LengthsCrossed):
        check_asked(Asked("name", shortest=5, longest=2))


# --- fields -----------------------------------------------------------------------------------------------------------
def test_a_rule_is_set_changed_and_taken_away(owner, cast, now):
    url = f"{HOME}fields/email/"
    owner.post(url, {"is_shown": "on", "is_required": "on", "hint": "开发票用", "pattern": r".+@qq\.com"})
    rule = EntryRule.objects.get()
    assert (rule.field, rule.is_required, rule.hint, rule.pattern) == (
        "email",
        True,
        "开发票用",
        r".+@qq\.com",
    )
    owner.post(url, {"is_shown": "on", "hint": "开发票用"})
    rule.refresh_from_db()
    assert (rule.is_required, rule.pattern) == (False, "")
    owner.post(url, {"is_shown": "on"})
    assert not EntryRule.objects.exists()
    kinds = Event.objects.filter(kind__startswith="customers.entry_rule").order_by("id")
    assert [event.kind[10:] for event in kinds] == ["entry_rule_set", "entry_rule_set", "entry_rule_cleared"]


def test_a_wrong_rule_says_why_beside_the_field(owner):
    answer = owner.post(f"{HOME}fields/name/", {"pattern": "(a+)+", "shortest": "2"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["pattern"]
    assert not EntryRule.objects.exists()


def test_only_fields_that_are_there_take_rules(owner, cast, now):
    assert owner.get(f"{HOME}fields/shoe_size/").status_code == 404
    with pytest.raises(RuleFieldUnknown):
        set_entry_rule(asked=Asked("shoe_size"), actor=cast.actor("owner"), now=now)
    define_field(
        model="customers.customer", type="TEXT", values={"label": "鞋码"}, key="shoe", actor=SYSTEM, now=now
    )
    owner.post(f"{HOME}fields/custom_shoe/", {"is_shown": "", "hint": ""})
    assert EntryRule.objects.get().field == "custom_shoe"
    assert "鞋码" in owner.get(HOME).content.decode()


@pytest.mark.parametrize(
    ("field", "rule", "example", "is_taken"),
    [
        ("name", {"shortest": "2"}, "王", False),
        ("name", {"shortest": "2"}, "王小明", True),
        ("phone", {}, "1381234567", False),
        ("phone", {}, "13812345678", True),
        ("email", {"pattern": r".+@qq\.com"}, "a@163.com", False),
        ("email", {"pattern": r".+@qq\.com"}, "a@qq.com", True),
        ("birthday", {}, "13-40", False),
        ("address", {}, "浙江省杭州市西湖区文三路90号", True),
        ("occupation", {"longest": "2"}, "教师", True),
        ("name", {"pattern": "("}, "王小明", False),
    ],
)
def test_an_example_shows_what_the_form_would_say(owner, field, rule, example, is_taken):
    answer = owner.post(f"{HOME}fields/{field}/trial/", {"is_shown": "on", **rule, "example": example})
    text = answer.content.decode()
    assert ("dk-error" not in text) is is_taken
    assert ("ce-fits" in text) is is_taken
    assert not EntryRule.objects.exists()


def test_settings_are_for_who_manages_rules(signed_in):
    for path in ("", "roles/", "fields/name/", "tags/", "tags/new/", "consents/", "consents/MARKETING/"):
        assert signed_in("clerk").get(HOME + path).status_code == 403, path


# --- roles, tags, texts -----------------------------------------------------------------------------------------------
def test_whose_entries_are_looked_through_is_chosen_among_those_who_enter(owner):
    form = owner.get(f"{HOME}roles/").context["form"]
    codes = {role.code for role in form.fields["roles"].queryset}
    assert "CLERK" in codes
    assert not {"STORE_MANAGER", "AUDITOR"} & codes
    owner.post(f"{HOME}roles/", {"roles": [Role.objects.get(code="CLERK").pk]})
    assert ReviewedRole.objects.get().role.code == "CLERK"


def test_a_tag_is_made_renamed_archived_and_brought_back(owner):
    owner.post(f"{HOME}tags/new/", {"name": "老客", "colour": "teal"})
    tag = Tag.objects.get()
    assert tag.colour == "teal"
    assert owner.post(f"{HOME}tags/new/", {"name": "老客", "colour": "red"}).status_code == 422
    owner.post(f"{HOME}tags/{tag.pk}/", {"name": "熟客", "colour": "blue"})
    answer = owner.post(f"{HOME}tags/{tag.pk}/archiving/", headers={"HX-Request": "true"})
    assert f"{HOME}tags/{tag.pk}/restoring/" in answer["HX-Trigger"]
    tag.refresh_from_db()
    assert (tag.name, tag.archived_at is None) == ("熟客", False)
    owner.post(f"{HOME}tags/{tag.pk}/restoring/")
    tag.refresh_from_db()
    assert (tag.colour, tag.archived_at) == ("blue", None)


def test_a_consent_text_is_published_as_a_new_version(owner):
    url = f"{HOME}consents/MARKETING/"
    owner.post(url, {"language": "zh-hans", "text": "新品与优惠"})
    assert "新品与优惠" in owner.get(url).content.decode()
    assert owner.post(url, {"language": "zh-hans", "text": "新品与优惠"}).status_code == 422
    owner.post(url, {"language": "zh-hans", "text": "新品、优惠与活动"})
    assert [text.version for text in ConsentText.objects.order_by("version")] == [1, 2]
    page = owner.get(f"{HOME}consents/").content.decode()
    assert "新品、优惠与活动" in page
    assert owner.get(f"{HOME}consents/ANYTHING/").status_code == 404


def test_the_preview_shows_the_text_and_no_markup_of_it(owner):
    answer = owner.post(f"{HOME}consents/MARKETING/preview/", {"text": "<b>新品</b>"})
    assert "&lt;b&gt;新品" in answer.content.decode()
