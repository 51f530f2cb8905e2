"""Fields that people fill in yuan, percent and times, and that the tables keep as minor units and basis points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms


class Scaled(forms.DecimalField):
    """What is typed times `scale` is kept, as a whole number."""

    scale = 1
    places = 0

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_digits", 12)
        super().__init__(decimal_places=self.places, **options)

    def clean(self, value: Any) -> int | None:
        found = super().clean(value)
        return None if found is None else int(found * self.scale)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{(Decimal(value) / self.scale).normalize():f}"
        return value


class YuanField(Scaled):
    """Yuan, kept as fen."""

    scale, places = 100, 2


class PercentField(Scaled):
    """Percent up to 100, kept as basis points."""

    scale, places = 100, 2

    def __init__(self, **options: Any) -> None:
        super().__init__(max_value=100, **options)


class TimesField(Scaled):
    """How many times, kept as basis points."""

    scale, places = 10_000, 2

    def __init__(self, **options: Any) -> None:
        super().__init__(max_value=100, **options)


class LinesField(forms.CharField):
    """A text per line, kept as a list."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        return [line.strip()[:60] for line in super().clean(value).splitlines() if line.strip()][:20]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value
