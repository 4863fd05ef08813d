"""What is asked: the same content of Attest, of Wagtail's API v2 and of the bare view, found out by asking once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from tests.bench.client import ACCEPTED, Request
from tests.bench.servers import Server

# Documents that are asked for in turn, spread over all articles.
DOCUMENTS = 100
PER_PAGE = 20
LAST_PAGE = 5000
WORDS = ("medicine", "bedtime", "needles", "vitamins", "fever", "prescribed", "pregnant", "muscles")
CONDITION = "insomnia"

# Relations that the stock API nests, by name: the field of the row that holds the related page.
STOCK_LINKS = {
    "author_links": "person",
    "condition_links": "condition",
    "service_links": "service",
    "topic_links": "topic",
}
_CARD = "title,summary,image"
_STOCK_LIST_FIELDS = ",".join(
    ("summary", "image", *(f"{name}({target}(title))" for name, target in STOCK_LINKS.items()))
)
_STOCK_DOCUMENT_FIELDS = ",".join(
    (
        "summary",
        "image",
        "body",
        f"clinical_reviewer({_CARD},credentials,role)",
        "related_links(target(title))",
        *(f"{name}({target}({_CARD}))" for name, target in STOCK_LINKS.items()),
    )
)


@dataclass(frozen=True)
class Case:
    """One kind of read: its name, the requests that are made in turn, and how many bytes one answer has."""

    name: str
    requests: tuple[Request, ...]
    size: int


@dataclass(frozen=True)
class Cases:
    """The cases of one database: Attest's, stock Wagtail's by the name of Attest's, and the bare view's."""

    attest: tuple[Case, ...]
    stock: dict[str, Case]
    bare: Case


def slugs_among(articles: int, slug_of_number: str) -> list[str]:
    """Slugs of the articles that are asked for; ``slug_of_number`` has one place for a number."""
    step = max(1, articles // DOCUMENTS)
    return [slug_of_number.format(number) for number in range(0, articles, step)][:DOCUMENTS]


def documents_of(attest: Server, slugs: list[str]) -> dict[str, str]:
    """The documents that Attest serves for ``slugs``: what the bare view keeps."""
    return {slug: _ask(attest, f"/api/v1/articles/{slug}")[1] for slug in slugs}


def find(attest: Server, stock: Server, bare: Server, slugs: list[str], articles: int) -> Cases:
    """Ask each server once for everything, and note addresses, cursors, ETags and sizes.

    Raises ``RuntimeError`` when a server does not answer 200.
    """
    documents = [f"/api/v1/articles/{slug}" for slug in slugs]
    return Cases(
        tuple(attest_cases(attest, documents, articles)),
        dict(_stock_cases(stock, slugs)),
        _case("bare view", bare, [f"/bare/{slug}" for slug in slugs]),
    )


def as_answered(server: Server, case: Case) -> Case:
    """``case`` with the ETags and the size that ``server`` gives to a client that takes gzip: one may compress, one may not."""
    answers = {path: server.get(path, **{"Accept-Encoding": ACCEPTED}) for path, _etag in case.requests}
    if any(etag for _path, etag in case.requests):
        return replace(case, requests=tuple((path, answer.headers["etag"]) for path, answer in answers.items()))
    return replace(case, size=len(answers[case.requests[0][0]].body))


def attest_cases(attest: Server, documents: list[str], articles: int) -> Iterator[Case]:
    """Every read of the content API that is measured: of these documents, and of lists among so many articles."""
    listed = f"/api/v1/articles?limit={PER_PAGE}"
    yield _case("document", attest, documents)
    yield _case(f"list of {PER_PAGE}", attest, [listed])
    yield _case("list, filtered", attest, [f"{listed}&condition={CONDITION}"])
    if articles >= 40 * PER_PAGE:
        yield _case("list, page 40", attest, [f"{listed}&offset={39 * PER_PAGE}"])
    page = min(LAST_PAGE, articles // PER_PAGE)
    if page > 2:
        before = attest.get(f"{listed}&offset={(page - 2) * PER_PAGE}").json()
        yield _case(f"list, page {page:,} by cursor", attest, [before["next"]])
    yield _case("search", attest, [f"/api/v1/search?q={word}" for word in WORDS])
    known = tuple((path, attest.get(path).headers["etag"]) for path in documents)
    yield Case("304", known, 0)
    changes = attest.get("/api/v1/changes")
    if changes.status == 200:
        yield _case("changes, from the start", attest, ["/api/v1/changes"])
        newest = _newest_cursor(attest, changes.json())
        if newest:
            yield _case("changes, nothing new", attest, [f"/api/v1/changes?since={quote(newest, safe='')}"])


def _newest_cursor(attest: Server, answer: dict[str, object]) -> str:
    """The cursor at the end of the walk; empty when it is longer than anybody would wait for."""
    for _page in range(500):
        cursor = str(answer["next"])
        if not answer["more"]:
            return cursor
        answer = attest.get(f"/api/v1/changes?limit=500&since={quote(cursor, safe='')}").json()
    return ""


def _stock_cases(stock: Server, slugs: list[str]) -> Iterator[tuple[str, Case]]:
    pages = "/stock/pages/"
    articles = {"type": "articles.ArticlePage"}
    keys = [stock.get(f"{pages}?{urlencode({**articles, 'slug': slug})}").json()["items"][0]["id"] for slug in slugs]
    documents = [f"{pages}{key}/?fields={_STOCK_DOCUMENT_FIELDS}" for key in keys]
    reviewer = stock.get(documents[0]).json()["clinical_reviewer"]["id"]
    query = urlencode({**articles, "limit": PER_PAGE, "order": "-first_published_at"})
    listed = f"{pages}?{query}&fields={_STOCK_LIST_FIELDS}"
    yield "document", _case("document", stock, documents)
    yield f"list of {PER_PAGE}", _case(f"list of {PER_PAGE}", stock, [listed])
    # It cannot filter by a condition; by a column of the article it can, which is easier.
    yield "list, filtered", _case("list, filtered", stock, [f"{listed}&clinical_reviewer={reviewer}"])


def _case(name: str, server: Server, paths: list[str]) -> Case:
    return Case(name, tuple((path, "") for path in paths), _ask(server, paths[0])[0])


def _ask(server: Server, path: str) -> tuple[int, str]:
    answer = server.get(path)
    if answer.status != 200:
        raise RuntimeError(f"The server “{server.name}” answered {answer.status} to {path}: {answer.body[:300]!r}")
    return len(answer.body), answer.body.decode()
