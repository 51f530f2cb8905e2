"""The form kit: errors beside their fields, nothing typed is lost, one operation per form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.fallback import FallbackStorage

from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.web.forms import KitForm, form_view


class NameTaken(Conflict):
    code = "name_taken"
    message = "“%(name)s” is taken."
    default_field = "name"


class TooEarly(InvalidInput):
    code = "too_early"
    message = "Too early."


class RoleForbidden(NotAllowed):
    code = "role_forbidden"
    default_field = "kind"


class Sample(KitForm):
    name = forms.CharField(label="名称", max_length=10, help_text="给顾客看的")
    day = forms.DateField(label="日期", required=False)
    amount = forms.DecimalField(label="金额", required=False)
    kind = forms.ChoiceField(label="种类", choices=[("a", "甲"), ("b", "乙")])
    way = forms.ChoiceField(
        label="方式", choices=[("x", "现金"), ("y", "刷卡")], widget=forms.RadioSelect, required=False
    )
    is_open = forms.BooleanField(label="启用", required=False)
    note = forms.CharField(label="备注", widget=forms.Textarea, required=False)
    sections = (("其他", ("note", "is_open")),)
    affix = {"amount": "元"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["extra"] = forms.CharField(label="后加的")  # forms may add fields of their own afterwards


GOOD = {"name": "湖滨", "kind": "a", "extra": "1"}


@pytest.fixture
def show(rf, make_actor, now, db):
    """`show({...}, run=...)`: the answer of the form to a POST (or a GET without data)."""

    def answer(data=None, run=lambda data: None, **more):
        headers = more.pop("headers", {})
        request = rf.get("/x/") if data is None else rf.post("/x/?a=1", data)
        for name, value in headers.items():
            request.META["HTTP_" + name.upper().replace("-", "_")] = value
        request.actor, request.now, request.session = make_actor("OWNER"), now, {}
        request._messages = FallbackStorage(request)
        request.resolver_match = None
        values = {"title": "新建", "success": "好了", "redirect_to": "/y/"} | more
        return form_view(
            request, form=Sample(request.POST or None, initial=values.pop("initial", None)), run=run, **values
        )

    return answer


def field(page: str, name: str) -> str:
    """The tag of a field."""
    return re.search(rf'<(?:input|select|textarea)[^>]*name="{name}"[^>]*>', page)[0]


def test_a_new_form_shows_hints_and_what_is_optional_and_no_errors(show):
    page = show().content.decode()
    assert "dk-error" not in page
    assert 'aria-describedby="id_name_helptext"' in field(page, "name")
    assert 'id="id_name_helptext"' in page
    assert 'type="date"' in field(page, "day")
    assert 'inputmode="decimal"' in field(page, "amount")
    assert "<span>元</span>" in page
    assert page.count("dk-optional") == 4
    assert "data-guard" in page


def test_a_refused_form_says_what_is_wrong_beside_the_field_and_keeps_everything(show):
    response = show(
        {"name": "名字实在太长了放不下的", "kind": "a", "day": "31.12.", "note": "<留言>", "extra": ""}
    )
    page = response.content.decode()
    assert response.status_code == 422
    for name in ("name", "day", "extra"):
        assert 'aria-invalid="true"' in field(page, name), name
        assert f'id="id_{name}_error"' in page, name
        assert f"id_{name}_error" in field(page, name), name
    assert "aria-invalid" not in field(page, "kind")
    assert 'value="31.12."' in field(page, "day")
    assert "&lt;留言&gt;</textarea>" in page


def test_an_empty_field_is_named_in_its_error(show):
    page = show({"kind": "a", "extra": "1"}).content.decode()
    assert re.search(r'id="id_name_error">[^<]*名称', page)


def refuse(error: Exception):
    def run(data):
        raise error

    return run


def test_a_named_error_stands_at_its_field(show):
    response = show(GOOD, refuse(NameTaken(name="湖滨")))
    page = response.content.decode()
    assert response.status_code == 422
    assert re.search(r'id="id_name_error">“湖滨” is taken\.', page)
    assert 'aria-invalid="true"' in field(page, "name")
    assert 'value="湖滨"' in field(page, "name")


def test_an_error_of_no_field_stands_on_top(show):
    page = show(GOOD, refuse(TooEarly())).content.decode()
    assert re.search(r'role="alert">.*Too early', page, re.S)
    page = show(GOOD, refuse(TooEarly(field="elsewhere"))).content.decode()
    assert "Too early" in page


def test_what_one_may_not_choose_is_an_error_of_the_choice_and_everything_else_is_refused(show):
    response = show(GOOD, refuse(RoleForbidden()))
    assert response.status_code == 422
    assert 'id="id_kind_error"' in response.content.decode()
    with pytest.raises(NotAllowed):
        show(GOOD, refuse(NotAllowed()))


def test_a_page_goes_on_and_a_dialog_closes(show):
    response = show(GOOD, lambda data: data["name"], redirect_to=lambda name: f"/y/{len(name)}/")
    assert (response.status_code, response.url) == (303, "/y/2/")
    response = show(
        GOOD, headers={"HX-Request": "true", "HX-Target": "div#dialog-body"}, undo=lambda made: "/undo/"
    )
    assert response.status_code == 204
    assert "/undo/" in response["HX-Trigger"]


def test_a_refused_form_in_a_dialog_stays_a_dialog(show):
    response = show({}, headers={"HX-Request": "true", "HX-Target": "div#dialog-body"})
    page = response.content.decode()
    assert "<html" not in page
    assert 'action="/x/"' in page or 'action="/x/?a=1"' in page


def test_what_was_typed_is_kept_as_a_draft_where_the_form_says_so(show):
    assert 'data-draft="store-new"' in show(context={"draft": "store-new"}).content.decode()
    assert "data-draft" not in show().content.decode()


def test_sections_come_after_the_loose_fields_in_their_order():
    groups = [(heading, [bound.name for bound in bounds]) for heading, bounds in Sample().grouped()]
    assert groups == [("", ["name", "day", "amount", "kind", "way", "extra"]), ("其他", ["note", "is_open"])]
