"""Rich text on its way out: safe for any page, with public addresses and numbered references."""

import uuid
from html.parser import HTMLParser
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile

from cms.media.models import ClinicFile
from cms.pages.references import Reference
from cms.pages.rendering import Dependency, Neighbour, Rendering
from cms.pages.richtext import ATTRIBUTES, TAGS, key_of, plain_text, public_html

HIDDEN_KEY, PUBLIC_KEY = 11, 12
PUBLIC = Neighbour(uuid.UUID(int=12), "article", "Public", "/articles/public/")


class EmptyWorld:
    """A world in which one page is public."""

    base_url = "https://clinic.example"

    def neighbour(self, page_id: int) -> Neighbour | None:
        return PUBLIC if page_id == PUBLIC_KEY else None

    def path_of(self, page: Any) -> str:
        return f"/{page.slug}/"

    def reference(self, key: int) -> Reference | None:
        return Reference.objects.filter(pk=key).first()


def public(source: str, rendering: Rendering | None = None) -> str:
    return public_html(source, rendering or Rendering(EmptyWorld()))


# --- Safety ----------------------------------------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<p>words</p><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '<img src=x onerror="alert(1)">',
    '<p onclick="alert(1)">words</p>',
    '<p style="background:url(javascript:alert(1))">words</p>',
    '<a href="javascript:alert(1)">words</a>',
    '<a href="JaVaScRiPt:alert(1)">words</a>',
    '<a href=" javascript:alert(1)">words</a>',
    '<a href="java\nscript:alert(1)">words</a>',
    '<a href="java&#10;script:alert(1)">words</a>',
    '<a href="&#106;avascript:alert(1)">words</a>',
    '<a href="\x01javascript:alert(1)">words</a>',
    '<a href="vbscript:msgbox(1)">words</a>',
    '<a href="data:text/html,<script>alert(1)</script>">words</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD4=">words</a>',
    '<a href="https://example.org" onmouseover="alert(1)">words</a>',
    '<a href="https://example.org" target="_blank" style="position:fixed">words</a>',
    '<a linktype="page" id="12" onclick="alert(1)">words</a>',
    '<a linktype="page" id="12" href="javascript:alert(1)">words</a>',
    '<a linktype="reference" id="1" href="javascript:alert(1)">words</a>',
    "<svg onload=alert(1)>words</svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>words</text></a></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    '<embed embedtype="image" id="1" alt="x" format="left"/>',
    "<form action='javascript:alert(1)'><button>words</button></form>",
    "<button formaction=javascript:alert(1)>words</button>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:alert(1)//'>",
    "<link rel=stylesheet href='javascript:alert(1)'>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><img src=x onerror=alert(1)>",
    "<p/onclick=alert(1)>words</p>",
    "<p\x00 onclick=alert(1)>words</p>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)><summary>words</summary></details>",
    "<sup data-reference='\"><script>alert(1)</script>'>1</sup>",
    "<a data-page-id='\"><script>alert(1)</script>' href='https://example.org'>words</a>",
]


class Recorder(HTMLParser):
    """Every tag and attribute that a parser other than the sanitiser's finds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.tags: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.add(tag)
        self.found += [(tag, name, value or "") for name, value in attributes]


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_could_run_comes_out(attack):
    html = public(f"<p>before</p>{attack}")

    tree = BeautifulSoup(html, "lxml")
    seen = Recorder(html)
    names = {tag.name for tag in tree.find_all()} - {"html", "body"}
    values = [str(value) for tag in tree.find_all() for value in tag.attrs.values()]
    assert names <= TAGS
    assert seen.tags <= TAGS
    assert all(name in ATTRIBUTES.get(tag, set()) for tag, name, _value in seen.found)
    assert not any(name.startswith("on") or name == "style" for _tag, name, _value in seen.found)
    for value in [*values, *(value for _tag, _name, value in seen.found)]:
        squeezed = "".join(character for character in value.lower() if character.isprintable() and character != " ")
        assert not squeezed.startswith(("javascript:", "vbscript:", "data:"))
    assert html.startswith("<p>before</p>")


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ('<p onclick="alert(1)">Rest <b>well</b>.</p>', "<p>Rest <b>well</b>.</p>"),
        ('<p><a href="javascript:alert(1)">Rest</a> well.</p>', "<p><a>Rest</a> well.</p>"),
        ("<h2>Rest</h2><p>well</p>", "Rest<p>well</p>"),
        ("<blockquote><p>Rest</p></blockquote>", "<p>Rest</p>"),
        ("<p>5 &lt; 6 &amp; more</p>", "<p>5 &lt; 6 &amp; more</p>"),
        ("<p>&lt;script&gt;</p>", "<p>&lt;script&gt;</p>"),
        ('<p data-block-key="abc">Rest</p>', "<p>Rest</p>"),
        ("<ul><li>one<ol><li>two</li></ol></li></ul>", "<ul><li>one<ol><li>two</li></ol></li></ul>"),
        ("<p>one<br/>two</p>", "<p>one<br>two</p>"),
        ("Rest < walk & run", "Rest &lt; walk &amp; run"),
        ("Rest & walk", "<p>Rest &amp; walk</p>"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_words_are_kept(source, html):
    assert public(source) == html


# --- Links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/?a=1&amp;b=2",
        "http://example.org/",
        "mailto:desk@example.org",
        "tel:+14175550100",
        "/visit/",
    ],
)
def test_allowed_address_is_kept(href):
    assert public(f'<p><a href="{href}">words</a></p>') == f'<p><a href="{href}">words</a></p>'


def test_link_to_a_public_page_gets_its_path_and_id():
    rendering = Rendering(EmptyWorld())

    html = public(f'<p><a linktype="page" id="{PUBLIC_KEY}">words</a></p>', rendering)

    assert html == f'<p><a data-page-id="{PUBLIC.document_id}" href="/articles/public/">words</a></p>'
    assert rendering.dependencies == {Dependency("page", PUBLIC_KEY)}


def test_link_to_a_hidden_page_keeps_its_words_only_and_waits_for_it():
    rendering = Rendering(EmptyWorld())

    html = public(f'<p>See <a linktype="page" id="{HIDDEN_KEY}">the <b>words</b></a>.</p>', rendering)

    assert html == "<p>See the <b>words</b>.</p>"
    assert rendering.dependencies == {Dependency("page", HIDDEN_KEY)}


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "²", "-1", "0", "1.5", "1; DROP", "9" * 18, "9" * 19, "9" * 40, "１２", "twelve"])
@pytest.mark.parametrize("kind", ["page", "document", "reference"])
def test_key_that_cannot_be_one_does_no_harm(kind, key):
    html = public(f'<p>See <a linktype="{kind}" id="{key}">words</a>.</p>')

    assert html == ("<p>See .</p>" if kind == "reference" else "<p>See words.</p>")


@pytest.mark.parametrize(
    ("text", "key"), [("12", 12), ("0", 0), ("²", None), ("１２", None), ("", None), ("-1", None), ("9" * 19, None)]
)
def test_key_out_of_an_attribute(text, key):
    assert key_of(text) == key


def test_link_without_any_address_keeps_its_words_only():
    assert public("<p>See <a>words</a>.</p>") == "<p>See words.</p>"


@pytest.mark.django_db
def test_link_to_a_file_gets_its_absolute_address():
    file = ClinicFile.objects.create(title="Leaflet", file=ContentFile(b"%PDF", name="leaflet.pdf"))
    rendering = Rendering(EmptyWorld())

    html = public(f'<p><a linktype="document" id="{file.pk}">words</a></p>', rendering)

    assert html == f'<p><a href="https://clinic.example{file.url}">words</a></p>'
    assert rendering.dependencies == {Dependency("file", file.pk)}


# --- References ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sources(db: None) -> list[Reference]:
    return [Reference.objects.create(short_label=f"Source {n}", title=f"Title {n}", pmid=str(n)) for n in (1, 2, 3)]


def cite(reference: Reference) -> str:
    return f'<a linktype="reference" id="{reference.pk}">[{reference.short_label}]</a>'


def test_citations_are_numbered_in_the_order_of_the_text(sources):
    one, two, three = sources
    rendering = Rendering(EmptyWorld())

    first = public(f"<p>A{cite(two)} b{cite(three)}.</p>", rendering)
    second = public(f"<p>C{cite(one)} d{cite(three)}.</p>", rendering)

    assert first == '<p>A<sup data-reference="1">1</sup> b<sup data-reference="2">2</sup>.</p>'
    assert second == '<p>C<sup data-reference="3">3</sup> d<sup data-reference="2">2</sup>.</p>'
    assert rendering.references == [two, three, one]
    assert rendering.dependencies == {Dependency("reference", source.pk) for source in sources}


def test_source_cited_twice_has_one_number(sources):
    rendering = Rendering(EmptyWorld())

    html = public(f"<p>A{cite(sources[0])} b{cite(sources[0])}.</p>", rendering)

    assert html == '<p>A<sup data-reference="1">1</sup> b<sup data-reference="1">1</sup>.</p>'
    assert rendering.references == [sources[0]]


def test_citation_of_a_source_that_is_gone_leaves_nothing(sources):
    mark = cite(sources[0])
    sources[0].delete()

    assert public(f"<p>A{mark}.</p>") == "<p>A.</p>"


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("<p>Rest <b>well</b>.</p><p>Then walk.</p>", "Rest well. Then walk."),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ('<p>Rest<sup data-reference="1">1</sup>.</p>', "Rest."),
        ("<p>10<sup>2</sup></p>", "102"),
        ("<p>5 &lt; 6 &amp; 7</p>", "5 < 6 & 7"),
        ("one<br>two<br/>three", "one two three"),
        ("", ""),
    ],
)
def test_plain_words_of_a_fragment(fragment, words):
    assert plain_text(fragment) == words
