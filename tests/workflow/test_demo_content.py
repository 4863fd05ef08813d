"""The demo clinic's texts hold to the rules that it shows: no check of words finds anything in them."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cms.demo import loading
from cms.demo.markdown import Composer
from cms.pages.richtext import plain_text
from cms.workflow.checks import claims, leftovers
from cms.workflow.checks.wording import Wording

FILES = sorted(Path(loading.CONTENT).rglob("*.toml"))
# Keys whose texts readers never see as they stand.
NO_TEXTS = {"slug", "path", "image", "url", "key", "stage", "type", "kind", "authors", "doi", "pmid"}


class AnyTarget(dict):
    """Knows every page and every source: links are another test's business."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Any:
        return 1 if key.startswith("/") else (1, "label")


COMPOSER = Composer(AnyTarget(), AnyTarget())


def texts(value: Any) -> Iterator[str]:
    """Every text in a file of the demo, paragraph by paragraph, as readers will see it."""
    if isinstance(value, str):
        for paragraph in re.split(r"(?<=</p>)|(?<=</li>)", COMPOSER.text(value)):
            yield plain_text(re.sub(r'<a linktype="reference".*?</a>', "", paragraph))
    elif isinstance(value, dict):
        yield from (text for name, part in value.items() if name not in NO_TEXTS for text in texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts(part))


def test_there_are_texts_of_every_kind():
    folders = {
        folder: len(list((loading.CONTENT / folder).glob("*.toml")))
        for folder in ("conditions", "services", "articles")
    }

    assert folders["conditions"] == 15
    assert folders["services"] == 3
    assert folders["articles"] >= 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_words_pass_every_check(path):
    content = tomllib.loads(path.read_text())
    pieces = [Wording(text, text, path.stem) for text in texts(content) if text]

    found = [
        finding.message
        for check in (leftovers.placeholders, leftovers.broken_markup, claims.cures)
        for finding in check(None, pieces)
    ]

    assert len(pieces) > 2
    assert found == []
