"""A phone number is found again however it was typed, and a wrong one says what is wrong."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dianke.core import phone
from dianke.core.errors import InvalidInput
from dianke.core.phone import PhoneKind

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
ONE_ONLY = "这里有好几个号码，请只填一个，其余的另外添加"
GAPS = st.sampled_from(["", " ", "-", ".", "\u3000", "\u2011"])


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "138.1234.5678",
        "１３８１２３４５６７８",
        "１３８　１２３４　５６７８",
        "+8613812345678",
        "+86 138-1234-5678",
        "＋８６ 13812345678",
        "(+86) 138 1234 5678",
        "008613812345678",
        "0086 138 1234 5678",
        "8613812345678",
        "86-138-1234-5678",
        "  13812345678\t",
        "\u202d13812345678\u202c",  # as copied from a phone's contact card
        "手机：13812345678",
        "tel: 13812345678",
        "138\u20111234\u20115678",
    ],
)
def test_a_mobile_number_has_one_form(typed: str) -> None:
    assert phone.parse(typed) == phone.Phone("+8613812345678", "", PhoneKind.MOBILE, "CN")


@pytest.mark.parametrize(
    ("typed", "e164", "extension", "kind", "region"),
    [
        ("0755-26501234", "+8675526501234", "", "LANDLINE", "CN"),
        ("(0755) 2650 1234", "+8675526501234", "", "LANDLINE", "CN"),
        ("+86 755 26501234", "+8675526501234", "", "LANDLINE", "CN"),
        ("+86 (0)755 26501234", "+8675526501234", "", "LANDLINE", "CN"),
        ("010-62345678", "+861062345678", "", "LANDLINE", "CN"),
        ("021-62345678转8001", "+862162345678", "8001", "LANDLINE", "CN"),
        ("010-62345678 转 8001", "+861062345678", "8001", "LANDLINE", "CN"),
        ("010-62345678轉8001", "+861062345678", "8001", "LANDLINE", "CN"),
        ("010-62345678分机：8001", "+861062345678", "8001", "LANDLINE", "CN"),
        ("010-62345678 ext. 12", "+861062345678", "12", "LANDLINE", "CN"),
        ("010-62345678x12", "+861062345678", "12", "LANDLINE", "CN"),
        ("010-62345678＃12", "+861062345678", "12", "LANDLINE", "CN"),
        ("400-800-1234", "+864008001234", "", "SERVICE", "CN"),
        ("800 810 1234", "+868008101234", "", "SERVICE", "CN"),
        ("+852 9123 4567", "+85291234567", "", "MOBILE", "HK"),
        ("852 9123 4567", "+85291234567", "", "MOBILE", "HK"),
        ("00852 9123 4567", "+85291234567", "", "MOBILE", "HK"),
        ("+852 2123 4567", "+85221234567", "", "LANDLINE", "HK"),
        ("+853 6612 3456", "+85366123456", "", "MOBILE", "MO"),
        ("+886 912 345 678", "+886912345678", "", "MOBILE", "TW"),
        ("886912345678", "+886912345678", "", "MOBILE", "TW"),
        ("+886 2 2345 6789", "+886223456789", "", "LANDLINE", "TW"),
        ("+1 202 555 0123", "+12025550123", "", "MOBILE_OR_LANDLINE", "US"),
        ("+49 30 123456", "+4930123456", "", "LANDLINE", "DE"),
        ("+44 7400 123456", "+447400123456", "", "MOBILE", "GB"),
    ],
)
def test_landlines_and_numbers_from_abroad_are_known(
    typed: str, e164: str, extension: str, kind: str, region: str
) -> None:
    assert phone.parse(typed) == phone.Phone(e164, extension, PhoneKind(kind), region)


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("9123 4567", "HK", "+85291234567"),
        ("0912 345 678", "TW", "+886912345678"),
        ("6612 3456", "MO", "+85366123456"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("+86 138 1234 5678", "HK", "+8613812345678"),
        ("86 138 1234 5678", "HK", "+8613812345678"),
    ],
)
def test_a_store_abroad_has_its_own_region(typed: str, region: str, e164: str) -> None:
    assert phone.parse(typed, region).e164 == e164


def test_a_range_given_out_lately_is_a_mobile_number() -> None:
    assert phone.parse("15412345678").kind is PhoneKind.MOBILE


@pytest.mark.parametrize(
    ("typed", "error", "sentence"),
    [
        ("", phone.PhoneMissing, "还没填电话号码，请填写"),
        ("1381234567", phone.MobileTooShort, "手机号少了 1 位，请补全"),
        ("+86 1381234567", phone.MobileTooShort, "手机号少了 1 位，请补全"),
        ("861381234567", phone.MobileTooShort, "手机号少了 1 位，请补全"),
        ("13812345", phone.MobileTooShort, "手机号少了 3 位，请补全"),
        ("138123456789", phone.MobileTooLong, "手机号多了 1 位，请核对"),
        ("12012345678", phone.MobileBeginsWrong, "没有 120 开头的手机号，请核对前三位"),
        ("26501234", phone.AreaCodeMissing, "座机号缺少区号，请写成 0755-26501234 的样子"),
        ("0755-265012", phone.LandlineTooShort, "座机号少了 1 位，请连区号一起补全"),
        ("010-6234567", phone.LandlineTooShort, "座机号少了 1 位，请连区号一起补全"),
        ("0755-265012345", phone.LandlineTooLong, "座机号多了 1 位，请核对"),
        ("010-623456789", phone.LandlineTooLong, "座机号多了 1 位，请核对"),
        ("0755-2650123", phone.NoSuchPhoneNumber, "没有“0755-2650123”这样的号码，请核对区号和号码"),
        ("400-800-123", phone.PhoneTooShort, "号码（400）少了 1 位，请补全"),
        ("400-800-12345", phone.PhoneTooLong, "号码（400）多了 1 位，请核对"),
        ("+852 912 3456", phone.PhoneTooShort, "号码（HK）少了 1 位，请补全"),
        ("+852 9123 45678", phone.PhoneTooLong, "号码（HK）多了 1 位，请核对"),
        ("95588", phone.ServiceShortNumber, "95588 是服务短号，联系不到本人，请填完整的电话号码"),
        ("154100", phone.MobileTooShort, "手机号少了 5 位，请补全"),
        ("1234", phone.NotAPhoneNumber, "“1234”不是电话号码，请只填数字，座机加区号，境外加国家或地区码"),
        ("110", phone.ServiceShortNumber, "110 是服务短号，联系不到本人，请填完整的电话号码"),
        (
            "+999 12345678",
            phone.UnknownCountryCode,
            "+999 12345678 的国家或地区码不存在，请以 + 和区码开头，例如 +852",
        ),
        (
            "13812345678/13912345678",
            phone.SeveralPhoneNumbers,
            "这里有好几个号码，请只填一个，其余的另外添加",
        ),
        (
            "13812345678、0755-26501234",
            phone.SeveralPhoneNumbers,
            ONE_ONLY,
        ),
        (
            "女士",
            phone.NotAPhoneNumber,
            "“女士”不是电话号码，请只填数字，座机加区号，境外加国家或地区码",
        ),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed: str, error: type[InvalidInput], sentence: str) -> None:
    with pytest.raises(error) as refused:
        phone.parse(typed, field="phone")
    assert type(refused.value) is error
    assert refused.value.field == "phone"
    with override("zh-hans"):
        assert str(refused.value) == sentence


@pytest.mark.parametrize("typed", ["138****5678", "1-800-FLOWERS", "138 王", "+", "转8001", "2" * 60, "0"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        phone.parse(typed)


@pytest.mark.parametrize(
    ("typed", "masked", "shown"),
    [
        ("13812345678", "138****5678", "138 1234 5678"),
        ("0755-26501234转8001", "0755****1234", "0755 2650 1234 转 8001"),
        ("010-62345678", "010****5678", "010 6234 5678"),
        ("0691-2123456", "0691***3456", "0691 212 3456"),
        ("400-800-1234", "400***1234", "400 800 1234"),
        ("+852 9123 4567", "+852****4567", "+852 9123 4567"),
        ("+1 202 555 0123", "+1******0123", "+1 202-555-0123"),
    ],
)
def test_a_mask_leaves_the_last_four(typed: str, masked: str, shown: str) -> None:
    number = phone.parse(typed)
    assert number.masked() == masked
    assert number.masked().endswith(number.tail(4))
    assert number.format() == shown


@pytest.mark.parametrize(
    "typed",
    ["13800000000", "13888888888", "13800138000", "18900000000", "0755-00000000", "+886900000000"],
)
def test_a_number_that_stands_for_none_is_known(typed: str) -> None:
    assert phone.parse(typed).is_placeholder()


def test_a_real_number_is_no_placeholder_unless_it_is_the_shops_own() -> None:
    number = phone.parse("13812345678")
    assert not number.is_placeholder()
    assert number.is_placeholder(blocked={"+8613812345678"})
    assert not phone.parse("0571-88888888").is_placeholder()


@given(
    MOBILES, st.sampled_from(["", " ", "-", ".", "　", "\u2011"]), st.sampled_from(["", "+86", "0086", "86"])
)
def test_any_spelling_of_a_mobile_number_reads_the_same(digits: str, gap: str, prefix: str) -> None:
    typed = gap.join([prefix, digits[:3], digits[3:7], digits[7:]])
    assert phone.parse(typed).e164 == f"+86{digits}"


@given(MOBILES)
def test_a_parsed_number_parses_to_itself(digits: str) -> None:
    once = phone.parse(digits)
    assert phone.parse(once.e164) == once
    assert phone.parse(once.format()) == once


@given(MOBILES)
def test_a_mask_hides_four_digits(digits: str) -> None:
    masked = phone.parse(digits).masked()
    assert masked == f"{digits[:3]}****{digits[7:]}"


@given(st.text(max_size=25))
def test_any_text_is_a_number_or_refused_by_name(typed: str) -> None:
    with suppress(InvalidInput):
        assert phone.parse(typed).e164.startswith("+")
