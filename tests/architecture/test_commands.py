"""The commands a newcomer is told about stand, and what takes changes in calls two of them and nothing else."""

from __future__ import annotations

import os

import pytest

from tests.architecture.source import ROOT


@pytest.mark.parametrize("name", ["setup", "run", "test", "check", "messages", "bench"])
def test_a_command_stands_and_may_be_executed(name):
    assert os.access(ROOT / "bin" / name, os.X_OK)


def test_taking_in_calls_check_and_test_and_nothing_else():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    steps = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert steps == ["bin/check", "bin/test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
