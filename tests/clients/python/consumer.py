"""A program in Python as somebody would write it against the API: it passes strict type checks, or the description is not usable.

``python consumer.py ADDRESS`` runs it against the server at ``ADDRESS``.
"""

import sys

from attest_client import Client
from attest_client.api.articles import list_articles, read_article
from attest_client.models.article_document import ArticleDocument
from attest_client.models.heading_block import HeadingBlock
from attest_client.models.item_list import ItemList
from attest_client.models.list_articles_order import ListArticlesOrder
from attest_client.models.paragraph_block import ParagraphBlock
from attest_client.models.problem_details import ProblemDetails


def words_of(document: ArticleDocument) -> list[str]:
    """Headings and paragraphs, in their order."""
    words: list[str] = []
    if isinstance(document.body, str):
        # Only with body_format: without it a body is blocks.
        return [document.body]
    for block in document.body:
        if isinstance(block, HeadingBlock):
            words.append(block.value.text)
        elif isinstance(block, ParagraphBlock):
            words.append(block.value)
    return words


def main(address: str) -> None:
    """Read a list, a document, and what is not there; fails where one of them is not what it should be."""
    with Client(base_url=address) as client:
        listed = list_articles.sync(client=client, limit=2, order=ListArticlesOrder.TITLE)
        assert isinstance(listed, ItemList), listed
        assert listed.count >= len(listed.items) > 0

        found = read_article.sync(listed.items[0].slug, client=client)
        assert isinstance(found, ArticleDocument), found
        assert words_of(found)
        assert found.attestation.approvals

        missing = read_article.sync_detailed("no-such-article", client=client)
        assert missing.status_code == 404
        assert isinstance(missing.parsed, ProblemDetails), missing.parsed

    sys.stdout.write(f"Python: {listed.count} articles, “{found.title}”, {missing.parsed.title}\n")


if __name__ == "__main__":
    main(sys.argv[1])
