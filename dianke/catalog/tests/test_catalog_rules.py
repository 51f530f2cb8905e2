"""The matrix of variants, the paths of categories, rows of files."""

from __future__ import annotations

import pytest

from dianke.catalog.rules.categories import CategoryInsideItself, CategoryTooDeep, moved_paths, names_of_path
from dianke.catalog.rules.import_rows import CellTooLong, PriceNegative, entry_of
from dianke.catalog.rules.variants import Axis, AxisEmpty, TooManyAxes, TooManyVariants, matrix, new_code
from dianke.core.money import NotAnAmount


def test_a_matrix_runs_through_the_last_attribute_fastest():
    cells = matrix([Axis("颜色", ("红", "蓝")), Axis("尺码", ("S", "M"))])
    assert [(cell.label, cell.ending) for cell in cells] == [
        ("红 / S", "1-1"),
        ("红 / M", "1-2"),
        ("蓝 / S", "2-1"),
        ("蓝 / M", "2-2"),
    ]
    assert [cell.label for cell in matrix([])] == [""]


def test_a_matrix_has_bounds():
    with pytest.raises(AxisEmpty):
        matrix([Axis("颜色", ())])
    with pytest.raises(TooManyAxes):
        matrix([Axis(str(number), ("a",)) for number in range(5)])
    many = tuple(str(number) for number in range(30))
    with pytest.raises(TooManyVariants):
        matrix([Axis("a", many), Axis("b", many)])


def test_a_code_that_is_taken_gets_a_counter():
    assert new_code("KS01", "1-2", set()) == "KS01-1-2"
    assert new_code("KS01", "", {"KS01", "KS01-2"}) == "KS01-3"
    assert len(new_code("K" * 40, "10-10-10", set())) <= 48


def test_moving_a_branch_moves_what_is_below_it():
    below = {3: [1, 2], 4: [1, 2, 3]}  # 2 lies below 1, 3 below 2, 4 below 3
    assert moved_paths(2, [9], below) == {2: [9], 3: [9, 2], 4: [9, 2, 3]}
    assert moved_paths(2, [], below) == {2: [], 3: [2], 4: [2, 3]}
    with pytest.raises(CategoryInsideItself):
        moved_paths(2, [1, 2, 3], below)
    with pytest.raises(CategoryTooDeep):
        moved_paths(2, [7, 8, 9], below)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("珠宝/戒指", ["珠宝", "戒指"]),
        ("Apparel > Shirts > Long", ["Apparel", "Shirts", "Long"]),
        ("女装", ["女装"]),
        (" / ", []),
        ("a/b/c/d/e/f", ["a", "b", "c", "d", "e"]),
    ],
)
def test_a_path_is_read_however_it_is_separated(text, names):
    assert names_of_path(text) == names


def test_a_row_says_its_options_in_columns_or_in_one_cell():
    row = {"name": "开衫", "colour": "红", "size": "L"}
    assert [value for _name, value in entry_of(row, "CNY").options] == ["红", "L"]
    assert entry_of({"options": "颜色：红；尺码：L"}, "CNY").options == (("颜色", "红"), ("尺码", "L"))
    assert entry_of({"option1_name": "Title", "option1": "Default Title"}, "CNY").options == ()
    assert entry_of({"option1_name": "Color", "option1": "Red"}, "CNY").label == "Red"


def test_a_row_keeps_what_is_sound_and_warns_about_the_rest():
    entry = entry_of(
        {
            "name": "面霜",
            "price": "¥1,299.5",
            "barcode": "6901234567890",
            "shelf_life_days": "36个月?",
            "state": "已下架",
            "description": "<p>温和</p>\n保湿",
        },
        "CNY",
    )
    assert (entry.price_amount, entry.barcode, entry.state) == (129_950, None, "ARCHIVED")
    assert entry.description == "温和 保湿"
    assert [warning.code for warning in entry.warnings] == ["barcode_mistyped"]
    for row, error in [
        ({"price": "便宜"}, NotAnAmount),
        ({"price": "-1"}, PriceNegative),
        ({"name": "长" * 121}, CellTooLong),
    ]:
        with pytest.raises(error):
            entry_of(row, "CNY")
