"""Manuscripts in every format become the same outline, and nothing in them is lost without a word."""

import base64
import contextlib
import hashlib
import io
import time
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image

from articles.importers import word_package
from articles.importers.manuscript import MAX_FILE_BYTES, Manuscript, UnreadableManuscript, read_file
from articles.importers.naming import title_from_file_name
from articles.importers.outline import Heading, Paragraph, Picture, PointList, Quote, Remark, Table
from articles.importers.stream import stream_values

FILES = Path(__file__).parent / "files"
MINUTE_OF_WORDS = "It may take a week or two of the same routine before you notice anything at all."


def read(tmp_path: Path, name: str, content: str | bytes) -> Manuscript:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path)


def reason_for_refusing(tmp_path: Path, name: str, content: str | bytes) -> str:
    with pytest.raises(UnreadableManuscript) as refusal:
        read(tmp_path, name, content)
    assert refusal.value.path == tmp_path / name
    return refusal.value.reason


def png(*, width: int = 8, height: int = 8) -> bytes:
    stored = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(stored, "PNG")
    return stored.getvalue()


def saved(document: docx.document.Document) -> bytes:
    stored = io.BytesIO()
    document.save(stored)
    return stored.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A .docx with some of its parts replaced or added; ``word__document`` names ``word/document.xml``."""
    replaced = {f"{name.replace('__', '/')}.xml": part for name, part in parts.items()}
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, replaced.pop(name, old.read(name)))
        for name, part in replaced.items():
            new.writestr(name, part)
    return stored.getvalue()


# Plain text


def test_plain_text_keeps_every_word_and_finds_titles_and_lists():
    manuscript = read_file(FILES / "warm-baths-and-sleep.txt")

    assert manuscript.title is None
    assert manuscript.blocks == [
        Paragraph(
            "<p>Many people take a warm bath before bed – and “sleep well” afterwards. Some do not; it depends on the"
            " person, the hour and the water (source).</p>",
            1,
        ),
        Heading(2, "Why Warmth May Help", 3),
        Paragraph(
            "<p>The body cools down before sleep. A warm bath moves blood to the skin, and the body then gives off heat,"
            " which may ease worry, stress/a&gt;, cold feet and a busy mind.</p>",
            5,
        ),
        Paragraph("<p>What you need:</p>", 8),
        PointList(
            False,
            (
                "<p>a bath, not too hot</p>",
                "<p>a towel &amp; a quiet room with dim light</p>",
                "<p>5 &lt; 10 minutes of time</p>",
            ),
            9,
        ),
        PointList(True, ("<p>Run the water.</p>", "<p>Test it with your elbow.</p>"), 14),
        Heading(2, "When Not To", 18),
        Paragraph(
            "<p>Ask a healthcare provider first if you are pregnant, if your heart is weak, or if you feel dizzy in warm"
            " water.</p>",
            20,
        ),
        Paragraph("<p>Does it work at once?</p>", 22),
        Paragraph(f"<p>{MINUTE_OF_WORDS}</p>", 24),
    ]
    assert manuscript.remarks == [
        Remark(22, "“Does it work at once?” was kept as a paragraph; make it a heading if it is one")
    ]


def test_digest_is_of_the_bytes_of_the_file():
    path = FILES / "warm-baths-and-sleep.txt"

    assert read_file(path).digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_plain_text_with_a_first_line_alone_takes_it_as_title_and_says_so(tmp_path):
    manuscript = read(tmp_path, "bath.txt", f"A Warm Bath\n\n{MINUTE_OF_WORDS}\n")

    assert manuscript.title == "A Warm Bath"
    assert manuscript.blocks == [Paragraph(f"<p>{MINUTE_OF_WORDS}</p>", 3)]
    assert manuscript.remarks == [Remark(1, "the title was taken from the first line")]


def test_plain_text_with_marked_headings_reads_their_levels(tmp_path):
    manuscript = read(tmp_path, "bath.txt", "# Bath\n\n### Why\n\nBecause.\n\n###### Deep\n\nYes.")

    assert manuscript.title == "Bath"
    assert [block for block in manuscript.blocks if isinstance(block, Heading)] == [
        Heading(3, "Why", 3),
        Heading(4, "Deep", 7),
    ]
    assert manuscript.remarks == [Remark(7, "a heading of level 6 became level 4, the lowest that a page has")]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "Text first.\n\n2. What To Expect\n\n" + MINUTE_OF_WORDS + " " + MINUTE_OF_WORDS,
            "paragraph heading paragraph",
        ),
        ("He was born in\n1990. Then he left\n65. years later.", "paragraph"),
        ("Bring:\n- a towel", "paragraph list"),
        ("* a\n\n* b\n\n1. c", "list list"),
        ("- a\nnot a point", "list paragraph"),
    ],
)
def test_plain_text_points_are_told_from_numbered_titles_and_wrapped_lines(tmp_path, text, kinds):
    manuscript = read(tmp_path, "points.txt", text)

    assert [block.kind for block in manuscript.blocks] == kinds.split()


def test_numbered_title_keeps_its_number(tmp_path):
    manuscript = read(tmp_path, "t.txt", f"Text first.\n\n2. What To Expect\n\n{MINUTE_OF_WORDS} {MINUTE_OF_WORDS}")

    assert manuscript.blocks[1] == Heading(2, "2. What To Expect", 3)


def test_list_that_does_not_count_from_one_is_remarked_on(tmp_path):
    manuscript = read(tmp_path, "points.txt", "3. c\n4. d")

    assert manuscript.remarks == [Remark(1, "the list was numbered 3, 4; it now counts from 1")]


@pytest.mark.parametrize("content", ["\ufeffCafé".encode(), "Café".encode("utf-16"), "Caf\u0065\u0301".encode()])
def test_unicode_is_read_with_and_without_a_mark(tmp_path, content):
    manuscript = read(tmp_path, "cafe.txt", content)

    assert manuscript.blocks[0].html in {"<p>Café</p>", "<p>Cafe\u0301</p>"}
    assert not [remark for remark in manuscript.remarks if "UTF-8" in remark.message]


def test_windows_text_is_read_with_a_remark(tmp_path):
    manuscript = read(tmp_path, "old.txt", "He said “no” – twice.".encode("cp1252"))

    assert manuscript.blocks == [Paragraph("<p>He said “no” – twice.</p>", 1)]
    assert manuscript.remarks == [
        Remark(None, "the file is not UTF-8; it was read as cp1252: check accents and quotation marks")
    ]


def test_line_numbers_are_those_of_an_editor_whatever_ends_a_line(tmp_path):
    manuscript = read(tmp_path, "old.txt", "One.\r\n\r\nTwo\u2028still two.\r\rThree.")

    assert [(block.html, block.line) for block in manuscript.blocks] == [
        ("<p>One.</p>", 1),
        ("<p>Two still two.</p>", 3),
        ("<p>Three.</p>", 5),
    ]


# Markdown


def test_markdown_becomes_blocks_with_the_lines_of_the_file():
    manuscript = read_file(FILES / "sleep.md")

    assert manuscript.title == "Sleeping Better"
    assert manuscript.blocks == [
        Paragraph(
            '<p>Go to bed at the <i>same</i> time. See <a href="https://example.org/sleep">the clinic</a> or our page.</p>',
            7,
        ),
        Heading(2, "In the evening", 9),
        PointList(False, ("<p>dim the light</p>", "<p>put the phone away</p>"), 11),
        Paragraph("<ol><li>read</li><li>rest<ul><li>on your side</li><li>on your back</li></ul></li></ol>", 14),
        Table("", ("Habit", "Minutes"), (("<p>Walk</p>", "<p>20</p>"),), 19),
        Quote("I sleep like a log.", "A made-up visitor", 25),
        Heading(4, "Small print", 31),
        Paragraph("<p>Less coffee helps.[^1]</p>", 33),
    ]
    assert manuscript.remarks == [
        Remark(None, "a link that nothing in the text uses was left out: https://example.org/study"),
        Remark(1, "the field “title: Sleep” at the top of the file was left out"),
        Remark(1, "the field “author: Anton Made-Up” at the top of the file was left out"),
        Remark(7, "the link to “/conditions/insomnia/” was dropped, its words were kept"),
        Remark(19, "the table has no caption"),
        Remark(23, "<script> was left out"),
        Remark(29, "a picture (“A quiet bedroom”) was left out: there is no file “bedroom.png” beside the manuscript"),
        Remark(31, "a heading of level 5 became level 4, the lowest that a page has"),
        Remark(33, "the footnote mark [^1] was kept as text; turn it into a reference"),
    ]


def test_markdown_takes_its_title_from_the_top_when_no_heading_names_one(tmp_path):
    manuscript = read(tmp_path, "a.md", "---\ntitle: 'Sleep well'\n---\nText.")

    assert (manuscript.title, manuscript.remarks) == ("Sleep well", [])
    assert manuscript.blocks == [Paragraph("<p>Text.</p>", 4)]


def test_markdown_code_keeps_its_lines_and_its_signs(tmp_path):
    manuscript = read(tmp_path, "a.md", "Text.\n\n```\na <b>\n  c & d\n```\n")

    assert manuscript.blocks[1] == Paragraph("<p>a &lt;b&gt;<br>c &amp; d</p>", 3)
    assert manuscript.remarks == [Remark(3, "preformatted text became a paragraph without links and emphasis")]


# HTML


def test_old_html_becomes_clean_blocks():
    manuscript = read_file(FILES / "old-page.html")

    assert manuscript.title == "Back care"
    assert manuscript.blocks == [
        Paragraph(
            '<p>Sit <b>upright</b>, <i>often</i> move, rest. Call <a href="tel:417-887-8075">us</a> or click here.'
            " About 10<sup>3</sup> steps ease pain.<sup>2</sup></p>",
            5,
        ),
        Paragraph("<p>An unclosed paragraph<br>with a break</p>", 7),
        Paragraph("<p>and a second one.</p>", 7),
        Heading(2, "Lift", 8),
        PointList(False, ("<p>Bend your knees</p>", "<p>Keep it close</p>"), 9),
        Heading(2, "More", 10),
        Heading(3, "Rest", 11),
        Heading(4, "Detail", 12),
        Table(
            "Visits",
            ("Visit", "Minutes"),
            (("<p>First</p>", "<p>60</p>"), ("", "<p>30</p>"), ("<p>Later</p>", "")),
            13,
        ),
        Table("", ("inner words", "beside"), (("<p>below</p>", ""),), 15),
        Paragraph("<p>Your name</p>", 17),
        Paragraph("<p>Hurry</p>", 19),
    ]


def test_old_html_is_remarked_on_line_by_line():
    manuscript = read_file(FILES / "old-page.html")

    assert manuscript.remarks == [
        Remark(2, "<style> was left out"),
        Remark(5, "the raised “2” looks like a citation; turn it into a reference"),
        Remark(6, "the link to “javascript:steal()” was dropped, its words were kept"),
        Remark(10, "a second heading of level 1 became level 2: level 1 is the title"),
        Remark(12, "a heading of level 6 became level 4, the lowest that a page has"),
        Remark(13, "merged cells were taken apart: their words stand in the first of them"),
        Remark(13, "rows of the table differ in length; the short ones were filled up with empty cells"),
        Remark(15, "a table inside a table cell became plain paragraphs"),
        Remark(15, "rows of the table differ in length; the short ones were filled up with empty cells"),
        Remark(15, "the table marks no heading row; its first row was taken for it"),
        Remark(15, "the table has no caption"),
        Remark(
            16,
            "a picture (“A spine”) was left out: it is on the network (https://example.org/spine.png) and nothing is"
            " fetched from there",
        ),
        Remark(16, "a picture (“Elsewhere”) was left out: “../secret.png” lies outside the manuscript’s folder"),
        Remark(17, "<form> was left out; words around it were kept"),
        Remark(17, "<input> was left out; words around it were kept"),
        Remark(18, "<iframe> (https://video.example.org/1) was left out"),
        Remark(19, "<blink> is not a tag that can be placed; its words were kept"),
        Remark(20, "a comment was left out"),
    ]


def test_html_without_a_first_heading_takes_the_title_of_the_page(tmp_path):
    manuscript = read(tmp_path, "a.html", "<title>Sleep &amp; rest</title><p>Text.</p>")

    assert manuscript.title == "Sleep & rest"
    assert manuscript.remarks == [Remark(None, "there is no level-1 heading; the title comes from <title>")]


def test_html_says_in_which_characters_it_is_written(tmp_path):
    manuscript = read(tmp_path, "a.html", '<meta charset="iso-8859-2"><p>Ž</p>'.encode("iso-8859-2"))

    assert manuscript.blocks == [Paragraph("<p>Ž</p>", 1)]
    assert [remark.message for remark in manuscript.remarks] == [
        "the file is not UTF-8; it was read as iso-8859-2: check accents and quotation marks"
    ]


def test_quotations_keep_their_speaker_apart(tmp_path):
    manuscript = read(
        tmp_path,
        "a.html",
        "<blockquote><p>One.</p><p>Two.</p><footer>— Ann</footer></blockquote>"
        "<blockquote>Three. <cite>Ben</cite></blockquote><blockquote>Four.</blockquote>",
    )

    assert manuscript.blocks == [
        Quote("One.\n\nTwo.", "Ann", 1),
        Quote("Three.", "Ben", 1),
        Quote("Four.", "", 1),
    ]


def test_words_between_and_around_blocks_are_kept(tmp_path):
    manuscript = read(
        tmp_path,
        "a.html",
        "before<div>inside<h2>Title</h2>after</div><b><p>wrapped</p></b>"
        "<dl><dt>Term<dd>Meaning</dl><details><summary>More</summary>hidden</details><ul>stray<li>point</ul>",
    )

    assert [
        getattr(block, "html", None) or getattr(block, "text", None) or block.items for block in manuscript.blocks
    ] == [
        "<p>before</p>",
        "<p>inside</p>",
        "Title",
        "<p>after</p>",
        "<p>wrapped</p>",
        "<p><b>Term</b></p>",
        "<p>Meaning</p>",
        "<p><b>More</b></p>",
        "<p>hidden</p>",
        ("<p>stray</p>", "<p>point</p>"),
    ]


def test_frame_of_one_cell_is_no_table(tmp_path):
    manuscript = read(tmp_path, "a.html", "<table><tr><td><h2>Box</h2><p>Text.</p></td></tr></table>")

    assert manuscript.blocks == [Heading(2, "Box", 1), Paragraph("<p>Text.</p>", 1)]
    assert manuscript.remarks == [Remark(1, "a table with one cell became ordinary text")]


def test_heading_too_long_for_a_heading_becomes_bold_text(tmp_path):
    manuscript = read(tmp_path, "a.html", f"<h2>{'long ' * 40}</h2>")

    assert manuscript.blocks == [Paragraph(f"<p><b>{('long ' * 40).strip()}</b></p>", 1)]
    assert manuscript.remarks == [Remark(1, "a heading longer than 160 characters became a paragraph in bold")]


@pytest.mark.parametrize(
    "hostile",
    [
        "<p>a<script>alert(1)</script>b</p>",
        "<p><img src=x onerror=alert(1)>b</p>",
        '<p><a href="java&#10;script:alert(1)">b</a></p>',
        '<p><a href="data:text/html,<script>alert(1)</script>">b</a></p>',
        '<p><a href="//evil.example/">b</a></p>',
        "<p><svg><style><img src=x onerror=alert(1)></style></svg>b</p>",
        "<p><math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x()&gt;'></table></math>b",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;b</p>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript><p>b</p>",
        "<p style='x:expression(alert(1))' onmouseover='alert(1)'>b</p>",
        "<template><script>alert(1)</script></template><p>b</p>",
        "<textarea></p><script>alert(1)</script></textarea><p>b</p>",
    ],
)
@pytest.mark.parametrize("suffix", ["html", "md"])
def test_hostile_markup_leaves_only_words(tmp_path, hostile, suffix):
    manuscript = read(tmp_path, f"a.{suffix}", hostile)

    stored = " ".join(block.html for block in manuscript.blocks)
    assert "b</p>" in stored
    assert "<" not in stored.replace("<p>", "").replace("</p>", "")
    assert manuscript.remarks or "&lt;script&gt;" in stored or "onmouseover" in hostile


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<p>a\n<b", "line 2: a tag begins here and never ends: '<b'"),
        ("<p>a <!-- b", "line 1: a comment begins here and never ends"),
        ("<p title='a>b", "line 1: a quoted attribute begins here and never ends"),
        ("a\n\n<script>b", "line 3: <script> begins here and never ends"),
        ("a <video src='x'> b", "line 1: <video> begins here and never ends"),
        ("<div>" * 101, "line 1: tags are nested deeper than 100 levels"),
        ("<p>a" * 5001, "more than 5,000 blocks; split it into several files"),
        ("<table>" + "<tr><td>a" * 10_001, "line 1: a table with more than 50 columns or 10,000 cells"),
        ("<table><tr><td colspan=51>a<td>b", "line 1: a table with more than 50 columns or 10,000 cells"),
    ],
)
def test_html_that_would_swallow_words_or_exhaust_the_reader_is_refused(tmp_path, content, reason):
    assert reason_for_refusing(tmp_path, "a.html", content) == reason


@pytest.mark.parametrize("piece", ["<a ", "<", "&", "<!--", "<a href='", "<svg>", "<table>", "<b>", "a <i>b</i> "])
def test_time_to_read_html_does_not_explode(tmp_path, piece):
    started = time.monotonic()

    with contextlib.suppress(UnreadableManuscript):
        read(tmp_path, "a.html", piece * (60_000 // len(piece)))

    assert time.monotonic() - started < 20


@pytest.mark.parametrize("piece", ["> ", "1. "])
def test_markdown_nested_without_end_is_refused(tmp_path, piece):
    reason = reason_for_refusing(tmp_path, "a.md", f"{piece * 1000}words")

    assert reason.endswith("nested deeper than 100 levels")


# Pictures


def test_picture_beside_the_manuscript_is_taken_with_its_caption(tmp_path):
    (tmp_path / "a room.png").write_bytes(png())

    manuscript = read(
        tmp_path,
        "a.html",
        '<figure><img src="a%20room.png" alt="A  room"><figcaption>Our <b>room</b></figcaption></figure>',
    )

    assert manuscript.blocks == [Picture(png(), "a room.png", "A room", "<p>Our <b>room</b></p>", 1)]
    assert manuscript.remarks == []


def test_picture_inside_a_sentence_follows_its_paragraph(tmp_path):
    source = f"data:image/png;base64,{base64.b64encode(png()).decode()}"

    manuscript = read(tmp_path, "a.html", f'<p>One <a href="https://example.org/"><img src="{source}"></a> two.</p>')

    assert manuscript.blocks == [Paragraph("<p>One two.</p>", 1), Picture(png(), "picture.png", "", "", 1)]
    assert [remark.message for remark in manuscript.remarks] == [
        "a picture has no alternative text",
        "the link around a picture was dropped",
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("http://127.0.0.1:9/a.png", "it is on the network"),
        ("//example.org/a.png", "it is on the network"),
        ("file:///etc/hostname", "it has no address"),
        ("/etc/hostname", "outside the manuscript’s folder"),
        ("..%2f..%2fa.png", "outside the manuscript’s folder"),
        ("link.png", "outside the manuscript’s folder"),
        ("none.png", "there is no file"),
        ("a.html", "no picture that can be read"),
        ("a%00.png", "its address cannot be read"),
        ("drawing.svg", "no picture that can be read"),
        ("scan.tiff", "its format, TIFF, is not one of"),
        ("data:image/png;base64,AAAA", "no picture that can be read"),
        ("data:image/png;base64,A!", "its embedded bytes are damaged"),
        ("data:image/svg+xml,<svg/>", "in a form other than base64"),
        ("", "it has no address"),
    ],
)
def test_picture_that_cannot_be_taken_is_named_with_the_reason(tmp_path, source, reason):
    folder = tmp_path / "texts"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(png())
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Image.new("RGB", (2, 2)).save(folder / "scan.tiff")

    manuscript = read(folder, "a.html", f'<p>Text.</p><img alt="It" src="{source}">')

    assert manuscript.blocks == [Paragraph("<p>Text.</p>", 1)]
    assert len(manuscript.remarks) == 1
    assert manuscript.remarks[0].message.startswith("a picture (“It”) was left out: ")
    assert reason in manuscript.remarks[0].message


def test_picture_that_unfolds_into_too_many_pixels_is_left_out_unopened(tmp_path):
    bomb = png(width=10_000, height=5_001)
    (tmp_path / "a.png").write_bytes(bomb)

    manuscript = read(tmp_path, "a.md", "Text.\n\n![Large](a.png)")

    assert manuscript.remarks == [
        Remark(3, "a picture (“Large”) was left out: it has 50,010,000 pixels; at most 50,000,000 are allowed")
    ]


# Word


def test_word_document_becomes_blocks_with_the_numbers_of_its_paragraphs(tmp_path):
    document = docx.Document()
    document.add_heading("Back Care", 0)
    document.add_paragraph("For beginners", style="Subtitle")
    document.add_heading("Sitting", 1)
    sentence = document.add_paragraph("Sit ")
    sentence.add_run("upright").bold = True
    sentence.add_run(" stress/a> <b>&")
    document.add_paragraph("")
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("two", style="List Bullet")
    document.add_paragraph("first", style="List Number")
    document.add_heading("How long", 2)
    table = document.add_table(2, 2)
    for cell, words in zip(table._cells, ["Visit", "Minutes", "First", "60"], strict=True):
        cell.text = words
    document.add_paragraph("I felt fine.", style="Quote")
    document.add_picture(io.BytesIO(png()))
    document.add_paragraph("A red square", style="Caption")

    manuscript = read(tmp_path, "care.docx", saved(document))

    assert manuscript.title == "Back Care"
    assert manuscript.blocks == [
        Paragraph("<p>For beginners</p>", 2),
        Heading(2, "Sitting", 3),
        Paragraph("<p>Sit <b>upright</b> stress/a&gt; &lt;b&gt;&amp;</p>", 4),
        PointList(False, ("<p>one</p>", "<p>two</p>"), 6),
        PointList(True, ("<p>first</p>",), 8),
        Heading(3, "How long", 9),
        Table("", ("Visit", "Minutes"), (("<p>First</p>", "<p>60</p>"),), 10),
        Quote("I felt fine.", "", 14),
        Picture(png(), "picture-1.png", "", "<p>A red square</p>", 15),
    ]
    assert manuscript.remarks == [
        Remark(10, "the table marks no heading row; its first row was taken for it"),
        Remark(10, "the table has no caption"),
        Remark(15, "a picture has no alternative text"),
    ]


def test_word_document_without_a_title_style_takes_its_first_heading(tmp_path):
    document = docx.Document()
    document.add_heading("Back Care", 1)
    document.add_heading("More", 1)

    manuscript = read(tmp_path, "care.docx", saved(document))

    assert (manuscript.title, manuscript.blocks) == ("Back Care", [Heading(2, "More", 2)])
    assert manuscript.remarks == [Remark(2, "a second heading of level 1 became level 2: level 1 is the title")]


def test_word_document_tells_what_its_reader_would_miss(tmp_path):
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Draft 3"
    commented = document.add_paragraph("Take it daily.")
    document.add_comment(commented.runs, text="Check this dose!", author="Clara Made-Up", initials="CM")
    changed = document.add_paragraph("Never ")
    deletion, run, words = OxmlElement("w:del"), OxmlElement("w:r"), OxmlElement("w:delText")
    words.text = "or always "
    run.append(words)
    deletion.append(run)
    changed._p.append(deletion)
    hidden = document.add_paragraph().add_run("secret")
    hidden.font.hidden = True

    manuscript = read(tmp_path, "care.docx", saved(document))

    assert [block.html for block in manuscript.blocks] == ["<p>Take it daily.</p>", "<p>Never</p>", "<p>secret</p>"]
    assert manuscript.remarks == [
        Remark(None, "the page header was left out: “Draft 3”"),
        Remark(1, "a comment by Clara Made-Up was left out: “Check this dose!”"),
        Remark(2, "a tracked deletion was carried out"),
        Remark(3, "hidden text became visible text"),
    ]


def test_footnotes_of_a_word_document_become_a_list_of_notes(tmp_path):
    document = docx.Document()
    run = document.add_paragraph("It helps many people.").add_run()
    mark = OxmlElement("w:footnoteReference")
    mark.set(qn("w:id"), "2")
    run._r.append(mark)
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    notes = (
        f'<w:footnotes xmlns:w="{namespace}"><w:footnote w:id="2"><w:p><w:r><w:t>Rubin 2007</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )

    manuscript = read(tmp_path, "care.docx", repacked(saved(document), word__footnotes=notes.encode()))

    assert [(block.kind, getattr(block, "html", getattr(block, "text", None))) for block in manuscript.blocks] == [
        ("paragraph", "<p>It helps many people.<sup>[1]</sup></p>"),
        ("heading", "Notes"),
        ("list", None),
    ]
    assert manuscript.blocks[2].items == ("<p>Rubin 2007</p>",)
    assert (
        Remark(1, "footnote [1] stands under “Notes” at the end; turn it into a reference: “Rubin 2007”")
        in manuscript.remarks
    )


def test_linked_picture_of_a_word_document_is_never_fetched(tmp_path):
    document = docx.Document()
    document.add_picture(io.BytesIO(png()))
    blip = document.element.find(f".//{qn('a:blip')}")
    target = document.part.relate_to(
        "http://127.0.0.1:9/a.png", docx.opc.constants.RELATIONSHIP_TYPE.IMAGE, is_external=True
    )
    del blip.attrib[qn("r:embed")]
    blip.set(qn("r:link"), target)

    manuscript = read(tmp_path, "care.docx", saved(document))

    assert manuscript.blocks == []
    assert manuscript.remarks == [
        Remark(None, "the file has no text"),
        Remark(1, "a picture was left out: its bytes are not in the document, only a link to them"),
    ]


def zipped(**entries: bytes) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stored.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is no Word document: its archive is damaged"),
        (b"PK\x03\x04 but not really", "it is no Word document: its archive is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is protected by a password, or an old .doc file"),
        (zipped(a=b"0" * 10_000_000), "it unfolds to more than 100 times its size"),
        (zipped(document=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "its XML declares a document type"),
        (
            zipped(document="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode("utf-16")),
            "its XML declares a document type",
        ),
        (zipped(document=b"<a>" * 101 + b"</a>" * 101), "its elements are nested deeper than 100 levels"),
        (zipped(document=b"<a><b></a>"), "it is no Word document: its XML is damaged"),
        (zipped(document=b"<a/>"), "the Word document is damaged"),
    ],
)
def test_word_document_that_is_damaged_or_hostile_is_refused(tmp_path, content, reason):
    assert reason_for_refusing(tmp_path, "care.docx", content).startswith(reason)


def test_word_document_that_unfolds_beyond_any_use_is_refused_unopened(tmp_path, monkeypatch):
    monkeypatch.setattr(word_package, "MAX_UNPACKED_BYTES", 1024 * 1024)
    monkeypatch.setattr(word_package, "MAX_ELEMENTS", 1000)

    too_large = reason_for_refusing(tmp_path, "a.docx", zipped(a=bytes(range(256)) * 5000))
    too_many = reason_for_refusing(tmp_path, "b.docx", zipped(a=b"<a>" + b"<b/>" * 1000 + b"</a>"))

    assert too_large == "it unfolds to more than 1 MB"
    assert too_many == "it has more than 1,000 elements; split it into several files"


# Files, names, stored values


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"%PDF", "“.pdf” is not a format that can be read; use .docx, .htm, .html, .markdown, .md, .txt"),
        ("a.txt", b"a\x00b", "it is not a text file"),
        ("a.txt", b"\x81\x8d", "its characters are neither UTF-8 nor Windows-1252"),
        ("a.txt", b" " * (MAX_FILE_BYTES + 1), "it is larger than 20 MB"),
    ],
)
def test_file_that_is_no_manuscript_is_refused(tmp_path, name, content, reason):
    assert reason_for_refusing(tmp_path, name, content) == reason


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(UnreadableManuscript, match="cannot be opened: No such file"):
        read_file(tmp_path / "none.txt")


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_empty_file_is_read_with_a_remark(tmp_path, name):
    manuscript = read(tmp_path, name, "")

    assert (manuscript.blocks, manuscript.remarks) == ([], [Remark(None, "the file has no text")])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("acupuncture-for-back-pain.txt", "Acupuncture for Back Pain"),
        ("the_art of-rest.docx", "The Art of Rest"),
        ("TMJ-and-McKenzie.md", "TMJ and McKenzie"),
        ("what-to-look-for.html", "What to Look For"),
        ("ménière's-disease.txt", "Ménière's Disease"),
        ("v1.2-notes.txt", "V1.2 Notes"),
    ],
)
def test_title_is_spelt_from_a_file_name(name, title):
    assert title_from_file_name(name) == title


def test_outline_becomes_the_values_that_a_body_stores():
    blocks = [
        Heading(3, "Why"),
        Paragraph("<p>a</p>"),
        PointList(True, ("<p>b</p>",)),
        Table("c", ("d",), (("<p>e</p>",), ("",))),
        Picture(b"f", "f.png", "g", "<p>h</p>"),
        Quote("i", "j"),
    ]

    values = stream_values(blocks, lambda picture: len(picture.data) + 6)

    assert values == [
        {"type": "heading", "value": {"level": "3", "text": "Why"}},
        {"type": "paragraph", "value": "<p>a</p>"},
        {"type": "list", "value": {"ordered": True, "items": ["<p>b</p>"]}},
        {
            "type": "table",
            "value": {
                "caption": "c",
                "columns": [{"type": "text", "heading": "d"}],
                "rows": [{"values": ["<p>e</p>"]}, {"values": ["<p></p>"]}],
            },
        },
        {"type": "image", "value": {"image": 7, "caption": "<p>h</p>"}},
        {"type": "quote", "value": {"text": "i", "attribution": "j"}},
    ]
