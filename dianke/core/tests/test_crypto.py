"""Known answers of every scheme in use, and what sealed values refuse."""

from __future__ import annotations

import base64
import hmac
import pickle
import uuid

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.crypto import (
    OVERHEAD_BYTES,
    VERSION,
    OpenKey,
    SealBroken,
    WrappedKeyBroken,
    Wrapper,
    blind_index,
    check_value,
    column_key,
    derive,
    index_key,
    key_of,
    pack,
    planned_bits,
)
from dianke.core.ids import compose, uuid7

# CipherSweet 4.10, tests/KnownAnswers/nist.json
CIPHERSWEET_KEY = bytes.fromhex("62f9d7e541f216b1de9fc46d2720dfdc3a821a536bc057ca226d8222f191cd90")
CIPHERSWEET_NAMES = {
    "alice": "fips:ZfbphOZ-QWYbuqbxJa8uPRbo9TxwXG4LXuK83NiI4FLZnNIki0DvduVS7FW8spiDM2ABzU0BW37SP81zHpo4DhQGTZ-"
    "sa0xnCkWLEyCQjWcdQHE1z8q3gLaI4fpiaaO4AaD2Qr4=",
    "Bob": "fips:4h6t1pqrYZvDiTWYL1rP--BTsx57CCIlxLJDCJs5jBI9wug9wudns63aVUAPOmm6J63T5ZXn-aQmK40QPz9L4-ENYLIV"
    "rXaJ0b6yd6q15qJ0rghraO55bxHVZGYgYebqfjQP",
}
ROW, OTHER_ROW = uuid.UUID(int=1), uuid.UUID(int=2)
KEY = OpenKey(uuid.UUID(int=7), b"k" * 32)
PLACE = {"table": "customers_contact", "field": "phone", "row": ROW}


# --- known answers -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "expected"), [("alice", "a7eae56e"), ("Bob", "c0545408")])
def test_blind_index_is_that_of_ciphersweet(name: str, expected: str) -> None:
    key = index_key(CIPHERSWEET_KEY, "example", "name", "name_idx")
    assert blind_index(key, name, 32).hex() == expected


@pytest.mark.parametrize("name", ["alice", "Bob"])
def test_column_key_opens_the_messages_of_ciphersweet(name: str) -> None:
    message = base64.urlsafe_b64decode(CIPHERSWEET_NAMES[name].removeprefix("fips:"))
    salt, nonce, mac, ciphertext = message[:32], message[32:48], message[48:96], message[96:]
    key = column_key(CIPHERSWEET_KEY, "example", "name")
    encryption = derive(key, salt=salt, info=b"AES-256-CTR")
    authentication = derive(key, salt=salt, info=b"HMAC-SHA-384")
    signed = pack(b"fips:", salt, nonce, ciphertext)
    assert hmac.digest(authentication, signed, "sha384") == mac
    decryptor = Cipher(algorithms.AES(encryption), modes.CTR(nonce)).decryptor()
    assert decryptor.update(ciphertext) + decryptor.finalize() == name.encode()


def test_hkdf_sha384_gives_the_published_answer_for_the_input_of_rfc_5869_case_1() -> None:
    salt, info = bytes(range(13)), bytes(range(0xF0, 0xFA))
    assert derive(b"\x0b" * 22, salt=salt, info=info, length=42).hex() == (
        "9b5097a86038b805309076a44b3a9f38063e25b516dcbf369f394cfab43685f748b6457763e4f0204fc5"
    )


def test_hmac_sha256_gives_the_answer_of_rfc_4231_case_2() -> None:
    assert hmac.digest(b"Jefe", b"what do ya want for nothing?", "sha256").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_aes_256_gcm_gives_the_answer_of_the_gcm_specification_case_16() -> None:
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    plaintext = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    data = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    assert AESGCM(key).encrypt(nonce, plaintext, data).hex() == (
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )


def test_uuid7_is_put_together_as_in_rfc_9562_appendix_a_6() -> None:
    made = compose(0x017F22E279B0, 0xCC3, 0x18C4DC0C0C07398F)
    assert str(made) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_uuid7_grows_and_does_not_repeat() -> None:
    made = [uuid7() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}


# --- sealed values -----------------------------------------------------------------------------------------
@given(st.binary(max_size=300))
def test_what_was_sealed_opens_to_the_same(plaintext: bytes) -> None:
    sealed = KEY.seal(plaintext, **PLACE)
    assert KEY.open(sealed, **PLACE) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD_BYTES == len(plaintext) + 45
    assert key_of(sealed) == KEY.id


def test_the_format_is_version_key_nonce_ciphertext_tag_with_the_place_as_associated_data() -> None:
    sealed = KEY.seal(b"13800138000", **PLACE)
    place = pack(VERSION, b"customers_contact", b"phone", ROW.bytes, KEY.id.bytes)
    by_hand = AESGCM(column_key(b"k" * 32, "customers_contact", "phone"))
    assert sealed[:1] == VERSION
    assert sealed[1:17] == KEY.id.bytes
    assert by_hand.decrypt(sealed[17:29], sealed[29:], place) == b"13800138000"


def test_sealing_the_same_value_twice_gives_different_bytes() -> None:
    assert KEY.seal(b"same", **PLACE) != KEY.seal(b"same", **PLACE)


def test_a_column_sealed_at_once_opens_row_by_row_each_with_its_own_key() -> None:
    other, rows = OpenKey(uuid7(), b"o" * 32), [uuid7(), uuid7(), uuid7(), uuid7()]
    keys, texts = [KEY, other, KEY, other], [b"13800138000", b"", None, b"13800138000"]
    place = {"table": "customers_contact", "field": "phone"}
    sealed = OpenKey.seal_column(keys, texts, rows, **place)
    assert sealed[2] is None
    for key, text, row, one in zip(keys, texts, rows, sealed, strict=True):
        if one is not None:
            assert key.open(one, row=row, **place) == text
    assert len({one[17:29] for one in sealed if one}) == 3  # no nonce comes twice
    with pytest.raises(SealBroken):
        KEY.open(sealed[0] or b"", row=rows[1], **place)
    with pytest.raises(SealBroken):
        KEY.open(sealed[1] or b"", row=rows[1], **place)


@pytest.mark.parametrize(
    "moved",
    [{"row": OTHER_ROW}, {"field": "email"}, {"table": "customers_address"}],
    ids=["another row", "another field", "another table"],
)
def test_a_value_moved_to_another_place_does_not_open(moved: dict[str, object]) -> None:
    sealed = KEY.seal(b"13800138000", **PLACE)
    with pytest.raises(SealBroken):
        KEY.open(sealed, **{**PLACE, **moved})


def test_two_columns_whose_names_run_together_alike_are_different_places() -> None:
    sealed = KEY.seal(b"x", table="ab", field="c", row=ROW)
    with pytest.raises(SealBroken):
        KEY.open(sealed, table="a", field="bc", row=ROW)


def test_another_key_with_the_same_name_does_not_open() -> None:
    sealed = KEY.seal(b"x", **PLACE)
    with pytest.raises(SealBroken):
        OpenKey(KEY.id, b"K" * 32).open(sealed, **PLACE)


def test_any_changed_bit_is_found() -> None:
    sealed = KEY.seal(b"1380", **PLACE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            KEY.open(bytes(changed), **PLACE)


@pytest.mark.parametrize("length", [0, 1, 16, 17, 29, 44])
def test_a_cut_value_is_refused_by_name(length: int) -> None:
    with pytest.raises(SealBroken):
        KEY.open(KEY.seal(b"", **PLACE)[:length], **PLACE)


def test_a_key_in_the_clear_shows_nothing_and_cannot_be_pickled() -> None:
    assert "6b" not in repr(KEY).replace(str(KEY.id), "")
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


# --- wrapped keys ------------------------------------------------------------------------------------------
def test_a_wrapped_key_opens_only_for_its_subject_and_master() -> None:
    wrapped = Wrapper(b"m" * 32).wrap(b"s" * 32, ROW, "customer:1")
    assert len(wrapped) == 61
    assert Wrapper(b"m" * 32).unwrap(wrapped, ROW, "customer:1") == b"s" * 32
    for master, key_id, subject, data in [
        (b"M" * 32, ROW, "customer:1", wrapped),
        (b"m" * 32, OTHER_ROW, "customer:1", wrapped),
        (b"m" * 32, ROW, "customer:2", wrapped),
        (b"m" * 32, ROW, "customer:1", wrapped[:-1]),
        (b"m" * 32, ROW, "customer:1", wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
    ]:
        with pytest.raises(WrappedKeyBroken):
            Wrapper(master).unwrap(data, key_id, subject)


def test_check_values_differ_by_key_and_purpose() -> None:
    values = {check_value(key, purpose) for key in (b"a" * 32, b"b" * 32) for purpose in ("MASTER", "INDEX")}
    assert len(values) == 4
    assert {len(value) for value in values} == {16}


# --- blind indexes -----------------------------------------------------------------------------------------
def test_an_index_of_n_bits_is_the_start_of_the_longer_one() -> None:
    key = index_key(b"r" * 32, "t", "f", "last4")
    whole = int.from_bytes(blind_index(key, "8000", 256), "big")
    for bits in range(1, 256):
        short = blind_index(key, "8000", bits)
        assert len(short) == (bits + 7) // 8
        assert int.from_bytes(short, "big") >> (-bits % 8) == whole >> (256 - bits)
        assert int.from_bytes(short, "big") & ((1 << (-bits % 8)) - 1) == 0


def test_indexes_of_other_tables_fields_and_names_cannot_be_compared() -> None:
    places = [("t", "f", "exact"), ("u", "f", "exact"), ("t", "g", "exact"), ("t", "f", "last4")]
    assert len({blind_index(index_key(b"r" * 32, *place), "13800138000") for place in places}) == 4


@pytest.mark.parametrize(
    ("population", "expected"),
    [(4, (1, 1)), (100, (4, 5)), (10_000, (7, 12)), (100_000, (9, 15)), (1_000_000, (10, 18))],
)
def test_filter_indexes_are_planned_by_the_rule_of_ciphersweet(
    population: int, expected: tuple[int, int]
) -> None:
    fewest, most = planned_bits(population)
    assert (fewest, most) == expected
    assert population / 2**most >= 2
    assert population / 2**fewest <= population**0.5
