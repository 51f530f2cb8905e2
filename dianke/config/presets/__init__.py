"""Trade presets: what a beauty salon, a jewelry store, a furniture store, a chain, key-account sales or any other
store starts with. Each is a TOML file in this folder; `operations.apply_preset` brings one into a store.

The files hold simplified Chinese and English; traditional Chinese is made from the simplified, with the same table
as the catalogues.
"""

from dianke.config.presets.reading import PresetInvalid, parse_preset, preset_of, presets
from dianke.config.presets.shape import (
    CustomField,
    FirstStep,
    Hours,
    Option,
    Pipeline,
    Preset,
    Recurrence,
    RecurringTask,
    Stage,
    TaskKind,
    Template,
    Tier,
    Words,
)

__all__ = [
    "CustomField",
    "FirstStep",
    "Hours",
    "Option",
    "Pipeline",
    "Preset",
    "PresetInvalid",
    "Recurrence",
    "RecurringTask",
    "Stage",
    "TaskKind",
    "Template",
    "Tier",
    "Words",
    "parse_preset",
    "preset_of",
    "presets",
]
