"""Which blocks each kind of text can hold: a whole body, a section of a health page, signs of danger, questions."""

from wagtail import blocks

from cms.pages.blocks import (
    INLINE_FEATURES,
    TEXT_FEATURES,
    CalloutBlock,
    CallToActionBlock,
    EmbedBlock,
    FaqBlock,
    FileBlock,
    HeadingBlock,
    ImageBlock,
    KeyFactsBlock,
    ListBlock,
    ParagraphBlock,
    QuestionBlock,
    QuoteBlock,
    StatisticBlock,
    StepsBlock,
    TableBlock,
)


class SectionBlocks(blocks.StreamBlock):
    """What fits inside one section of a condition or a service."""

    paragraph = ParagraphBlock(features=TEXT_FEATURES)
    list = ListBlock()
    callout = CalloutBlock()
    key_facts = KeyFactsBlock()
    statistic = StatisticBlock()
    table = TableBlock([("text", blocks.RichTextBlock(features=INLINE_FEATURES, required=False))])
    image = ImageBlock()

    class Meta:
        required = False


class BodyBlocks(SectionBlocks):
    """Everything that an article can hold."""

    heading = HeadingBlock()
    quote = QuoteBlock()
    steps = StepsBlock()
    faq = FaqBlock()
    embed = EmbedBlock()
    document = FileBlock()
    call_to_action = CallToActionBlock()


class SignBlocks(blocks.StreamBlock):
    """Signs of danger, one sentence each: they are read by somebody in a hurry."""

    sign = ParagraphBlock(features=INLINE_FEATURES, label="Sign")

    class Meta:
        required = False


class QuestionBlocks(blocks.StreamBlock):
    """Questions that people ask about the subject of a page."""

    question = QuestionBlock()

    class Meta:
        required = False
