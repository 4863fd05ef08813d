"""``manage.py import_article``: files become drafts, once each, and never anything public."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from PIL import Image
from wagtail.images import get_image_model
from wagtail.models import Page, Revision

from articles.importers import drafts, targets
from articles.management.commands import import_article
from articles.models import ArticleIndexPage, ArticlePage, ImportedFile
from cms.publishing.models import Entry, Head
from home.models import StandardPage
from tests import factories

FILES = Path(__file__).parent / "files"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def index(clinic: factories.Clinic) -> ArticleIndexPage:
    return clinic.articles


def run(*arguments: object, stderr: io.StringIO | None = None) -> str:
    """What the command prints; its errors are printed too, after which it raises."""
    stdout = io.StringIO()
    call_command("import_article", *[str(argument) for argument in arguments], stdout=stdout, stderr=stderr or stdout)
    return stdout.getvalue()


def run_failing(*arguments: object) -> tuple[str, str]:
    """What the command prints, and the sentence with which it ends."""
    stdout = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("import_article", *[str(argument) for argument in arguments], stdout=stdout, stderr=stdout)
    return stdout.getvalue(), str(failure.value)


def rows() -> tuple[int, int, int, int]:
    """How many pages, revisions, imported files and pictures there are."""
    return (
        Page.objects.count(),
        Revision.objects.count(),
        ImportedFile.objects.count(),
        get_image_model().objects.count(),
    )


def written(tmp_path: Path, name: str = "sleep.txt", text: str = "Rest helps.") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def made() -> QuerySet[ArticlePage]:
    """The articles that came by import."""
    return ArticlePage.objects.filter(pk__in=ImportedFile.objects.values("page"))


def newest(page: Page) -> ArticlePage:
    return ArticlePage.objects.get(pk=page.pk).get_latest_revision_as_object()


def body_of(page: Page) -> list[tuple[str, str]]:
    return [(child.block_type, str(getattr(child.value, "source", child.value))) for child in newest(page).body]


def test_file_becomes_a_draft_by_its_author(clinic):
    printed = run(FILES / "warm-baths-and-sleep.txt", "--author", "ANTON@example.org")

    page = made().get()
    revision = page.get_latest_revision()
    assert (page.title, page.slug, page.live, page.owner) == (
        "Warm Baths and Sleep",
        "warm-baths-and-sleep",
        False,
        clinic.author,
    )
    assert page.get_parent().pk == clinic.articles.pk
    assert (revision.user, page.revisions.count()) == (clinic.author, 1)
    assert [kind for kind, _ in body_of(page)] == [
        "paragraph",
        "heading",
        "paragraph",
        "paragraph",
        "list",
        "list",
        "heading",
        "paragraph",
        "paragraph",
        "paragraph",
    ]
    assert "stress/a&gt;" in body_of(page)[2][1]
    assert printed == (
        "warm-baths-and-sleep.txt\n"
        f"  created: “Warm Baths and Sleep” at /articles/warm-baths-and-sleep/ (page {page.pk})\n"
        "  6 paragraphs, 2 headings, 2 lists\n"
        "  - line 22: “Does it work at once?” was kept as a paragraph; make it a heading if it is one\n"
        "1 file: 1 created; 1 remark\n"
    )


def test_every_kind_of_block_is_stored_as_the_editor_stores_it(index, tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "bedroom.png")
    (tmp_path / "sleep.md").write_text((FILES / "sleep.md").read_text())

    run(tmp_path / "sleep.md")

    page = made().get()
    picture = get_image_model().objects.get()
    stored = {child["type"]: child["value"] for child in newest(page).body.raw_data}
    assert (picture.title, picture.description, picture.width) == ("A quiet bedroom", "A quiet bedroom", 8)
    assert stored["image"] == {"image": picture.pk, "caption": ""}
    assert stored["heading"] == {"level": "4", "text": "Small print"}
    assert stored["quote"] == {"text": "I sleep like a log.", "attribution": "A made-up visitor"}
    table = next(child.value for child in newest(page).body if child.block_type == "table")
    assert [column["heading"] for column in table.columns] == ["Habit", "Minutes"]
    assert [[cell.value.source for cell in row] for row in table.rows] == [["<p>Walk</p>", "<p>20</p>"]]


@pytest.mark.parametrize("name", ["old-page.html", "sleep.md", "warm-baths-and-sleep.txt"])
def test_whole_manuscript_passes_the_checks_of_the_editor(index, name):
    run(FILES / name)

    stream = ArticlePage._meta.get_field("body").stream_block
    cleaned = stream.clean(newest(made().get()).body)
    assert len(cleaned) > 5


def test_text_that_fits_no_block_is_refused_with_the_block_and_the_reason(index, tmp_path, monkeypatch):
    monkeypatch.setattr("articles.importers.markup.MAX_HEADING_CHARACTERS", 1000)
    before = rows()

    printed, _sentence = run_failing(written(tmp_path, "a.html", f"<p>Text.</p><h2>{'x' * 161}</h2>"))

    assert rows() == before
    assert "its blocks do not fit the page: block 2: text: Ensure this value has at most 160 characters" in printed


def test_nothing_that_is_imported_becomes_public(clinic, tmp_path):
    before = (Entry.objects.count(), Head.objects.count())

    run(written(tmp_path))

    assert (Entry.objects.count(), Head.objects.count()) == before
    assert made().get().live is False


def test_dry_run_reports_and_writes_nothing(index, tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "bedroom.png")
    (tmp_path / "sleep.md").write_text((FILES / "sleep.md").read_text())
    before = rows()

    printed = run(tmp_path / "sleep.md", "--dry-run")

    assert rows() == before
    assert "  created: “Sleeping Better” at /articles/sleep/ (no page yet)\n" in printed
    assert "3 paragraphs, 2 headings, 1 list, 1 table, 1 quote, 1 image\n" in printed
    assert printed.endswith("Dry run: nothing was written.\n")


def test_same_file_twice_makes_one_page(index, tmp_path):
    path = written(tmp_path)
    run(path)
    before = rows()

    printed = run(path)

    assert rows() == before
    assert printed == (
        f"sleep.txt\n  unchanged: “Sleep” at /articles/sleep/ (page {made().get().pk})\n"
        "1 file: 1 unchanged; 0 remarks\n"
    )


def test_newer_file_makes_a_new_draft_of_the_same_page(index, tmp_path):
    run(written(tmp_path))
    run(written(tmp_path, text="Rest helps many people."))

    printed = run(written(tmp_path, text="# Sleep Well\n\nRest helps most people."))

    page = made().get()
    assert (page.revisions.count(), page.live, page.draft_title) == (3, False, "Sleep Well")
    assert body_of(page) == [("paragraph", "<p>Rest helps most people.</p>")]
    assert "updated: “Sleep Well” at /articles/sleep/" in printed


def test_newer_file_of_a_public_page_changes_only_its_draft(clinic, tmp_path):
    run(written(tmp_path), "--author", clinic.author.email)
    page = made().get()
    draft = page.get_latest_revision_as_object()
    Page.objects.filter(pk=page.pk).update(live=True, live_revision=draft.latest_revision)

    run(written(tmp_path, text="Other words."), "--author", clinic.author.email)

    page.refresh_from_db()
    assert [child.value.source for child in page.body] == ["<p>Rest helps.</p>"]
    assert body_of(page) == [("paragraph", "<p>Other words.</p>")]
    assert page.has_unpublished_changes is True


def edit_in_a_new_revision(page: ArticlePage) -> None:
    factories.draft(page, title="An editor’s title")


def edit_in_place_like_autosave(page: ArticlePage) -> None:
    edited = page.get_latest_revision_as_object()
    edited.title = "An editor’s title"
    edited.save_revision(overwrite_revision=page.get_latest_revision())


@pytest.mark.parametrize("edit", [edit_in_a_new_revision, edit_in_place_like_autosave])
def test_page_that_an_editor_has_touched_is_left_alone(index, tmp_path, edit):
    run(written(tmp_path))
    edit(made().get())
    before = rows()

    printed = run(written(tmp_path, text="Other words."))

    assert rows() == before
    assert body_of(made().get()) == [("paragraph", "<p>Rest helps.</p>")]
    assert "left alone: “An editor’s title”" in printed
    assert "  - changed by an editor since; left alone\n" in printed
    assert "1 file: 1 left alone; 1 remark\n" in printed


def test_locked_page_is_left_alone(index, tmp_path):
    run(written(tmp_path))
    made().update(locked=True)

    printed = run(written(tmp_path, text="Other words."))

    assert "  - locked or in review; left alone\n" in printed
    assert made().get().revisions.count() == 1


def test_deleted_page_is_made_again(index, tmp_path):
    run(written(tmp_path))
    made().get().delete()

    printed = run(written(tmp_path))

    assert "created: “Sleep”" in printed
    assert made().count() == 1


def test_address_that_is_taken_gets_a_number(index, tmp_path):
    written(tmp_path, "sleep.txt")
    written(tmp_path, "sleep.md")

    printed = run(tmp_path)

    assert sorted(made().values_list("slug", flat=True)) == ["sleep", "sleep-2"]
    assert "  - the address “sleep” is taken; the page is at “sleep-2”\n" in printed


def test_folder_is_walked_and_its_files_are_known_by_their_place_in_it(index, tmp_path):
    for name in ["b/sleep.txt", "a/sleep.txt", "a/~$sleep.docx", ".hidden.txt", "note.pdf"]:
        written(tmp_path, name, f"Words of {name}.")

    printed = run(tmp_path)
    again = run(tmp_path)

    assert list(ImportedFile.objects.order_by("pk").values_list("source_name", flat=True)) == [
        "a/sleep.txt",
        "b/sleep.txt",
    ]
    assert f"{tmp_path}: 1 file of another format was passed over\n" in printed
    assert "2 files: 2 unchanged; 0 remarks\n" in again


def test_broken_file_stops_no_other_and_fails_the_command(index, tmp_path):
    written(tmp_path, "a.txt", "Fine.")
    (tmp_path / "b.docx").write_bytes(b"not a document")
    written(tmp_path, "c.txt", "Fine too.")

    printed, sentence = run_failing(tmp_path, tmp_path / "none.txt")

    assert sentence == "2 of 4 files could not be imported: b.docx, none.txt"
    assert "b.docx\n  failed: it is no Word document: its archive is damaged\n" in printed
    assert "none.txt\n  failed: it cannot be opened: No such file or directory\n" in printed
    assert "4 files: 2 created, 2 failed; 0 remarks\n" in printed
    assert sorted(made().values_list("slug", flat=True)) == ["a", "c"]


def test_file_that_fails_halfway_leaves_neither_rows_nor_pictures(index, tmp_path, monkeypatch):
    Image.new("RGB", (8, 8), "blue").save(tmp_path / "room.png")
    path = written(tmp_path, "sleep.md", "Text.\n\n![A room](room.png)")
    storage = get_image_model()._meta.get_field("file").storage
    files_before = set(storage.listdir("original_images")[1]) if storage.exists("original_images") else set()
    before = rows()

    def fail(*_arguments: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(drafts, "_remember", fail)
    _printed, sentence = run_failing(path)

    assert sentence == "1 of 1 files could not be imported: sleep.md"
    assert rows() == before
    assert set(storage.listdir("original_images")[1]) == files_before


def test_same_picture_is_kept_once(index, tmp_path):
    Image.new("RGB", (8, 8), "green").save(tmp_path / "room.png")
    run(written(tmp_path, "a.md", "Text.\n\n![A room](room.png)"))

    printed = run(written(tmp_path, "b.md", "Text.\n\n![Our room](room.png)"))

    assert get_image_model().objects.count() == 1
    assert "  - line 3: the picture “A room” is in the library already, with another alternative text\n" in printed


def test_unforeseen_failure_is_reported_like_any_other(index, tmp_path, monkeypatch):
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(drafts, "read_file", fail)
    printed, sentence = run_failing(written(tmp_path))

    assert printed.startswith("sleep.txt\n  failed: ZeroDivisionError\n")
    assert sentence == "1 of 1 files could not be imported: sleep.txt"


def test_two_files_of_one_name_are_not_taken_for_one(index, tmp_path):
    first, second = written(tmp_path, "a/sleep.txt"), written(tmp_path, "b/sleep.txt", "Other words.")

    printed, sentence = run_failing(first, second)

    assert sentence == "1 of 2 files could not be imported: sleep.txt"
    assert "another file of this name came before it; import its folder as a whole" in printed
    assert body_of(made().get()) == [("paragraph", "<p>Rest helps.</p>")]


def test_type_and_parent_choose_where_pages_go(home, tmp_path):
    about = factories.add_draft(home, StandardPage(title="About", slug="about"))

    run(written(tmp_path), "--type", "standard", "--parent", "/about/")
    run(written(tmp_path), "--type", "standard")

    assert [page.url_path for page in StandardPage.objects.filter(slug="sleep").order_by("depth")] == [
        f"{home.url_path}sleep/",
        f"{about.url_path}sleep/",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--type", "recipe"],
            "“recipe” cannot be imported; choose one of: article, condition, service, standard, topic",
        ),
        (["--type", "home"], "“home” cannot be imported; choose one of: article, condition, service, standard, topic"),
        (["--parent", "nowhere"], "pages of type “article” cannot stand below “/nowhere/”; choose one of: /articles/"),
        (["--parent", "/"], "pages of type “article” cannot stand below “/”; choose one of: /articles/"),
        (["--author", "nobody@example.org"], "no user has the address “nobody@example.org”"),
    ],
)
def test_wrong_choice_is_answered_with_the_right_ones(index, tmp_path, arguments, sentence):
    path, before = written(tmp_path), rows()

    _printed, answer = run_failing(path, *arguments)

    assert answer == sentence
    assert rows() == before


def test_type_that_can_stand_nowhere_yet_says_so(index, tmp_path, monkeypatch):
    monkeypatch.setattr(targets, "_parents_of", lambda _page_class: [])

    _printed, answer = run_failing(written(tmp_path), "--type", "condition")

    assert answer == "no page exists below which a page of type “condition” may stand; make one first"


def test_progress_is_a_bar_on_a_terminal_and_a_line_now_and_then_in_a_log(index, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(import_article, "FILES_PER_LOG_LINE", 3)
    for number in range(1, 7):
        written(tmp_path, f"{number}.txt")
    log, terminal = io.StringIO(), Terminal()

    run(tmp_path, "--dry-run", stderr=log)
    run(tmp_path, "--dry-run", stderr=terminal)

    assert log.getvalue() == "3/6 3.txt\n6/6 6.txt\n"
    assert terminal.getvalue() == ""
    assert "6/6" in capsys.readouterr().err
