"""Every preset file is right, and what is wrong in one is named so that it can be put right."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from django.utils.translation import override

from dianke.config.first_steps import page_names
from dianke.config.modules import MODULES
from dianke.config.presets import PresetInvalid, parse_preset, presets
from dianke.config.presets.reading import FOLDER
from dianke.stores.models import Trade


@pytest.fixture
def data() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "beauty.toml").read_text(encoding="utf-8"))


def test_there_is_one_preset_for_every_trade() -> None:
    assert set(presets()) == set(Trade.values)
    assert {path.stem.upper() for path in FOLDER.glob("*.toml")} == set(Trade.values)


@pytest.mark.parametrize("trade", Trade.values)
def test_a_preset_is_whole(trade: str) -> None:
    preset = presets()[trade]
    assert set(preset.modules) <= set(MODULES)
    assert {"insight", "api"} <= set(preset.modules)
    assert preset.hours
    assert preset.tiers
    assert preset.templates
    assert preset.task_kinds
    assert preset.recurring_tasks
    assert [tier.code for tier in preset.tiers] == ["regular", "vip", "diamond"]
    assert {step.page for step in preset.first_steps} <= page_names()
    assert preset.first_steps[-1].code == "second_factor"


@pytest.mark.parametrize("trade", Trade.values)
def test_words_stand_in_three_languages(trade: str) -> None:
    preset = presets()[trade]
    for words in (preset.label, preset.sentence, *(field.label for field in preset.fields)):
        spoken = []
        for language in ("zh-hans", "zh-hant", "en"):
            with override(language):
                spoken.append(str(words))
        assert spoken == [words.hans, words.hant, words.en]
        assert all(spoken)
        assert not any("\u4e00" <= character <= "\u9fff" for character in words.en)


def test_one_key_means_one_field_whatever_the_trade() -> None:
    kinds: dict[tuple[str, str], Any] = {}
    for preset in presets().values():
        for field in preset.fields:
            assert (
                kinds.setdefault((field.subject, field.code), (preset.trade, field.kind))[0] == preset.trade
            )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(colour="red"), "beauty.toml: colour is not known"),
        (lambda d: d.pop("label"), "beauty.toml: label is missing"),
        (lambda d: d.update(trade="SHOES"), "trade is 'SHOES'; allowed are BEAUTY"),
        (lambda d: d["modules"].append("teleport"), "modules has 'teleport'; known are till"),
        (lambda d: d["fields"][0].update(lable={}), "fields[0].lable is not known"),
        (lambda d: d["fields"][0]["label"].pop("en"), "fields[0].label.en is missing"),
        (lambda d: d["fields"][0]["label"].update(en=" "), "fields[0].label.en is empty"),
        (lambda d: d["fields"][0].update(kind="COLOUR"), "fields[0].kind is 'COLOUR'"),
        (lambda d: d["fields"][0].pop("options"), "fields[0] needs options exactly when"),
        (
            lambda d: d["fields"].append(copy.deepcopy(d["fields"][0])),
            "fields has customers.customer.skin_type twice",
        ),
        (lambda d: d["fields"][0].update(code="Skin type"), "fields[0].code must be small letters"),
        (lambda d: d["hours"][0].update(opens="25:00"), "hours[0].opens must be a time such as 09:30"),
        (lambda d: d["hours"][0].update(days=["someday"]), "hours[0].days has 'someday'"),
        (lambda d: d.update(closing_hour=13), "closing_hour must be between 0 and 11"),
        (lambda d: d.update(closing_hour=True), "closing_hour must be int, not bool"),
        (lambda d: d["tiers"][1].update(spend=0), "tiers must begin at spend 0 and rise"),
        (lambda d: d["pipelines"][0].update(stages=[]), "pipelines[0].stages needs at least two stages"),
        (lambda d: d["recurring_tasks"][1].pop("day"), "recurring_tasks[1].day is missing"),
        (lambda d: d["recurring_tasks"][0].update(day="mon"), "recurring_tasks[0].day is not known"),
        (lambda d: d["templates"][0].update(use="SHOUT"), "templates[0].use is 'SHOUT'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data: dict[str, Any], change: Any, complaint: str) -> None:
    change(data)
    with pytest.raises(PresetInvalid) as raised:
        parse_preset("beauty.toml", data)
    assert complaint in str(raised.value)


def test_a_right_file_is_taken_as_it_is(data: dict[str, Any]) -> None:
    preset = parse_preset("beauty.toml", data)
    assert preset.trade == "BEAUTY"
    assert preset.hours[0].weekdays == (0, 1, 2, 3)
    assert (preset.recurring_tasks[1].day, preset.recurring_tasks[0].day) == (0, None)
    assert preset.fields[1].is_sensitive
