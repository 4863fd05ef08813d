"""The clinic's own article, from the text file as it reaches an editor to what readers get: every door on the way."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from articles.models import ArticlePage
from cms.pages.references import Reference
from cms.pages.relations import AuthorLink, ConditionLink, ServiceLink
from cms.pages.stages import Stage
from cms.publishing.models import Entry
from cms.workflow import approval, gate
from cms.workflow.approval import ApprovalRefused
from tests.factories import make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

TEXT = Path(__file__).parent / "files" / "acupuncture-for-back-pain.txt"
ADDRESS = "/api/v1/articles/acupuncture-for-back-pain"
# The sentence on one study that the article does not name.
STUDY = (
    "In a recent study, acupuncture was found to be even more effective in reducing back pain than traditional nonsurgical "
    "methods including drugs, exercise, and physical therapy."
)
# What stands against the article as it comes, in the order in which an editor is told.
FINDINGS = [
    ("not_approved_editorial", ""),
    ("not_approved_clinical", ""),
    ("placeholder", "(source)"),
    ("placeholder", "(source)"),
    ("broken_markup", "stress/a>"),
    ("cure_claim", "can cure or ease"),
    (
        "uncited_claim",
        "Recent studies suggest that stimulating certain points on the body results in the release of endorphins into the …",
    ),
    ("uncited_claim", "It can reduce inflammation and correct hormonal and chemical imbalances."),
    (
        "uncited_claim",
        "In a recent study, acupuncture was found to be even more effective in reducing back pain than traditional "
        "nonsurgical …",
    ),
    ("missing_summary", ""),
    ("missing_author", ""),
    ("missing_clinical_reviewer", ""),
    ("missing_relation", ""),
]


@pytest.fixture
def article(clinic):
    """The imported draft, written by the author."""
    call_command("import_article", str(TEXT), author=clinic.author.email, stdout=io.StringIO(), stderr=io.StringIO())
    return ArticlePage.objects.get(slug="acupuncture-for-back-pain")


@pytest.fixture
def library(clinic):
    """The two sources that the article promises."""
    vickers = Reference.objects.create(
        short_label="Vickers 2018",
        kind="systematic_review",
        authors="Vickers AJ et al.",
        title="Acupuncture for chronic pain: update of an individual patient data meta-analysis",
        source="J Pain",
        year=2018,
        volume_pages="19(5):455-474",
        doi="10.1016/j.jpain.2017.11.005",
        pmid="29198932",
    )
    return {"rubin": clinic.reference, "vickers": vickers}


def findings_of(page):
    """The codes of what blocks ``page``, with the words that each quotes."""
    blocking = gate.decide(page).blocking
    return [
        (finding.code, finding.message.split("“")[1].split("”")[0] if "“" in finding.message else "")
        for finding in blocking
    ]


def words_of(page):
    return " ".join(str(child.value) for child in page.body)


def cite(reference):
    return f'<a linktype="reference" id="{reference.pk}">[{reference.short_label}]</a>'


def mend(page, clinic, library, user):
    """What an editor does with the findings: sources for promises, sense for a broken tag, evidence for a claim.

    What no source in the library says is taken back.
    """
    newest = approval.draft_of(fresh(page))
    raw = list(newest.body.get_prep_value())
    for block in raw:
        if block["type"] == "paragraph":
            block["value"] = (
                block["value"]
                .replace("Over 80 percent of the population will", "Between 50 and 80 percent of people")
                .replace("deal with lower back pain at some point (source)", f"have spine pain{cite(library['rubin'])}")
                .replace("stress/a&gt;", "stress")
                .replace("Recent studies suggest that stimulating", "One idea is that stimulating")
                .replace(
                    "It can reduce inflammation and correct hormonal and chemical imbalances.", "This is not proven."
                )
                .replace(STUDY, "Acupuncture is one of several things besides medicines that people try for it.")
                .replace("can cure or ease certain ailments", "may ease some kinds of lasting pain")
                .replace("tobacco dependence (source)", f"tobacco dependence{cite(library['vickers'])}")
            )
    newest.body = raw
    newest.summary = "What acupuncture may do for back pain, how a session goes, and when to see somebody else first."
    newest.clinical_reviewer = clinic.reviewer
    newest.author_links = [AuthorLink(person=clinic.writer)]
    newest.condition_links = [ConditionLink(condition=clinic.insomnia)]
    newest.service_links = [ServiceLink(service=clinic.acupuncture)]
    return newest.save_revision(user=user, log_action=True)


def press(user, page, **sent):
    """``user`` sends the editing form of ``page`` with one of its buttons."""
    client = desk.login(user)
    return desk.send(client, desk.edit_url(page), {**desk.opened(client, page), **sent})


def decide(user, page, action="approve"):
    step = fresh(page).current_workflow_task_state
    return desk.send(desk.login(user), desk.action_url(page, action, step), desk.approving(page, step))


def test_text_file_becomes_a_draft_with_its_title_and_headings(article, clinic):
    headings = [child.value["text"] for child in article.body if child.block_type == "heading"]

    assert (article.title, article.live, article.owner) == ("Acupuncture for Back Pain", False, clinic.author)
    assert headings == ["How Acupuncture Works", "Other Benefits of Acupuncture"]
    assert words_of(article).count("(source)") == 2
    assert not Entry.objects.filter(page_id=article.pk).exists()


def test_gate_names_everything_that_stands_against_it(article):
    assert sorted(findings_of(article)) == sorted(FINDINGS)


def test_it_may_be_submitted_as_it_is(article, clinic):
    press(clinic.author, article, **{"action-submit": "1"})

    assert fresh(article).current_workflow_task_state.task.name == "Editorial review"


def test_shell_may_not_publish_it(article):
    before = desk.matters()

    with pytest.raises(gate.GateBlocked) as refusal:
        article.get_latest_revision().publish()

    assert {(finding.code, finding.is_blocking) for finding in refusal.value.decision.blocking} == {
        (code, True) for code, _words in FINDINGS
    }
    assert desk.matters() == before


def test_admin_may_not_publish_it_and_shows_each_finding_in_its_block(article):
    chief = make_user("chief", is_superuser=True)
    before = desk.matters()

    response = press(chief, article, **{"action-publish": "1"})

    in_blocks = {text[:24]: messages for text, messages in desk.block_errors(response).items()}
    assert {text: messages[0].count("“(source)”") for text, messages in in_blocks.items()} == {
        "Bending down, sitting, l": 1,
        "Acupuncture does much mo": 1,
        "Acupuncture is a form of": 0,
        "The exact reason behind ": 0,
        "Back pain is distracting": 0,
    }
    assert "“It can reduce inflammation" in in_blocks["Acupuncture is a form of"][0]
    assert "“Recent studies suggest" in in_blocks["The exact reason behind "][0]
    assert "“In a recent study, acupuncture" in in_blocks["Back pain is distracting"][0]
    assert "“stress/a>”" in in_blocks["Acupuncture does much mo"][0]
    assert "“can cure or ease”" in in_blocks["Acupuncture does much mo"][0]
    assert desk.field_error(response, "summary").startswith("Write a summary")
    assert desk.field_error(response, "clinical_reviewer").startswith("Name the clinical reviewer")
    assert desk.matters() == before


def test_approved_as_it_is_it_stays_unpublished(article, clinic):
    press(clinic.author, article, **{"action-submit": "1"})
    decide(clinic.editor, article)

    answer = decide(clinic.clinician, article)

    assert "“Acupuncture for Back Pain” is approved, but not published. “(source)” is a placeholder." in desk.told(
        answer
    )
    assert fresh(article).live is False
    assert not Entry.objects.filter(page_id=article.pk).exists()


def test_mended_it_waits_for_nothing_but_approvals(article, clinic, library):
    mend(article, clinic, library, clinic.author)

    assert findings_of(approval.draft_of(fresh(article))) == FINDINGS[:2]


def test_editor_who_mended_it_may_approve_neither_stage_whatever_roles_and_licences_there_are(article, clinic, library):
    both = make_user("both", "Editor", "Clinician", is_superuser=True, credentials="M.D.", licence_number="MO-9")
    mend(article, clinic, library, both)
    press(clinic.author, article, **{"action-submit": "1"})
    decide(clinic.editor, article)
    before = desk.matters()

    decide(both, article)
    with pytest.raises(ApprovalRefused):
        approval.approve(fresh(article), stage=Stage.CLINICAL, user=both)

    assert desk.matters() == before
    assert fresh(article).current_workflow_task_state.task.name == "Clinical review"


def test_mended_and_approved_by_two_others_it_is_read_through_the_api(article, clinic, library, client):
    assert client.get(ADDRESS).status_code == 404
    mend(article, clinic, library, clinic.author)
    press(clinic.author, article, **{"action-submit": "1"})
    decide(clinic.editor, article)
    assert client.get(ADDRESS).status_code == 404

    decide(clinic.clinician, article)

    read = client.get(ADDRESS)
    document = read.json()
    paragraphs = [block["value"] for block in document["body"] if block["type"] == "paragraph"]
    entry = Entry.objects.get(page_id=article.pk)
    assert read.status_code == 200
    assert document["title"] == "Acupuncture for Back Pain"
    assert [(reference["number"], reference["doi"]) for reference in document["references"]] == [
        (1, "10.1016/j.ncl.2007.01.004"),
        (2, "10.1016/j.jpain.2017.11.005"),
    ]
    assert 'have spine pain<sup data-reference="1">1</sup>.' in paragraphs[0]
    assert sum('<sup data-reference="2">2</sup>' in text for text in paragraphs) == 1
    assert not any(
        left in read.content.decode() for left in ("(source)", "stress/a", "cure or ease", "[Rubin", "[Vickers")
    )
    attestation = document["attestation"]
    assert (attestation["position"], attestation["digest"]) == (entry.position, entry.digest)
    assert [(given["stage"], given["name"], given["credentials"]) for given in attestation["approvals"]] == [
        ("editorial", None, None),
        ("clinical", "Clara Made-Up", "M.D."),
    ]
    assert attestation["override"] is None
    assert [card["title"] for card in document["authors"]] == ["Anton Made-Up"]
    assert [card["title"] for card in document["reviewers"]] == ["Clara Made-Up"]
    assert [card["title"] for card in document["conditions"]] == ["Insomnia"]
