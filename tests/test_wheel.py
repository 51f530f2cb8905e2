"""The wheel is whole: pages look right after `pip install`, without Node and without a build step."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_wheel_holds_static_files_and_compiled_words_but_no_tests(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        str(ROOT),
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        str(tmp_path),
    ]
    subprocess.run(command, check=True, timeout=300, capture_output=True)
    (wheel,) = tmp_path.glob("dianke-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {
        "dianke/web/static/vendor/tabler.css",
        "dianke/web/static/vendor/icons.svg",
        "dianke/web/static/web/css/tokens.css",
        "dianke/web/locale/zh_Hans/LC_MESSAGES/django.mo",
        "dianke/stores/locale/zh_Hant/LC_MESSAGES/django.mo",
        "dianke/config/presets/jewelry.toml",
        "dianke/stores/templates/stores/store.html",
    } <= names
    assert not [name for name in names if "/tests/" in name]
