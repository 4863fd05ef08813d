"""What the checks catch, and what they leave alone: sentences as they stand in health texts."""

import time

import pytest
from django.db.models import CharField, TextField
from wagtail.models import Page

from articles.models import ArticlePage, TopicPage
from cms.media.models import ClinicImage
from cms.pages.fields import BlocksField
from cms.pages.relations import AuthorLink, TreatmentLink
from cms.workflow.checks import CHECKS, claims, findings_of, leftovers
from cms.workflow.checks.wording import _TEXT_FIELDS, Wording, wording_of
from home.models import HomePage, PersonPage, StandardPage
from services.models import ConditionPage, ServicePage


def codes(check, text):
    """The codes of what ``check`` finds in one plain line."""
    return [finding.code for finding in check(None, [Wording(text, text, "body", "block")])]


# --- Placeholders ----------------------------------------------------------------------------------------------------

PLACEHOLDERS = [
    "Over 80 percent of the population will deal with lower back pain at some point (source).",
    "obesity, and tobacco dependence (source). Acupuncture can",
    "It helps most people [source].",
    "It helps most people (Source).",
    "It helps most people ( sources ).",
    "It helps most people (source?).",
    "It helps most people (source: ).",
    "It helps most people (source: TBD).",
    "It helps most people {source}.",
    "It helps most people <source>.",
    "It helps most people (citation needed).",
    "It helps most people [citation needed]",
    "It helps most people (cite).",
    "It helps most people (ref).",
    "It helps most people (ref.).",
    "It helps most people [reference].",
    "It helps most people (references needed).",
    "It helps most people (add source).",
    "It helps most people (please add a source).",
    "It helps most people (needs source).",
    "It helps most people (source to come).",
    "It helps most people (insert study).",
    "It helps most people (which study?).",
    "It helps most people (link to study).",
    "It helps most people (insert link here).",
    "Read more (link).",
    "Read more [url].",
    "About xx in ten people (xx).",
    "TODO: ask the clinician.",
    "The fee is TBD.",
    "A session lasts (tbd) minutes.",
    "FIXME wording",
    "XXX percent of people",
    "A new study from TKTK says so.",
    "Lorem ipsum dolor sit amet.",
    "Call [your name] at the desk.",
    "Written by [name].",
    "See [insert picture of needles].",
    "It was founded in (insert date).",
    "Dear {{ first_name }},",
    "It helps ??? percent of people.",
    "It helps eight in ten people (?).",
    "It helps most people (fact check).",
    "It helps most people (placeholder text).",
    "It helps most people (source missing!).",
    "It helps most people [source 1].",
    "todo: ask the clinician",
    "It helps most people (insert reference here).",
]
NO_PLACEHOLDERS = [
    "the source of the pain",
    "Lentils are a good source of iron.",
    "Drink milk (a source of calcium) with your meal.",
    "Vitamin C (source of strong gums) is in oranges.",
    "The cited source (NCCIH) is an official page.",
    "The figure comes from a review (Rubin 2007).",
    "(Source: NCCIH)",
    "[Rubin 2007]",
    "References and sources are listed below.",
    "Sources",
    "The link between stress and pain (and sleep) is well known.",
    "There may be a link (see below).",
    "Your provider may refer you (see the references).",
    "Normal values (reference range 4 to 10) vary.",
    "Pain can be felt elsewhere (referred pain).",
    "Tuberculosis (TB) is rare here.",
    "Females (XX) and males (XY) differ.",
    "The karyotype 47,XXX is often found by chance.",
    "Sizes from S to XXL fit.",
    "Me duele todo el cuerpo.",
    "There is a lot to do before a visit.",
    "Ask your clinician what to check (blood pressure, pulse).",
    "An average of 33 studies (about 8,000 people) was pooled.",
    "Does it hurt?",
    "Really?? Yes.",
    "The dose [in milligrams] is on the label.",
    "He said: “It [the needle] is thin.”",
    "Pain eased in most people (study 2).",
    "The trend is clear (figure 3).",
    "Bring your name, date of birth and address.",
    "The sentence goes on […] and ends.",
    "Open-source software runs this site.",
    "Source: Rubin 2007 (Neurol Clin)",
    "See the list (references 1–3).",
    "The link opens at once (link opens in a new tab).",
    "The number needed to treat (NNT) is five.",
    "Turn it slowly (insert the needle slowly).",
    "[a source of light]",
    "Ask your doctor (check with your doctor first).",
    "Ask for the source (if there is one).",
]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_note_of_the_author_is_a_placeholder(text):
    assert codes(leftovers.placeholders, text) == ["placeholder"]


@pytest.mark.parametrize("text", NO_PLACEHOLDERS)
def test_sentence_with_the_same_words_is_no_placeholder(text):
    assert codes(leftovers.placeholders, text) == []


# --- Broken markup ---------------------------------------------------------------------------------------------------

BROKEN = [
    "like fibromyalgia, stress/a>, depression, allergies",
    "stress /a> and sleep",
    "stress</a> and sleep",
    "stress< /a> and sleep",
    "stress</a and sleep",
    "<a href=“https://example.org”>stress",
    '<a href="https://example.org">stress',
    '<a href="https://example.org" stress',
    'a href="https://example.org"',
    "href='https://example.org'",
    "<b>Important",
    "Important</strong>",
    "<strong>Important",
    "<em class='x'>Important",
    "One line<br>another",
    "One line<br/>another",
    "<p>A paragraph typed into a plain field",
    "<div class=“intro”>Welcome",
    "<span style='color:red'>Welcome",
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<h2>Benefits",
    "Benefits/h2>",
    "needles&nbsp;are thin",
    "health &amp; care",
    "it&#39;s thin",
    "it&#x27;s thin",
    "needles &mdash; thin ones",
    "[b]Important",
    "[/b] and so on",
    "[url=https://example.org]stress",
    "[caption id='attachment_3']A needle",
    "Read [our page](https://example.org/sleep) first.",
    "**Important** words",
    "<!-- note to the editor",
    "H2</sub",
    "fibromyalgia</ a>",
    "## Benefits",
    "words<o:p> from Word",
    "<ul><li>First",
]
WHOLE = [
    "x < 5 and y > 3",
    "The difference was significant (p < 0.05).",
    "p<0.001",
    "if a < b and b > c",
    "A body mass index > 30 is called obesity.",
    "30 minutes and/or a walk",
    "He or/and she",
    "his/her pain",
    "a/b testing",
    "Pain of 5/10 or more",
    "24/7",
    "Q&A; and more",
    "R&D; a department",
    "Research & development",
    "A&E department",
    "M&Ms; and other sweets",
    "L.Ac. & M.D.",
    "It costs $40 & up",
    "2 * 3 * 4",
    "A star* marks a note.",
    "Ratings: ** good, *** very good",
    "He said: “It [the needle] is thin.”",
    "The dose [in milligrams] is on the label.",
    "[Rubin 2007]",
    "Write to info@example.org",
    "https://example.org/a/b",
    "doi 10.1002/14651858.CD001218.pub3",
    "an arrow -> here",
    "temperatures < 10 °C",
    "i.e. a needle",
    "source of pain; see below (https://example.org)",
    "I <3 my back",
]


@pytest.mark.parametrize("text", BROKEN)
def test_piece_of_a_tag_is_broken_markup(text):
    found = codes(leftovers.broken_markup, text)

    assert set(found) == {"broken_markup"}


@pytest.mark.parametrize("text", WHOLE)
def test_sign_of_arithmetic_is_no_broken_markup(text):
    assert codes(leftovers.broken_markup, text) == []


def test_broken_tag_is_named_as_the_reader_would_see_it():
    text = "like fibromyalgia, stress/a>, depression"

    found = list(leftovers.broken_markup(None, [Wording(text, text, "body", "block")]))

    assert [(finding.field, finding.block_id) for finding in found] == [("body", "block")]
    assert "“stress/a>”" in found[0].message


# --- Claims ----------------------------------------------------------------------------------------------------------

CLAIMS = [
    "clinical research has found that acupuncture can cure or ease certain ailments",
    "A cure for back pain",
    "Acupuncture cures migraine.",
    "Our treatments cure insomnia.",
    "We can cure your back pain.",
    "It will permanently cure your pain.",
    "Thousands were cured by our needles.",
    "Curing back pain since 1990",
    "The natural cure for stress",
    "At last: the cure for headaches.",
    "Massage heals your back completely.",
    "It completely eliminates pain.",
    "Want to cure your back pain? Call us.",
    "Do you want a cure for insomnia?",
    "How does acupuncture cure migraine?",
    "There is no doubt that acupuncture cures headaches.",
    "It does not only ease pain, it cures it.",
    "Not just relief but a cure.",
    "Don't wait, cure your pain today.",
    "There is no better cure than rest.",
    "There is no quicker way to cure a headache.",
    "Nothing cures back pain like acupuncture.",
    "It never fails to cure.",
    "With no drugs and no surgery, acupuncture cures back pain.",
    "It is not a drug, but it cures.",
    "We do not use drugs: we cure.",
    "We never give up. We cure.",
    "No drugs\nWe cure back pain",
    "Relief guaranteed.",
    "We guarantee relief.",
    "A guaranteed result",
    "A miracle treatment",
    "It works miracles.",
    "miraculous results",
    "It has no side effects.",
    "Acupuncture works without side effects.",
    "It is free of side effects.",
    "a side-effect-free treatment",
    "It is completely safe.",
    "100% effective",
    "100 percent safe",
    "It always works.",
    "It works every time.",
    "This never fails.",
    "a risk-free treatment",
    "There is no risk.",
    "Acupuncture is a cure-all.",
    "said to cure infertility",
    "There's nothing that acupuncture cannot cure.",
    "Say goodbye to back pain: the cure is here.",
    "If you want to cure your pain, call us.",
    "Unlike drugs, acupuncture cures the cause.",
    "Studies prove that acupuncture cures migraine.",
    "It is not a pill – it is a cure.",
    "It’s never too late: we cure chronic pain.",
    "You no longer need drugs to cure pain.",
    "Back pain? Cured!",
]
HONEST = [
    "There is no cure.",
    "There is no known cure for fibromyalgia.",
    "There is no pill, diet or exercise that cures it.",
    "Acupuncture does not cure migraine.",
    "It doesn't cure the illness.",
    "It doesn’t cure the illness.",
    "It isn't a cure.",
    "It cannot be cured, but it can be managed.",
    "It can be managed but not cured.",
    "It can ease pain, but it will not cure the cause.",
    "It may help some people; it is not a cure.",
    "It is not, however, a cure.",
    "Nobody can promise a cure.",
    "It treats symptoms rather than curing the cause.",
    "It eases symptoms without curing the cause.",
    "Acupuncture is unlikely to cure it.",
    "It is not known whether acupuncture cures anything.",
    "Can acupuncture cure back pain?",
    "Is there a cure?",
    "Beware of miracle cures.",
    "Be wary of anyone who promises a cure.",
    "Myth: acupuncture cures everything.",
    "Prevention is better than cure.",
    "Researchers are still looking for a cure.",
    "Hepatitis C can be cured with medicines.",
    "The cure rate was 12 percent.",
    "cured ham",
    "Avoid cured meats, cheese and red wine.",
    "salt-cured fish",
    "Keep your home secure.",
    "a manicure and a pedicure",
    "how to procure a booklet",
    "an obscure illness",
    "a sinecure for epicures",
    "a course in cursive writing",
    "We cannot guarantee a result.",
    "There is no guarantee.",
    "Success is not guaranteed.",
    "No treatment is free of side effects.",
    "It is not without side effects.",
    "Like any treatment, it has side effects.",
    "No serious side effects were reported.",
    "No side effects were reported in this study.",
    "No treatment is completely safe.",
    "It is not a miracle.",
    "the miracle of birth",
    "It does not always work.",
    "We do not use words such as “cure” or “miracle”.",
    "There is no risk-free treatment.",
    "There is no risk of infection when needles are sterile and used once.",
    "Wounds heal within days.",
    "A cure for fibromyalgia has not been found.",
    "Anyone who promises you a cure is not honest.",
    "If a website promises a cure, leave it.",
    "Claims of a cure are a warning sign.",
    "Acupuncture is not proven to cure any illness.",
    "The goal is relief, not a cure.",
    "Treatment cannot undo the damage or cure the disease.",
    "There is currently no cure, though symptoms can ease.",
    "Be careful with anyone who guarantees a result.",
]


@pytest.mark.parametrize("text", CLAIMS)
def test_promise_is_a_claim(text):
    found = codes(claims.cures, text)

    assert set(found) == {"cure_claim"}


@pytest.mark.parametrize("text", HONEST)
def test_honest_sentence_is_no_claim(text):
    assert codes(claims.cures, text) == []


def test_denial_reaches_no_further_than_its_paragraph():
    page = ArticlePage(title="Care")
    page.body = [{"type": "paragraph", "value": "<ul><li>No drugs</li><li>We cure back pain</li></ul>"}]

    assert "cure_claim" in [finding.code for finding in claims.cures(page, wording_of(page))]


def test_lists_are_long_enough():
    assert all(len(examples) >= 25 for examples in (PLACEHOLDERS, NO_PLACEHOLDERS, BROKEN, WHOLE, CLAIMS, HONEST))


@pytest.mark.parametrize("check", [leftovers.placeholders, leftovers.broken_markup, claims.cures])
@pytest.mark.parametrize(
    "text", ["x", "no cure ", "[i ", "<a ", "**a", "(source ", "{{", "[add ", "<em ", "really ", 'href="']
)
def test_text_of_any_length_is_read_in_no_time(check, text):
    start = time.process_time()

    codes(check, text * (40_000 // len(text)))

    assert time.process_time() - start < 5


# --- Displaced marks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('<p>\N{SMILING FACE WITH SUNGLASSES} see <a href="https://example.org">here</a></p>', ["displaced_marks"]),
        ('<p>\N{SMILING FACE WITH SUNGLASSES} see <a linktype="reference" id="1">[A]</a></p>', ["displaced_marks"]),
        ("<p>\N{SMILING FACE WITH SUNGLASSES} alone</p>", []),
        ('<p>Ménière’s — see <a href="https://example.org">here</a></p>', []),
    ],
)
def test_emoji_matters_only_beside_links(source, found):
    assert [f.code for f in leftovers.displaced_marks(None, [Wording(source, "", "body")])] == found


# --- Wording ---------------------------------------------------------------------------------------------------------


def test_each_piece_of_wording_names_its_field_and_block():
    page = ArticlePage(title="Care", summary="In short.", disclaimer="No advice.", action_label="Call us")
    page.body = [
        {"type": "heading", "value": {"level": "2", "text": "Rest"}, "id": "one"},
        {"type": "paragraph", "value": '<p>Sleep <a linktype="reference" id="7">[source]</a>.</p><p>Eat.</p>', "id": "two"},
        {"type": "faq", "value": {"title": "Asked", "questions": [{"question": "Why?", "answer": "<p>So.</p>"}]}, "id": "three"},
        {"type": "list", "value": {"ordered": False, "items": ["<p>First</p>", "<p>Second</p>"]}, "id": "four"},
        {
            "type": "table",
            "value": {
                "caption": "Times",
                "columns": [{"type": "text", "heading": "Visit"}],
                "rows": [{"values": ["<p>First visit</p>"]}],
            },
            "id": "five",
        },
        {"type": "statistic", "value": {"figure": "10–60", "label": "minutes", "reference": None}, "id": "six"},
        {"type": "quote", "value": {"text": "Quiet.", "attribution": "A visitor"}, "id": "seven"},
        {
            "type": "call_to_action",
            "value": {"title": "Book", "text": "Come by.", "label": "Call", "page": None, "url": "https://example.org"},
            "id": "eight",
        },
    ]  # fmt: skip

    pieces = [(piece.field, piece.block_id, piece.text) for piece in wording_of(page)]

    assert pieces == [
        ("title", "", "Care"),
        ("summary", "", "In short."),
        ("disclaimer", "", "No advice."),
        ("action_label", "", "Call us"),
        ("body", "one", "Rest"),
        ("body", "two", "Sleep ."),
        ("body", "two", "Eat."),
        ("body", "three", "Asked"),
        ("body", "three", "Why?"),
        ("body", "three", "So."),
        ("body", "four", "First"),
        ("body", "four", "Second"),
        ("body", "five", "Times"),
        ("body", "five", "Visit"),
        ("body", "five", "First visit"),
        ("body", "six", "10–60"),
        ("body", "six", "minutes"),
        ("body", "seven", "Quiet."),
        ("body", "seven", "A visitor"),
        ("body", "eight", "Book"),
        ("body", "eight", "Come by."),
        ("body", "eight", "Call"),
    ]


def test_sections_signs_questions_and_evidence_are_wording():
    page = ConditionPage(title="Insomnia", also_known_as="sleepless\nawake")
    page.overview = [{"type": "paragraph", "value": "<p>Overview.</p>", "id": "o"}]
    page.emergency_signs = [{"type": "sign", "value": "<p>Sign.</p>", "id": "s"}]
    page.faqs = [{"type": "question", "value": {"question": "Why?", "answer": "<p>So.</p>"}, "id": "q"}]
    page.treatment_links = [TreatmentLink(evidence="<p>Small (source).</p>")]

    pieces = {(piece.field, piece.block_id, piece.text) for piece in wording_of(page)}

    assert pieces == {
        ("title", "", "Insomnia"),
        ("also_known_as", "", "sleepless\nawake"),
        ("overview", "o", "Overview."),
        ("emergency_signs", "s", "Sign."),
        ("faqs", "q", "Why?"),
        ("faqs", "q", "So."),
        ("treatment_links", "", "Small (source)."),
    }


# Texts that are no sentences for readers: addresses, codes, names of languages, and what only machines read.
NO_WORDING = {
    "slug", "draft_title", "url_path", "path", "canonical_url", "icd10", "languages", "booking_url", "action_url",
    "struct_org_dict",
}  # fmt: skip


@pytest.mark.parametrize(
    "model", [HomePage, StandardPage, PersonPage, TopicPage, ArticlePage, ServicePage, ConditionPage]
)
def test_no_text_field_of_a_page_is_forgotten(model):
    texts = {
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, CharField | TextField) and not isinstance(field, BlocksField) and not field.choices
    }

    # The note on a change is read where it is shown: when the change is marked as material.
    assert texts - set(_TEXT_FIELDS) - {"change_note"} <= NO_WORDING


def test_plain_fields_are_read_as_they_are_and_rich_text_as_readers_see_it():
    page = HomePage(title="<p>Home", hero_text="<p>x &lt; 5 <b>and</b> more</p>")

    assert [(piece.field, piece.text) for piece in wording_of(page)] == [
        ("title", "<p>Home"),
        ("hero_text", "x < 5 and more"),
    ]


# --- Completeness ----------------------------------------------------------------------------------------------------


def found_in(page):
    return [(finding.code, finding.field, finding.block_id) for finding in findings_of(page)]


def test_complete_pages_have_no_findings(clinic):
    pages = [
        clinic.home, clinic.articles, clinic.conditions, clinic.services, clinic.team, clinic.reviewer, clinic.writer,
        clinic.topic, clinic.insomnia, clinic.acupuncture, clinic.article,
    ]  # fmt: skip

    assert [found_in(page) for page in pages] == [[]] * len(pages)


@pytest.mark.parametrize("summary", ["", "   ", "\n"])
def test_empty_summary_is_missing(clinic, summary):
    clinic.article.summary = summary

    assert found_in(clinic.article) == [("missing_summary", "summary", "")]


def test_health_text_without_author_is_found(clinic):
    clinic.article.author_links = []

    assert found_in(clinic.article) == [("missing_author", "author_links", "")]


def test_health_text_without_clinical_reviewer_is_found(clinic):
    clinic.insomnia.clinical_reviewer = None

    assert found_in(clinic.insomnia) == [("missing_clinical_reviewer", "clinical_reviewer", "")]


def test_author_as_clinical_reviewer_is_found(clinic):
    clinic.article.author_links = [AuthorLink(person=clinic.writer), AuthorLink(person=clinic.reviewer)]

    assert found_in(clinic.article) == [("reviewer_is_author", "clinical_reviewer", "")]


def test_article_that_nothing_relates_to_is_found(clinic):
    clinic.article.condition_links = []

    assert found_in(clinic.article) == [("missing_relation", "condition_links", "")]


@pytest.mark.parametrize(
    ("accessor", "target"),
    [("condition_links", "insomnia"), ("service_links", "acupuncture"), ("topic_links", "topic")],
)
def test_one_relation_of_any_kind_is_enough(clinic, accessor, target):
    clinic.article.condition_links = []
    manager = getattr(clinic.article, accessor)
    model = ArticlePage._meta.get_field(accessor).related_model
    manager.set([model(**{accessor.removesuffix("_links"): getattr(clinic, target)})])

    assert found_in(clinic.article) == []


@pytest.mark.parametrize(
    ("name", "field"),
    [("article", "body"), ("insomnia", "overview"), ("acupuncture", "what_to_expect"), ("writer", "biography")],
)
def test_page_without_its_main_words_is_found(clinic, name, field):
    page = getattr(clinic, name)
    setattr(page, field, [])

    assert found_in(page) == [("missing_words", field, "")]


def test_condition_without_signs_is_found(clinic):
    clinic.insomnia.soon_signs = []

    assert found_in(clinic.insomnia) == [("missing_when_to_seek_care", "emergency_signs", "")]


@pytest.mark.parametrize("field", ["emergency_signs", "soon_signs"])
def test_one_sign_of_either_kind_is_enough(clinic, field):
    clinic.insomnia.soon_signs = clinic.insomnia.emergency_signs = []
    setattr(clinic.insomnia, field, [{"type": "sign", "value": "<p>You cannot breathe.</p>"}])

    assert found_in(clinic.insomnia) == []


@pytest.mark.parametrize(
    ("image", "is_found"),
    [
        ({"title": "needle.jpg", "description": ""}, True),
        ({"title": "needle.jpg", "description": "A thin needle"}, False),
        ({"title": "needle.jpg", "description": "", "is_decorative": True}, False),
    ],
)
def test_picture_needs_a_description_unless_it_only_decorates(clinic, image, is_found):
    from io import BytesIO

    from django.core.files.images import ImageFile
    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (1200, 630)).save(file, "PNG")
    picture = ClinicImage(file=ImageFile(file, name="needle.png"), **image)
    picture.save()
    clinic.article.image = picture
    clinic.article.body = [
        {"type": "paragraph", "value": "<p>Words.</p>"},
        {"type": "image", "value": {"image": picture.pk, "caption": ""}, "id": "picture"},
    ]

    expected = [("missing_alt_text", "image", ""), ("missing_alt_text", "body", "picture")]

    assert found_in(clinic.article) == (expected if is_found else [])


def test_blocking_findings_come_first_and_every_check_is_run(clinic):
    page = ArticlePage(title="Nothing")

    found = findings_of(page)

    assert {finding.code for finding in found} == {
        "missing_summary", "missing_author", "missing_clinical_reviewer", "missing_relation", "missing_words",
    }  # fmt: skip
    assert len(CHECKS) == 28
    assert [finding.is_blocking for finding in found] == sorted((f.is_blocking for f in found), reverse=True)
    assert not Page.objects.filter(title="Nothing").exists()
