"""The key directory: made once, private, never written over, read again when it changes."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from dianke.core import key_files
from dianke.core.key_files import KeyFileDamaged, KeyFileUnsafe
from dianke.core.keys import Keyring, KeysMissing, KeysNotInFile, secret_key


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    made = Keyring(tmp_path / "keys", environ={})
    made.create_missing()
    return made


def test_the_first_start_makes_every_key_readable_by_its_owner_only(ring: Keyring) -> None:
    secret_key(ring.directory)
    names = {path.name for path in ring.directory.iterdir()}
    assert names == {"master.json", "index.json", "seal.key", "secret.txt", ".lock"}
    for path in ring.directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ring.directory.stat().st_mode) == 0o700
    assert len(ring.primary.secret) == 32
    assert ring.primary.secret != ring.index_keys[0].secret


def test_later_starts_keep_the_keys(ring: Keyring) -> None:
    before = {path.name: path.read_bytes() for path in ring.directory.iterdir()}
    again = Keyring(ring.directory, environ={})
    again.create_missing()
    assert {path.name: path.read_bytes() for path in ring.directory.iterdir()} == before
    assert again.primary == ring.primary


def test_the_secret_key_is_made_once(tmp_path: Path) -> None:
    first = secret_key(tmp_path / "keys")
    assert len(first) >= 80
    assert secret_key(tmp_path / "keys") == first


def test_many_processes_starting_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dianke.core.keys import Keyring, secret_key;"
        "ring = Keyring(Path(sys.argv[1]), environ={}); ring.create_missing();"
        "print(secret_key(ring.directory), ring.primary.id, ring.index_keys[0].id)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "keys")], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_a_file_others_may_read_is_refused(ring: Keyring) -> None:
    ring.master_path.chmod(0o640)
    with pytest.raises(KeyFileUnsafe, match="chmod 600"):
        _ = Keyring(ring.directory, environ={}).primary


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 1}', '{"version": 2, "keys": []}', '{"version": 1, "keys": []}',
     '{"version": 1, "keys": [{"id": "m-1", "key": "YWJj"}]}',
     '{"version": 1, "keys": [{"id": "m-1", "key": "???"}]}'],
)  # fmt: skip
def test_a_damaged_file_is_named_and_not_replaced(ring: Keyring, text: str) -> None:
    ring.master_path.write_text(text)
    ring.create_missing()
    with pytest.raises(KeyFileDamaged, match=r"master\.json"):
        _ = ring.primary
    assert ring.master_path.read_text() == text


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"index\.json"):
        _ = Keyring(tmp_path, environ={}).index_keys


def test_a_crash_while_writing_leaves_the_old_file_and_no_draft(
    ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ring.master_path.read_bytes()

    def power_cut(_handle: int) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(key_files.os, "fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        ring.add_master()
    monkeypatch.undo()
    assert ring.master_path.read_bytes() == before
    assert len(ring.masters) == 1
    (ring.directory / ".master.json.0badcafe").write_text("draft of a killed process")
    ring.add_master()
    assert sorted(path.name for path in ring.directory.iterdir() if "master" in path.name) == ["master.json"]


def test_a_key_added_by_one_process_reaches_another_that_runs(ring: Keyring) -> None:
    running = Keyring(ring.directory, environ={})
    old = running.primary
    new = ring.add_master()
    assert running.primary == new
    assert running.master(old.id) == old


def test_a_retired_key_still_opens_and_a_forgotten_one_does_not(ring: Keyring) -> None:
    old, new = ring.primary, ring.add_master()
    ring.retire(old.id)
    assert ring.masters == (new,)
    assert ring.master(old.id) == old
    assert ring.forget_retired() == [old.id]
    with pytest.raises(KeysMissing, match=old.id):
        ring.master(old.id)


def test_the_key_in_use_cannot_be_retired(ring: Keyring) -> None:
    with pytest.raises(ValueError, match="encrypts"):
        ring.retire(ring.primary.id)


def test_master_keys_from_the_environment_are_used_in_their_order_and_never_written(tmp_path: Path) -> None:
    one, two = os.urandom(32), os.urandom(32)
    text = f"new:{base64.b64encode(two).decode()}, old:{base64.b64encode(one).decode()}"
    ring = Keyring(tmp_path, environ={"DIANKE_MASTER_KEYS": text})
    ring.create_missing()
    assert [(key.id, key.secret) for key in ring.masters] == [("new", two), ("old", one)]
    assert not ring.master_path.exists()
    with pytest.raises(KeysNotInFile, match="DIANKE_MASTER_KEYS"):
        ring.add_master()


def test_a_malformed_key_in_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileDamaged, match="DIANKE_MASTER_KEYS"):
        _ = Keyring(tmp_path, environ={"DIANKE_MASTER_KEYS": "a:short"}).primary


def test_the_signing_key_signs_and_is_refused_if_it_is_of_another_kind(ring: Keyring) -> None:
    key = ring.seal_key()
    key.public_key().verify(key.sign(b"checkpoint"), b"checkpoint")
    ring.seal_path.write_text("no key")
    with pytest.raises(KeyFileDamaged, match=r"seal\.key"):
        ring.seal_key()


def test_erasures_are_kept_and_seen_by_other_processes(ring: Keyring) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    running = Keyring(ring.directory, environ={})
    assert running.erased() == frozenset()
    ring.record_erasures([one])
    ring.record_erasures([one, two])
    assert running.erased() == {one, two}
    assert ring.erased_path.read_text().split() == [str(one), str(two)]


def test_blind_index_keys_change_in_two_steps(ring: Keyring) -> None:
    old = ring.index_keys[0]
    new = ring.add_index_key()
    assert ring.index_keys == (new, old)
    with pytest.raises(ValueError, match="in use"):
        ring.drop_index_key(new.id)
    ring.drop_index_key(old.id)
    assert ring.index_keys == (new,)


def test_keys_do_not_show_in_representations(ring: Keyring) -> None:
    stored = json.loads(ring.master_path.read_text())["keys"][0]["key"]
    assert stored not in repr(ring.primary)
    assert repr(ring.primary.secret) not in repr(ring.primary)
