"""Write the API's description down, after a change that is meant: ``python -m tests.api.write_openapi``."""

import json
import os
from pathlib import Path

import django


def main() -> None:
    """Replace the committed description by what the code gives."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    django.setup()
    from cms.api.description import described

    target = Path(__file__).parent / "openapi.json"
    target.write_text(json.dumps(described(), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
