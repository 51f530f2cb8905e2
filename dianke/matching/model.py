"""What each level of agreement is worth: the parameters learnt from data, and the weights that follow.

After Fellegi and Sunter (1969): a level is worth log2(m / u) bits, m being how often two records of one person are
at that level and u how often two records of different people are. Rare names are worth more than common ones, a
phone number more the fewer records hold it (Winkler's adjustment for the frequency of terms).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from math import log2
from pathlib import Path

from dianke.matching.comparisons import CUSTOMERS, Comparison, Level
from dianke.matching.conditions import Prepared

FILE = Path(__file__).parent / "parameters" / "customers.json"
#: One record and its match: what nobody else holds is held by two.
UNSHARED = 2
MOST_RARITY = 8.0
_DEFAULT_POPULATION = 100_000


@dataclass(frozen=True, slots=True)
class Chance:
    """How often a level occurs among pairs of one person (m) and of different people (u), both in 0..1."""

    m: float
    u: float


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How often the values of some columns occur, as shares of all records; `rest` for any other value."""

    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    rest: Mapping[str, float] = field(default_factory=dict)
    #: bits of a typical value of all columns together: -log2 of how often two records agree by chance
    typical: float = 0.0

    def rarity(self, record: Prepared) -> float:
        """Bits by which the values of a record are rarer (+) or commoner (-) than those of a typical agreement."""
        if not self.shares:
            return 0.0
        bits = -self.typical
        for column, shares in self.shares.items():
            value = record.get(column)
            if not isinstance(value, str):
                return 0.0
            bits -= log2(shares.get(value, self.rest[column]))
        return max(-MOST_RARITY, min(MOST_RARITY, bits))


@dataclass(frozen=True, slots=True)
class Model:
    """Parameters of a set of comparisons.

    `rate`: how many other records of the same person a record has on average. `population`: among how many records a
    match is looked for. `holders`: how many records hold a phone number or the like, where that is more than two.
    """

    comparisons: tuple[Comparison, ...]
    chances: Mapping[tuple[str, str], Chance]
    rate: float
    population: int = _DEFAULT_POPULATION
    frequencies: Frequencies = field(default_factory=Frequencies)
    holders: Mapping[str, int] = field(default_factory=dict)
    version: str = ""  # of the parameters: the beginning of their hash

    @property
    def prior(self) -> float:
        """Weight, in bits, of two records nothing is known of."""
        odds = min(self.rate / self.population, 0.5)
        return log2(odds / (1 - odds))

    def for_population(self, records: int) -> Model:
        """The same among that many records."""
        return replace(self, population=max(records, UNSHARED))

    def with_holders(self, holders: Mapping[str, int]) -> Model:
        return replace(self, holders=holders)

    def base_weight(self, comparison: Comparison, level: Level) -> float:
        """Bits of a level before rarity and holders; for a value nobody else holds where holders count."""
        chance = self.chances[comparison.code, level.code]
        if level.by_holders:
            return log2(chance.m * self.population / UNSHARED)
        return log2(chance.m / chance.u)

    def weight(self, comparison: Comparison, level: Level, left: Prepared, right: Prepared) -> float:
        """Bits for this pair."""
        bits = self.base_weight(comparison, level)
        if level.by_rarity:
            bits += min(self.frequencies.rarity(left), self.frequencies.rarity(right))
        if level.by_holders:
            column = comparison.given[0]
            column = LISTS.get(column, column)
            bits -= log2(min(self.held(left, column), self.held(right, column)) / UNSHARED)
        return bits

    def held(self, record: Prepared, column: str) -> int:
        """How many records hold the record's most shared value of a column."""
        values = record[column]
        if values is None:
            return UNSHARED
        several = values if isinstance(values, tuple) else (str(values),)
        return max(self.holders.get(value, UNSHARED) for value in several)


#: The column of all values beside the column of the first one.
LISTS = {"phone": "phones", "email": "emails"}


def to_json(model: Model) -> str:
    """The file of a model: readable, stable, without population and holders, which belong to the data at hand."""
    chances: dict[str, dict[str, list[float]]] = {}
    for (comparison, level), chance in model.chances.items():
        chances.setdefault(comparison, {})[level] = [_rounded(chance.m), _rounded(chance.u)]
    frequencies = model.frequencies
    return json.dumps(
        {
            "rate": _rounded(model.rate),
            "chances": chances,
            "typical": _rounded(frequencies.typical),
            "rest": {column: _rounded(share) for column, share in frequencies.rest.items()},
            "shares": {
                column: {value: _rounded(share) for value, share in shares.items()}
                for column, shares in frequencies.shares.items()
            },
        },
        ensure_ascii=False,
        indent=1,
    )


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def from_json(text: str, comparisons: tuple[Comparison, ...] = CUSTOMERS) -> Model:
    """Read what `to_json` wrote. Raises KeyError when a level of the comparisons has no parameters."""
    read = json.loads(text)
    chances = {
        (comparison.code, level.code): Chance(*read["chances"][comparison.code][level.code])
        for comparison in comparisons
        for level in comparison.levels
    }
    return Model(
        comparisons,
        chances,
        rate=read["rate"],
        frequencies=Frequencies(read["shares"], read["rest"], read["typical"]),
        version=sha256(text.encode()).hexdigest()[:12],
    )


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The parameters that come with this room."""
    return from_json(FILE.read_text(encoding="utf-8"))
