"""`python -m dianke.config.openapi FILE`: writes the schema of the API as it is kept beside the code. Needs no
database and no merchant's keys."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path


def schema_text() -> str:
    """The schema as text that only changes when the API does."""
    from dianke.config.api import api

    return (
        json.dumps(api.get_openapi_schema(), indent=0, sort_keys=True, ensure_ascii=False, default=str) + "\n"
    )


def main() -> int:
    """The command behind `bin/openapi`."""
    with tempfile.TemporaryDirectory(prefix="dianke-openapi-") as data:
        os.environ |= {
            "DIANKE_DATA": data,
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        }
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
        import django

        django.setup()
        Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
