"""Custom fields: defined by the merchant, checked by rules, shown in forms and lists, kept when archived."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict

from dianke.core.custom_fields import (
    CustomFieldChoiceUnknown,
    CustomFieldNotADate,
    CustomFieldNotAnAddress,
    CustomFieldNotAnAmount,
    CustomFieldNotANumber,
    CustomFieldRequired,
    CustomFieldTooLong,
    CustomFieldUnknown,
    FieldSpec,
    FieldType,
    Option,
    clean_value,
    clean_values,
    json_schema,
    shown,
    specs_for,
)
from dianke.core.errors import InvalidInput
from dianke.work import operations
from dianke.work.forms import TaskForm
from dianke.work.models import CustomField, Task
from dianke.work.operations.custom_fields import (
    LabelMissing,
    LabelTaken,
    ModelTakesNoFields,
    OptionsMissing,
    options_from,
)
from dianke.work.views.lists import TaskListing

SKINS = (Option("dry", "干性"), Option("oily", "油性"), Option("old", "旧类", is_archived=True))


def spec(type, **more):
    options = SKINS if type in (FieldType.CHOICE, FieldType.MULTI_CHOICE) else ()
    return FieldSpec("x", "某项", type, options=more.pop("options", options), **more)


@pytest.mark.parametrize(
    ("type", "raw", "expected"),
    [
        (FieldType.TEXT, "  水光  护理 ", "水光 护理"),
        (FieldType.TEXT, "   ", None),
        (FieldType.LONG_TEXT, " 一\n二 ", "一\n二"),
        (FieldType.NUMBER, "3.50", "3.5"),
        (FieldType.NUMBER, "1,200", "1200"),
        (FieldType.NUMBER, "-0", "0"),
        (FieldType.NUMBER, 7, "7"),
        (FieldType.MONEY, "¥1,288", "1288.00"),
        (FieldType.MONEY, "88.5元", "88.50"),
        (FieldType.MONEY, -3, "-3.00"),
        (FieldType.DATE, "2026年11月21日", "2026-11-21"),
        (FieldType.DATE, "2026/1/2", "2026-01-02"),
        (FieldType.LUNAR_DATE, "八月十五", {"month": 8, "day": 15, "is_leap": False, "text": "八月十五"}),
        (
            FieldType.LUNAR_DATE,
            {"month": 6, "day": 1, "is_leap": True},
            {"month": 6, "day": 1, "is_leap": True, "text": ""},
        ),
        (FieldType.YES_NO, "yes", True),
        (FieldType.YES_NO, "否", False),
        (FieldType.YES_NO, False, False),
        (FieldType.CHOICE, "dry", "dry"),
        (FieldType.CHOICE, "油性", "oily"),
        (FieldType.MULTI_CHOICE, "油性、干性", ["dry", "oily"]),
        (FieldType.MULTI_CHOICE, [], None),
        (FieldType.PHONE, "010-6552 9988", "+861065529988"),
        (FieldType.URL, "https://example.com/a?b=1", "https://example.com/a?b=1"),
    ],
)
def test_what_is_entered_becomes_one_stored_shape(type, raw, expected):
    assert clean_value(spec(type), raw) == expected


@pytest.mark.parametrize(
    ("type", "raw", "error"),
    [
        (FieldType.TEXT, "长" * 201, CustomFieldTooLong),
        (FieldType.NUMBER, "三", CustomFieldNotANumber),
        (FieldType.NUMBER, "NaN", CustomFieldNotANumber),
        (FieldType.NUMBER, True, CustomFieldNotANumber),
        (FieldType.NUMBER, "1e400", CustomFieldNotANumber),
        (FieldType.MONEY, "1.005", CustomFieldNotAnAmount),
        (FieldType.MONEY, "一百", CustomFieldNotAnAmount),
        (FieldType.DATE, "2026-02-30", CustomFieldNotADate),
        (FieldType.DATE, "明天", CustomFieldNotADate),
        (FieldType.LUNAR_DATE, "十三月一", InvalidInput),
        (FieldType.LUNAR_DATE, {"month": "x"}, InvalidInput),
        (FieldType.YES_NO, "也许", CustomFieldChoiceUnknown),
        (FieldType.CHOICE, "敏感", CustomFieldChoiceUnknown),
        (FieldType.CHOICE, "旧类", CustomFieldChoiceUnknown),
        (FieldType.MULTI_CHOICE, ["dry", "old"], CustomFieldChoiceUnknown),
        (FieldType.PHONE, "12", InvalidInput),
        (FieldType.URL, "javascript:alert(1)", CustomFieldNotAnAddress),
        (FieldType.URL, "http://", CustomFieldNotAnAddress),
        (FieldType.URL, "https://a b", CustomFieldNotAnAddress),
    ],
)
def test_what_does_not_fit_is_an_error_of_its_field(type, raw, error):
    with pytest.raises(error) as refused:
        clean_value(spec(type), raw)
    assert refused.value.field == "custom_x"
    assert str(refused.value)


def test_what_must_be_filled_in_is_missed():
    with pytest.raises(CustomFieldRequired):
        clean_value(spec(FieldType.TEXT, is_required=True), " ")


def test_an_archived_choice_may_stay_but_not_come_new():
    assert clean_value(spec(FieldType.CHOICE), "old", before="old") == "old"
    assert clean_value(spec(FieldType.MULTI_CHOICE), ["dry", "old"], before=["old"]) == ["dry", "old"]


def test_only_what_is_given_changes_and_other_keys_stay():
    specs = [spec(FieldType.TEXT, default="默认")]
    assert clean_values(specs, {}) == {"x": "默认"}
    assert clean_values(specs, {}, before={"archived": 1}) == {"archived": 1}
    assert clean_values(specs, {"x": ""}, before={"x": "a", "archived": 1}) == {"archived": 1}
    with pytest.raises(CustomFieldUnknown):
        clean_values(specs, {"y": 1})


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        (FieldType.MONEY, "88.00", Decimal("88.00")),
        (FieldType.CHOICE, "dry", "干性"),
        (FieldType.MULTI_CHOICE, ["dry", "old"], "干性、旧类"),
        (FieldType.CHOICE, "gone", "gone"),
        (FieldType.LUNAR_DATE, {"month": 8, "day": 15, "is_leap": False, "text": "中秋"}, "农历八月十五"),
        (FieldType.TEXT, None, None),
    ],
)
def test_a_stored_value_is_shown_in_words(type, value, expected):
    assert shown(spec(type), value) == expected


def test_the_schema_tells_programs_what_they_may_write():
    schema = json_schema([spec(FieldType.CHOICE, is_required=True)])
    assert schema["properties"]["x"]["enum"] == ["dry", "oily", "old"]
    assert schema["required"] == ["x"]


# --- definitions ---
def define(cast, now, label, type="TEXT", **more):
    return operations.define_field(
        model="work.task", type=type, values={"label": label, **more}, actor=cast.actor("wang"), now=now
    )


def test_a_field_gets_a_key_programs_can_write(cast, now):
    assert define(cast, now, "肤质 类型").key == "fu_zhi_lei_xing"
    assert define(cast, now, "2 次回访").key.startswith("f_2")
    assert define(cast, now, "肤质类型").key == "fu_zhi_lei_xing_2"
    assert len(define(cast, now, "一个很长很长很长的字段的名称").key) <= 24


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"label": " "}, LabelMissing),
        ({"label": "肤质", "type": "CHOICE"}, OptionsMissing),
        ({"label": "金额", "type": "MONEY", "default": "很多"}, CustomFieldNotAnAmount),
        ({"label": "有了"}, LabelTaken),
    ],
)
def test_a_definition_that_cannot_work_is_refused(cast, now, values, error):
    define(cast, now, "有了")
    with pytest.raises(error):
        define(cast, now, **values)
    with pytest.raises(ModelTakesNoFields):
        operations.define_field(
            model="access.user", type="TEXT", values={"label": "x"}, actor=cast.actor("wang"), now=now
        )


def test_trades_see_their_own_fields_only(cast, now):
    both, beauty = define(cast, now, "通用"), define(cast, now, "肤质", trade="BEAUTY")
    define(cast, now, "手寸", trade="JEWELRY")
    assert [s.key for s in specs_for("work.task", "BEAUTY")] == [both.key, beauty.key]
    assert len(specs_for("work.task")) == 3
    task = cast.task(by="li", custom={"fu_zhi": "干性"})
    assert task.custom == {"fu_zhi": "干性"}
    with pytest.raises(CustomFieldUnknown):
        cast.task(by="li", custom={"shou_cun": "12"})


def test_fields_move_past_each_other(cast, now):
    first, second, third = (define(cast, now, label) for label in ("一", "二", "三"))
    operations.move_field(field=third, is_up=True, actor=cast.actor("wang"), now=now)
    operations.move_field(field=first, is_up=True, actor=cast.actor("wang"), now=now)
    assert list(CustomField.objects.for_model("work.task")) == [first, third, second]


def test_an_archived_field_keeps_what_was_filled_in(cast, now):
    field = define(cast, now, "楼层")
    task = cast.task(by="li", owner="li", custom={"lou_ceng": "12"})
    operations.archive_field(field=field, actor=cast.actor("wang"), now=now)
    assert specs_for("work.task") == []
    operations.change_task(task=task, values={"priority": 3}, custom={}, actor=cast.actor("li"), now=now)
    operations.restore_field(field=field, actor=cast.actor("wang"), now=now)
    assert Task.objects.get(pk=task.pk).custom == {"lou_ceng": "12"}


def test_an_archived_fields_name_can_be_used_again_but_not_twice(cast, now):
    field = define(cast, now, "楼层")
    operations.archive_field(field=field, actor=cast.actor("wang"), now=now)
    define(cast, now, "楼层")
    with pytest.raises(LabelTaken):
        operations.restore_field(field=field, actor=cast.actor("wang"), now=now)


def test_editing_choices_keeps_the_codes_rows_hold():
    before = [{"code": "a", "label": "电话"}, {"code": "b", "label": "微信"}]
    after = options_from(["微信", "到店", "微信"], before)
    assert [(o["label"], o.get("is_archived", False)) for o in after] == [
        ("微信", False),
        ("到店", False),
        ("电话", True),
    ]
    assert after[0]["code"] == "b"


# --- forms and lists ---
def test_the_form_asks_and_checks_them(cast, now):
    define(cast, now, "预计消费", "MONEY", section="服务")
    define(
        cast,
        now,
        "联系方式",
        "CHOICE",
        options=[{"code": "tel", "label": "电话"}, {"code": "wx", "label": "微信"}],
    )
    posted = QueryDict(mutable=True)
    posted.update(
        {
            "title": "回访",
            "kind": "followup",
            "priority": "2",
            "owner": "me",
            "custom_yu_ji_xiao_fei": "一百",
            "custom_lian_xi_fang_shi": "tel",
        }
    )
    form = TaskForm(posted, actor=cast.actor("li"), now=now)
    assert not form.is_valid()
    assert "金额" in str(form.errors["custom_yu_ji_xiao_fei"])
    posted["custom_yu_ji_xiao_fei"] = "100"
    form = TaskForm(posted, actor=cast.actor("li"), now=now)
    assert form.is_valid(), form.errors
    assert form.custom_values() == {"yu_ji_xiao_fei": "100.00", "lian_xi_fang_shi": "tel"}
    assert "服务" in [str(heading) for heading, _fields in form.grouped()]


def test_lists_show_filter_and_search_them(cast, now):
    define(cast, now, "项目", in_list=True, in_search=True)
    define(
        cast,
        now,
        "方式",
        "CHOICE",
        in_filter=True,
        options=[{"code": "tel", "label": "电话"}, {"code": "wx", "label": "微信"}],
    )
    define(
        cast,
        now,
        "要求",
        "MULTI_CHOICE",
        in_filter=True,
        options=[{"code": "a", "label": "甲"}, {"code": "b", "label": "乙"}],
    )
    first = cast.task(
        "一", by="li", custom={"xiang_mu": "水光护理", "fang_shi": "tel", "yao_qiu": ["a", "b"]}
    )
    second = cast.task("二", by="li", custom={"fang_shi": "wx", "yao_qiu": ["b"]})
    listing = TaskListing(cast.actor("li"), now)
    assert "custom_xiang_mu" in [column.code for column in listing.chosen_columns(None)]

    def found(query):
        return set(listing.rows(listing.state(QueryDict(query))))

    assert found("custom_fang_shi=tel") == {first}
    assert found("custom_yao_qiu=b") == {first, second}
    assert found("custom_fang_shi=nonsense") == set()
    assert found("q=水光") == {first}
