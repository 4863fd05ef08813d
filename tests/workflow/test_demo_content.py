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
from cms.workflow.checks import claims, evidence, language, leftovers
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_figures_stand_beside_their_reference_and_words_respect_people(path):
    pieces = list(cited_pieces(tomllib.loads(path.read_text())))

    found = [
        finding.message
        for check in (evidence.uncited_claims, language.stigmatising_words)
        for finding in check(None, pieces)
    ]

    assert found == []


def cited_pieces(content: dict[str, Any]) -> Iterator[Wording]:
    """The texts of one file, block by block, with their citations; those that hold none are lines without markup."""
    for name, value in content.items():
        blocks = value if isinstance(value, list) else [value]
        for number, block in enumerate(blocks):
            if name in NO_TEXTS or (isinstance(block, dict) and "reference" in block):
                continue
            for source in sources(block):
                text = plain_text(re.sub(r'<a linktype="reference".*?</a>', "", source))
                can_cite = name not in {"title", "summary", "seo_title", "search_description", "reviewer_comment"}
                yield Wording(source, text, name, f"{name}-{number}", can_cite=can_cite)


def sources(value: Any) -> Iterator[str]:
    """Every text in ``value`` as rich text, paragraph by paragraph."""
    if isinstance(value, str):
        yield from re.split(r"(?<=</p>)|(?<=</li>)", COMPOSER.text(value))
    elif isinstance(value, dict):
        yield from (text for name, part in value.items() if name not in NO_TEXTS for text in sources(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in sources(part))
