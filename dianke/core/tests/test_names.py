"""A name is found by characters, traditional or simplified, by pinyin and by initials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core import names
from dianke.core.names import fold, matches, pinyin_tokens, query_terms, search_text

HAN = st.sampled_from("王李单仇曾解查欧阳明小雨伟芳娜乐行长重朝吕绿女單陳黃麗乾")
CHINESE_NAMES = st.text(HAN, min_size=1, max_size=6)
ANY_NAMES = st.text(st.one_of(HAN, st.sampled_from("abzé 9·'-")), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("陳麗華", "陈丽华"),
        ("陈 丽 华", "陈丽华"),
        ("ＡＢＣ１２３", "abc123"),
        ("Anna Smith", "annasmith"),
        ("José", "jose"),
        ("Müller", "muller"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("买买提·阿不都拉", "买买提阿不都拉"),
        ("O’Brien", "obrien"),
        ("王小明（女士）", "王小明女士"),
        ("İstanbul", "istanbul"),
        ("歐陽娜娜", "欧阳娜娜"),
        ("〇一", "〇一"),
        ("㐀乙", "㐀乙"),
        ("😀", ""),
        ("", ""),
    ],
)
def test_names_are_compared_in_one_form(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("name", "first", "initials"),
    [
        ("王小明", "wangxiaoming", "wxm"),
        ("单小雨", "shanxiaoyu", "sxy"),
        ("單小雨", "shanxiaoyu", "sxy"),
        ("仇英", "qiuying", "qy"),
        ("曾国藩", "zengguofan", "zgf"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("查良镛", "zhaliangyong", "zly"),
        ("区小红", "ouxiaohong", "oxh"),
        ("朴英", "piaoying", "py"),
        ("盖叫天", "gejiaotian", "gjt"),
        ("乐嘉", "yuejia", "yj"),
        ("覃辉", "qinhui", "qh"),
        ("种师道", "chongshidao", "csd"),
        ("任贤齐", "renxianqi", "rxq"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟卨", "moqixie", "mqx"),
        ("欧阳娜娜", "ouyangnana", "oynn"),
        ("歐陽修", "ouyangxiu", "oyx"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("单于夜", "chanyuye", "cyy"),
        ("令狐冲", "linghuchong", "lhc"),
        ("重庆银行", "chongqingyinhang", "cqyh"),
        ("长沙银行股份有限公司", "changshayinhanggufenyouxiangongsi", "csyhgfyxgs"),
        ("单", "shan", "s"),
        ("Anna Smith", "annasmith", "as"),
        ("Lisa王", "lisawang", "lw"),
        ("陈乾", "chenqian", "cq"),
    ],
)
def test_the_first_reading_is_the_right_one(name: str, first: str, initials: str) -> None:
    tokens = pinyin_tokens(name)
    assert (tokens.full[0], tokens.initials[0]) == (first, initials)


def test_characters_with_several_readings_yield_them_all() -> None:
    assert set(pinyin_tokens("张乐行").full) == {"zhanglexing", "zhanglehang", "zhangyuexing", "zhangyuehang"}
    assert pinyin_tokens("单小雨").full == ("shanxiaoyu", "danxiaoyu")


def test_the_umlaut_is_written_as_input_methods_and_passports_do() -> None:
    assert pinyin_tokens("吕布").full == ("lvbu", "lubu", "lyubu")


def test_the_number_of_spellings_is_bounded() -> None:
    tokens = pinyin_tokens("缪着伽")
    assert len(tokens.full) == names.MAX_SPELLINGS
    assert len(pinyin_tokens("行长乐重" * 5).full) == names.MAX_SPELLINGS_OF_LONG_NAMES
    assert len(search_text("行长乐重" * 50)) < 4000


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("王小明", "王小明"),
        ("小明", "王小明"),
        ("明", "王小明"),
        ("王 明", "王小明"),
        ("wang", "王小明"),
        ("WangXiao", "王小明"),
        ("wang xiao ming", "王小明"),
        ("xiaoming", "王小明"),
        ("xiaom", "王小明"),
        ("wxm", "王小明"),
        ("wx", "王小明"),
        ("xm", "王小明"),
        ("wangxm", "王小明"),
        ("王xm", "王小明"),
        ("王 xiaoming", "王小明"),
        ("陳麗", "陈丽华"),
        ("陈丽", "陳麗華"),
        ("chen li hua", "陳麗華"),
        ("shan", "单小雨"),
        ("dan", "单小雨"),
        ("yuchi", "尉迟恭"),
        ("moqi", "万俟卨"),
        ("lv", "吕布"),
        ("lü", "吕布"),
        ("lyu", "吕布"),
        ("xi'an", "西安大药房"),
        ("yinhang", "重庆长江银行股份有限公司"),
        ("长江银行", "重庆长江银行股份有限公司"),
        ("cqcj", "重庆长江银行股份有限公司"),
        ("阿不都", "买买提·阿不都拉"),
        ("买买提阿不都拉", "买买提·阿不都拉"),
        ("买买提•阿", "买买提·阿不都拉"),
        ("maimaiti", "买买提·阿不都拉"),
        ("mmtabdl", "买买提·阿不都拉"),
        ("anna", "Anna Smith"),
        ("smith anna", "Anna Smith"),
        ("as", "Anna Smith"),
        ("jose", "José García"),
        ("obrien", "O'Brien"),
        ("１２", "A座12号王先生"),
    ],
)
def test_a_query_finds_the_name(query: str, name: str) -> None:
    assert matches(query, name)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("明小", "王小明"),
        ("王明", "王小明"),
        ("ximing", "王小明"),
        ("wm", "王小明"),
        ("ang", "王小明"),
        ("zhang", "王小明"),
        ("王 zhang", "王小明"),
        ("mith", "Anna Smith"),
        ("", "王小明"),
        ("·", "王小明"),
        ("a", ""),
    ],
)
def test_a_query_does_not_find_another_name(query: str, name: str) -> None:
    assert not matches(query, name)


def test_a_query_is_cut_where_the_script_changes() -> None:
    assert query_terms("王xm") == ["王", "xm"]
    assert query_terms(" 王  王 ") == ["王"]
    assert query_terms("，。") == []
    assert len(query_terms(" ".join(chr(0x4E00 + n) for n in range(50)))) == names.MAX_TERMS


def test_stored_words_are_what_queries_begin() -> None:
    assert search_text("王小明").split() == (
        ["王小明", "小明", "明", "wangxiaoming", "xiaoming", "ming", "wxm", "xm", "m", "wangxm"]
    )
    assert search_text("") == ""


@given(CHINESE_NAMES, st.data())
def test_every_fragment_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert matches(name[start:end], name)
    assert matches(fold(name)[start:end], name)


@given(CHINESE_NAMES)
def test_every_spelling_finds_the_name(name: str) -> None:
    tokens = pinyin_tokens(name)
    assert tokens.full
    for spelling in tokens.full + tokens.initials:
        assert matches(spelling, name)
        assert matches(spelling[: len(spelling) // 2 + 1], name)


@given(ANY_NAMES, ANY_NAMES)
def test_the_stored_column_answers_as_matches_does(query: str, name: str) -> None:
    terms, words = query_terms(query), search_text(name).split()
    by_column = bool(terms) and all(any(word.startswith(term) for word in words) for term in terms)
    assert by_column == matches(query, name)


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert " " not in fold(text)
    assert all(len(word) <= names.WORD_LENGTH for word in search_text(text).split())


@given(st.text(min_size=1, max_size=20))
def test_a_name_with_letters_finds_itself(name: str) -> None:
    assert matches(name, name) == bool(fold(name))


@given(st.text(HAN, min_size=1, max_size=4))
def test_the_short_way_for_plain_names_gives_the_same_words(name: str) -> None:
    assert names._words(name) == names._words_of_units(name)
