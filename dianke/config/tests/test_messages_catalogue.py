"""Catalogues keep what people wrote, drop what is gone, and come out the same on every machine."""

import gettext as standard_gettext

import pytest

from dianke.config.messages.__main__ import main
from dianke.config.messages.catalogue import (
    Room,
    compile_rooms,
    discover_rooms,
    load,
    messages_of,
    refresh,
)
from dianke.config.messages.check import (
    chinese_in_python,
    chinese_in_template,
    find_chinese,
    find_problems,
    placeholder_problems,
    repository_root,
)
from dianke.config.messages.traditional import Traditional

TRADITIONAL = Traditional.from_file()


@pytest.fixture
def room(tmp_path):
    """A room with two messages, worded and in order."""
    made = a_room(tmp_path, "till", "_('Take payment')\n_('Close the shift')\n")
    word(made, "Take payment", "收款")
    word(made, "Close the shift", "交班")
    return made


def a_room(root, name, source):
    folder = root / "dianke" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").touch()
    (folder / "models.py").write_text(source, encoding="utf-8")
    made = Room(name, folder, root)
    refresh([made], [made], TRADITIONAL)
    return made


def word(room, english, chinese):
    path = room.catalogue_path("zh_Hans")
    text = path.read_text(encoding="utf-8")
    before = f'msgid "{english}"\nmsgstr ""\n'
    assert before in text
    path.write_text(text.replace(before, f'msgid "{english}"\nmsgstr "{chinese}"\n'), encoding="utf-8")
    refresh([room], [room], TRADITIONAL)


def wordings(room, locale):
    return {message.id: message.string for message in messages_of(load(room.catalogue_path(locale)))}


def problems(*rooms):
    return "\n".join(find_problems(rooms, TRADITIONAL))


def test_a_worded_room_has_no_problems(room):
    assert problems(room) == ""


def test_the_file_holds_only_wording_in_the_order_of_files_and_alphabet(room):
    assert room.catalogue_path("zh_Hans").read_text(encoding="utf-8") == (
        'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
        '#: dianke/till/models.py\nmsgid "Close the shift"\nmsgstr "交班"\n\n'
        '#: dianke/till/models.py\nmsgid "Take payment"\nmsgstr "收款"\n'
    )


def test_merging_keeps_wordings_adds_new_messages_and_tells_what_it_dropped(room):
    (room.folder / "models.py").write_text("_('Void')\n_('Take payment')\n", encoding="utf-8")
    (result,) = refresh([room], [room], TRADITIONAL)
    assert wordings(room, "zh_Hans") == {"Take payment": "收款", "Void": ""}
    assert [m.id for m in result.untranslated] == ["Void"]
    assert [m.id for m in result.dropped] == ["Close the shift"]
    assert "Close the shift" not in room.catalogue_path("zh_Hant").read_text(encoding="utf-8")


def test_moving_a_function_within_its_file_changes_no_catalogue(room):
    before = room.catalogue_path("zh_Hans").read_bytes()
    (room.folder / "models.py").write_text("\n\n_('Close the shift')\n_('Take payment')\n", encoding="utf-8")
    refresh([room], [room], TRADITIONAL)
    assert room.catalogue_path("zh_Hans").read_bytes() == before
    assert problems(room) == ""


def test_a_message_worded_in_another_room_takes_that_wording(room, tmp_path):
    other = a_room(tmp_path, "orders", "_('Take payment')\n_('Refund')\n")
    refresh([other], [room, other], TRADITIONAL)
    assert wordings(other, "zh_Hans") == {"Take payment": "收款", "Refund": ""}


def test_a_room_that_lost_its_last_message_loses_its_catalogues(room):
    compile_rooms([room])
    (room.folder / "models.py").write_text("", encoding="utf-8")
    refresh([room], [room], TRADITIONAL)
    compile_rooms([room])
    assert not list(room.folder.rglob("django.*"))


def test_the_traditional_catalogue_is_made_from_the_simplified_one(tmp_path):
    room = a_room(tmp_path, "till", "_('Cashier')")
    word(room, "Cashier", "收银")
    assert wordings(room, "zh_Hant") == {"Cashier": "收銀"}


def test_compiled_catalogues_answer_and_are_written_only_when_something_changed(tmp_path):
    room = a_room(tmp_path, "till", "ngettext('%(n)s order', '%(n)s orders', n)\npgettext('month', 'May')")
    path = room.catalogue_path("zh_Hans")
    text = path.read_text(encoding="utf-8")
    text = text.replace('msgstr[0] ""', 'msgstr[0] "%(n)s 单"')
    path.write_text(text.replace('msgid "May"\nmsgstr ""', 'msgid "May"\nmsgstr "五月"'), encoding="utf-8")
    assert [p.suffix for p in compile_rooms([room])] == [".mo", ".mo"]
    assert compile_rooms([room]) == []
    with path.with_suffix(".mo").open("rb") as file:
        catalogue = standard_gettext.GNUTranslations(file)
    assert catalogue.ngettext("%(n)s order", "%(n)s orders", 1) == "%(n)s 单"
    assert catalogue.ngettext("%(n)s order", "%(n)s orders", 9) == "%(n)s 单"
    assert catalogue.pgettext("month", "May") == "五月"
    assert catalogue.gettext("May") == "May"


def test_rooms_are_the_packages_of_the_product():
    assert {"core", "ledger", "config"} <= {room.name for room in discover_rooms(repository_root())}


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("店客", "店客"),
        ("收银台和导购", "收銀台和導購"),
        ("审核通过", "審核通過"),
        ("以后在店里", "以後在店裏"),
        ("皇后", "皇后"),
        ("一只戒指，只有一只", "一隻戒指，只有一隻"),
        ("面粉与面料", "麵粉與面料"),
        ("复核后签名", "覆核後簽名"),
        ("头发、发货", "頭髮、發貨"),
        ("余额 %(amount)s 元，{count} 张", "餘額 %(amount)s 元，{count} 張"),
        ("冲正这笔分录", "沖正這筆分錄"),
        ("已启用", "已啟用"),
    ],
)
def test_traditional_reads_as_a_person_writes_it(simplified, traditional):
    assert TRADITIONAL.convert(simplified) == traditional


def test_the_longest_correction_wins():
    assert Traditional({"后": "A", "以后": "B"}).convert("以后，后") == "B，A"


@pytest.mark.parametrize("row", ["一列", "a\tb\tc", "店\t店\n店\t舖"])
def test_a_wrong_row_of_the_correction_table_is_named(row, tmp_path):
    table = tmp_path / "corrections.txt"
    table.write_text(row, encoding="utf-8")
    with pytest.raises(ValueError, match=r"corrections\.txt:\d"):
        Traditional.from_file(table)


def test_check_finds_a_missing_wording(room):
    (room.folder / "models.py").write_text(
        "_('Take payment')\n_('Close the shift')\n_('Void')", encoding="utf-8"
    )
    assert "'Void' has no wording in zh_Hans (dianke/till/models.py)" in problems(room)
    assert "the zh_Hans catalogue is out of date; run bin/messages till" in problems(room)
    refresh([room], [room], TRADITIONAL)
    assert problems(room) == "till: 'Void' has no wording in zh_Hans (dianke/till/models.py)"


def edit(room, before, after, locale="zh_Hans"):
    path = room.catalogue_path(locale)
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_check_finds_fuzzy_entries(room):
    edit(room, 'msgid "Take', '#, fuzzy\nmsgid "Take')
    assert "'Take payment' is marked fuzzy" in problems(room)


def test_check_finds_obsolete_entries(room):
    edit(room, '#: dianke/till/models.py\nmsgid "Take', '#~ msgid "Gone"\n#~ msgstr "没了"\n\nmsgid "Take')
    assert "'Gone' is obsolete; run bin/messages till" in problems(room)


def test_check_finds_a_traditional_catalogue_that_was_left_behind(room):
    edit(room, "交班", "换班")
    assert problems(room) == "till: the zh_Hant catalogue is out of date; run bin/messages till"


def test_check_finds_two_wordings_of_one_message(room, tmp_path):
    other = a_room(tmp_path, "orders", "_('Take payment')\n")
    word(other, "Take payment", "收钱")
    assert "'Take payment' is '收钱' here and '收款' in till" in problems(room, other)


def test_check_finds_a_chinese_source_string(tmp_path):
    room = a_room(tmp_path, "till", "_('收款')\n")
    found = problems(room)
    assert "the source string '收款' is Chinese" in found
    assert "dianke/till/models.py:1: Chinese text '收款' in the source" in found


def test_check_reports_a_damaged_file_instead_of_failing_itself(room):
    edit(room, 'msgstr "交班"', 'msgstr "交班')
    assert "django.po:11 cannot be read" in problems(room)


@pytest.mark.parametrize(
    ("english", "chinese", "complaint"),
    [
        ("Hello %(name)s", "你好 %(name)s", None),
        ("Hello %(name)s", "你好", "lacks %(name)s"),
        ("Hello %(name)s", "你好 %(nom)s", "has %(nom)s"),
        ("Hello %(name)s", "你好 %(name)d", "lacks %(name)s"),
        ("Hello {name}", "{name} 你好", None),
        ("Hello {name}", "你好 {nom}", "lacks {name}"),
        ("%s of %s", "共 %s", "lacks %s (number 2)"),
        ("%s of %s", "%s / %s", None),
        ("{} of {}", "共 {}", "lacks {} (number 2)"),
        ("100%% wool", "100%% 羊毛", None),
        ("5% of all", "全部的 5%", None),
        ("{{literal}}", "原样", None),
        (("One order", "%(n)s orders"), "%(n)s 单", None),
        (("One order", "%(n)s orders"), "一单", "lacks %(n)s"),
    ],
)
def test_placeholders_are_neither_lost_nor_invented(english, chinese, complaint):
    from babel.messages.catalog import Message

    message = Message(english, (chinese,) if isinstance(english, tuple) else chinese)
    found = "; ".join(placeholder_problems(message))
    assert complaint in found if complaint else found == ""


def test_chinese_is_found_in_code_but_not_in_its_docstrings_and_comments():
    source = '"""店长"""\n# 店长\nX = "店长"\ndef f():\n    """交班"""\n    return f"合计 {X}"\n'
    assert list(chinese_in_python(source)) == [(3, "店长"), (6, "合计 ")]
    assert list(chinese_in_python('BRAND = "店客 Dianke"; LANGUAGES = [("zh-hans", "简体中文")]')) == []


def test_chinese_is_found_in_templates_but_not_in_their_comments():
    source = "{# 店长 #}\n{% comment %}\n收款\n{% endcomment %}\n<p>合计</p>\n"
    assert list(chinese_in_template(source)) == [(5, "<p>合计</p>")]


def test_chinese_is_found_in_scripts_and_allowed_in_tests_and_data(tmp_path):
    room = a_room(tmp_path, "till", "")
    for name, text in {
        "static/till/till.js": "// 收款\nsay('收款') // x\n/* 合\n计 */\nconst a = 'http://x/合计'\n",
        "tests/test_till.py": "A = '收款'",
        "data/words.py": "A = '收款'",
        "templates/till/a.html": "收款",
    }.items():
        (room.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (room.folder / name).write_text(text, encoding="utf-8")
    assert [line.split(": Chinese")[0] for line in find_chinese(room)] == [
        "dianke/till/static/till/till.js:2",
        "dianke/till/static/till/till.js:5",
        "dianke/till/templates/till/a.html:1",
    ]


def test_an_unknown_room_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        main(["nowhere"])
    assert "no such room: nowhere" in capsys.readouterr().err
