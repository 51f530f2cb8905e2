"""What is typed and what is kept of it: one table per kind of value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from dianke.core.errors import InvalidInput
from dianke.customers.rules.addresses import parse_address
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import (
    AddressEntry,
    ConsentEntry,
    Entry,
    EntryProblems,
    Normalised,
    PhoneEntry,
    normalise,
)
from dianke.customers.rules.numbers import is_member_number, member_number_of
from dianke.customers.rules.placeholders import name_is_empty, name_is_titled

TODAY = date(2026, 11, 21)


def kept(entry: Entry, **more) -> Normalised:
    return normalise(entry, today=TODAY, **more)


def problems(entry: Entry, **more) -> dict[str, str]:
    with pytest.raises(EntryProblems) as caught:
        kept(entry, **more)
    return {field: error.code for field, error in caught.value.errors.items()}


@dataclass
class Rule:
    field: str
    is_required: bool = False
    pattern: str = ""
    shortest: int | None = None
    longest: int | None = None
    hint: str = ""


@pytest.mark.parametrize(
    ("text", "parts", "street"),
    [
        ("浙江省杭州市西湖区文三路90号", ("浙江省", "杭州市", "西湖区", "330106"), "文三路90号"),
        ("浙江 杭州 西湖 文三路 90号", ("浙江省", "杭州市", "西湖区", "330106"), "文三路 90号"),
        ("深圳南山科技园", ("广东省", "深圳市", "南山区", "440305"), "科技园"),
        ("东莞市长安镇振安路1号", ("广东省", "东莞市", "", "441900"), "长安镇振安路1号"),
        ("上海浦东新区世纪大道1号", ("上海市", "上海市", "浦东新区", "310115"), "世纪大道1号"),
        ("湖北省恩施州恩施市舞阳大道", ("湖北省", "恩施土家族苗族自治州", "恩施市", "422801"), "舞阳大道"),
        ("新疆石河子市北三路", ("新疆维吾尔自治区", "石河子市", "", "659001"), "北三路"),
        ("朝阳区建国路88号", ("", "", "", ""), "朝阳区建国路88号"),  # several cities have one
        ("西湖大道12号", ("", "", "", ""), "西湖大道12号"),
        ("余杭区文一西路969号", ("浙江省", "杭州市", "余杭区", "330110"), "文一西路969号"),
    ],
)
def test_an_address_in_one_line_is_taken_apart(text, parts, street):
    found = parse_address(text)
    assert (found.province, found.city, found.district, found.division) == parts
    assert found.street == street


def test_a_postcode_at_the_end_is_no_part_of_the_street():
    found = parse_address("杭州西湖区文三路90号 310012")
    assert (found.street, found.postcode) == ("文三路90号", "310012")


@pytest.mark.parametrize(
    ("text", "calendar", "year", "month", "day", "is_leap"),
    [
        ("1990-3-5", "SOLAR", 1990, 3, 5, False),
        ("1990年3月5日", "SOLAR", 1990, 3, 5, False),
        ("19900305", "SOLAR", 1990, 3, 5, False),
        ("3.5", "SOLAR", None, 3, 5, False),
        ("2-29", "SOLAR", None, 2, 29, False),
        ("农历八月十五", "LUNAR", None, 8, 15, False),
        ("1990年農曆八月十五", "LUNAR", 1990, 8, 15, False),
        ("闰四月初三", "LUNAR", None, 4, 3, True),
        ("八月十五", "LUNAR", None, 8, 15, False),
    ],
)
def test_a_date_is_read_as_people_write_it(text, calendar, year, month, day, is_leap):
    found = DateEntry.parse(text)
    assert (found.calendar, found.year, found.month, found.day, found.is_leap) == (
        calendar,
        year,
        month,
        day,
        is_leap,
    )
    assert found.text == text
    assert DateEntry.from_json(found.to_json()) == found


@pytest.mark.parametrize("text", ["1990-2-30", "上个月", "13-40", "2-30"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(InvalidInput):
        DateEntry.parse(text)


def test_a_lunar_birthday_is_never_turned_into_a_solar_one():
    found = kept(Entry(name="王小明", birthday=DateEntry.parse("农历八月十五")))
    assert found.birthday.calendar == "LUNAR"
    assert (found.birthday.month, found.birthday.day) == (8, 15)


@pytest.mark.parametrize("name", ["女士", "先生", "散客", "test", "无", "。", "xxx", "微信用户"])
def test_names_that_say_nothing_are_known(name):
    assert name_is_empty(name)
    assert problems(Entry(name=name, phones=(PhoneEntry("13812345678"),))) == {"name": "name_says_nothing"}


@pytest.mark.parametrize("name", ["王女士", "李总", "欧阳先生", "Ms. Wang", "陈老师"])
def test_a_surname_with_a_title_is_a_name_but_a_weak_one(name):
    assert not name_is_empty(name)
    assert name_is_titled(name)


@pytest.mark.parametrize("name", ["王小明", "欧阳娜娜", "Anna Schmidt", "古丽·阿依", "总小明"])
def test_full_names_are_no_titles(name):
    assert not name_is_titled(name)
    assert not name_is_empty(name)


@pytest.mark.parametrize("phone", ["13800000000", "13800138000", "13888888888"])
def test_placeholder_numbers_are_refused_where_somebody_can_correct_them(phone):
    assert problems(Entry(name="王小明", phones=(PhoneEntry(phone),))) == {"phone": "phone_says_nothing"}


def test_placeholders_are_dropped_and_told_where_nobody_can_answer():
    found = kept(
        Entry(name="女士", phones=(PhoneEntry("13800000000"), PhoneEntry("13812345678"))), is_strict=False
    )
    assert [contact.value for contact in found.contacts] == ["+8613812345678"]
    assert found.name == ""
    assert {field: error.code for field, error in found.dropped.items()} == {
        "name": "name_says_nothing",
        "phone": "phone_says_nothing",
    }


def test_the_shops_own_number_is_nobodys():
    entry = Entry(name="王小明", phones=(PhoneEntry("0571-87654321"),))
    assert problems(entry, blocked_phones={"+8657187654321"}) == {"phone": "phone_is_ours"}


def test_an_entry_without_anything_is_refused():
    assert problems(Entry(note="blue")) == {"name": "nothing_entered"}


def test_every_wrong_field_is_told_at_once_and_the_first_reads_as_the_error():
    entry = Entry(name="王小明", phones=(PhoneEntry("1381234567"),), emails=("nobody",), gender="x")
    with pytest.raises(EntryProblems) as caught:
        kept(entry)
    assert set(caught.value.errors) == {"phone", "email", "gender"}
    assert caught.value.field in caught.value.errors
    assert str(caught.value) == str(caught.value.errors[caught.value.field])


def test_phones_and_emails_are_kept_in_one_form_and_once():
    found = kept(
        Entry(
            phones=(
                PhoneEntry("138 1234 5678"),
                PhoneEntry("+86-13812345678"),
                PhoneEntry("0571-8765 4321转8001"),
            ),
            emails=(" Anna@Example.COM ", "anna@example.com"),
        )
    )
    assert [(c.kind, c.value, c.extension, c.is_preferred) for c in found.contacts] == [
        ("PHONE", "+8613812345678", "", True),
        ("PHONE", "+8657187654321", "8001", False),
        ("EMAIL", "anna@example.com", "", True),
    ]


def test_a_childs_entry_needs_a_guardian():
    child = Entry(
        name="王朵朵",
        birthday=DateEntry.parse("2015-6-1"),
        consents=(ConsentEntry("MARKETING", "SMS"), ConsentEntry("SENSITIVE")),
        sensitive={"allergies": "花生"},
    )
    assert problems(child) == {"guardian": "guardian_missing"}
    dropped = kept(child, is_strict=False)
    assert dropped.consents == ()
    assert dropped.sensitive == {}
    assert "guardian" in dropped.dropped
    with_guardian = kept(
        Entry(name=child.name, birthday=child.birthday, consents=child.consents, guardian="妈妈 王芳")
    )
    assert with_guardian.consents == child.consents
    assert with_guardian.is_minor_on(TODAY)


AGREED = ConsentEntry("SENSITIVE")


@pytest.mark.parametrize("is_strict", [True, False])
@pytest.mark.parametrize(
    "consents",
    [
        (),
        (ConsentEntry("CARE"),),
        (ConsentEntry("SENSITIVE", is_given=False),),
        (AGREED, ConsentEntry("SENSITIVE", is_given=False)),
    ],
)
def test_sensitive_details_without_the_consent_to_them_are_refused_whoever_sends_them(consents, is_strict):
    entry = Entry(name="王小明", sensitive={"allergies": "花生"}, consents=consents)
    assert problems(entry, is_strict=is_strict) == {"sensitive_allergies": "sensitive_not_agreed"}


def test_consent_to_sensitive_details_comes_with_them_or_stands_already():
    said = Entry(name="王小明", sensitive={"allergies": "花生"})
    assert kept(replace(said, consents=(AGREED,))).sensitive == {"allergies": "花生"}
    assert kept(said, has_agreed=True).sensitive == {"allergies": "花生"}
    taken_back = replace(said, consents=(ConsentEntry("SENSITIVE", is_given=False),))
    assert problems(taken_back, has_agreed=True) == {"sensitive_allergies": "sensitive_not_agreed"}
    assert kept(replace(said, sensitive={"allergies": ""})).sensitive == {}


def test_from_fourteen_on_nobody_else_is_asked():
    teen = kept(
        Entry(name="王朵朵", birthday=DateEntry.parse("2012-11-21"), consents=(ConsentEntry("CARE"),))
    )
    assert not teen.is_minor_on(TODAY)
    assert len(teen.consents) == 1


@pytest.mark.parametrize(
    ("rule", "entry", "told"),
    [
        (Rule("gender", is_required=True), Entry(name="王小明"), {"gender": "field_missing"}),
        (Rule("name", shortest=3), Entry(name="王明"), {"name": "field_too_short"}),
        (Rule("name", longest=4), Entry(name="欧阳娜娜娜"), {"name": "field_too_long"}),
        (
            Rule("phone", pattern=r"\+861.*"),
            Entry(phones=(PhoneEntry("0571-87654321"),)),
            {"phone": "field_not_in_pattern"},
        ),
    ],
)
def test_the_merchants_rules_are_asked_of_each_field(rule, entry, told):
    assert problems(entry, rules=[rule]) == told


def test_what_the_merchant_requires_is_not_asked_of_files():
    assert kept(Entry(name="王小明"), rules=[Rule("gender", is_required=True)], is_strict=False).gender == ""


def test_an_identity_number_is_checked_and_kept_in_capitals():
    found = kept(Entry(name="王小明", document="11010519491231002x"))
    assert found.of_kind("DOCUMENT")[0].value == "11010519491231002X"
    assert problems(Entry(name="王小明", document="110105194912310021")) == {
        "document": "resident_id_mistyped"
    }


def test_a_waiting_entry_comes_back_whole_from_its_payload():
    found = kept(
        Entry(
            name="王小明",
            phones=(PhoneEntry("13812345678", is_shared=True),),
            birthday=DateEntry.parse("农历八月十五"),
            addresses=(AddressEntry(text="浙江省杭州市西湖区文三路90号"),),
            tags=("VIP",),
            consents=(ConsentEntry("CARE", "SMS", True, 3), AGREED),
            sensitive={"allergies": "花生"},
        )
    )
    again = Normalised.from_payload({"fields": found.fields(), "parts": found.parts()})
    assert again.fields() == found.fields()
    assert again.parts() == found.parts()


def test_the_same_content_has_the_same_fingerprint():
    one = kept(Entry(name="王小明", phones=(PhoneEntry("13812345678"),)))
    same = kept(Entry(name=" 王小明 ", phones=(PhoneEntry("+86 138 1234 5678"),)))
    other = kept(Entry(name="王小明", phones=(PhoneEntry("13812345679"),)))
    assert one.fingerprint_text() == same.fingerprint_text() != other.fingerprint_text()


def test_member_numbers_carry_a_check_digit():
    assert member_number_of(10_000) == "100100007"
    assert is_member_number("100100007")
    assert not is_member_number("100100017")
    assert not is_member_number("100010007")
