"""Codes become sentences, the same in both languages."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from django.utils import translation

from dianke.sales.rules.pricing import price_cart, read_cart, reasons
from dianke.sales.tests.pricing.carts import random_cart
from dianke.sales.tests.pricing.tables import rows
from dianke.sales.tests.pricing.till import NODE, PRICING

_TELL = """
import {{ told }} from "{module}";
const asked = JSON.parse(process.argv[1]);
const money = (fen) => `¥${{(fen / 100).toFixed(2).replace(/\\B(?=(\\d{{3}})+(?!\\d))/g, ",")}}`;
console.log(JSON.stringify(asked.notes.map((note) => told("advice", note, asked.texts, money))));
"""


def test_the_customer_reads_what_is_missing() -> None:
    row = next(row for row in rows() if row.number == "30")
    (note,) = price_cart(read_cart(row.cart)).advice
    with translation.override("en"):
        assert str(reasons.advice(note, "CNY")) == "CN¥100.00 more for CN¥50.00 off (ladder)"
    with translation.override("zh-hans"):
        assert str(reasons.advice(note, "CNY")) == "再买¥100.00可减¥50.00（ladder）"


def test_every_code_has_a_sentence_whose_places_are_filled() -> None:
    for seed in range(500):
        priced = price_cart(read_cart(random_cart(seed)))
        for line in priced.lines:
            for one in line.adjustments:
                assert "%(" not in str(reasons.why(one, "CNY"))
        for note in priced.passed_over:
            assert "%(" not in str(reasons.why_not(note, "CNY"))
        for note in priced.advice:
            assert "%(" not in str(reasons.advice(note, "CNY"))


def test_the_till_tells_the_same_sentences() -> None:
    with translation.override("zh-hans"):
        texts = reasons.texts()
        notes = [note for seed in range(60) for note in price_cart(read_cart(random_cart(seed))).advice]
        said = [str(reasons.advice(note, "CNY")) for note in notes]
    asked: dict[str, Any] = {"texts": texts, "notes": [note.as_dict() for note in notes]}
    script = _TELL.format(module=(PRICING / "tell.js").as_uri())
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script, json.dumps(asked)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert json.loads(done.stdout) == said
