"""Every write of the house itself: first start, modules, presets, first steps, removal of the demo."""

from dianke.config.operations.demo import NotADemo, WrongName, note_demo_loaded, remove_demo
from dianke.config.operations.first_start import Answers, Started, start_business
from dianke.config.operations.first_steps import (
    put_away_first_steps,
    show_first_steps,
    tick_first_step,
    untick_first_step,
)
from dianke.config.operations.modules import ModuleUnknown, switch_module
from dianke.config.operations.presets import PresetUnknown, apply_preset, undo_preset

__all__ = [
    "Answers",
    "ModuleUnknown",
    "NotADemo",
    "PresetUnknown",
    "Started",
    "WrongName",
    "apply_preset",
    "note_demo_loaded",
    "put_away_first_steps",
    "remove_demo",
    "show_first_steps",
    "start_business",
    "switch_module",
    "tick_first_step",
    "undo_preset",
    "untick_first_step",
]
