"""`python -m bench.train_matching`: learn the parameters of the room `matching` and write them into it.

From a generated file of 100,000 records and without their truth; no measurement uses the same seed. A merchant's own
records would do as well: `dianke.matching.training.train` takes any file in the engine's schema.
"""

from __future__ import annotations

import os
import sys

RECORDS, SEED = 100_000, 11


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
    from bench.dirty_customers import customer_file
    from dianke.matching.model import FILE, to_json
    from dianke.matching.training import train

    table, _persons = customer_file(RECORDS, SEED)
    FILE.write_text(to_json(train(table)), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
