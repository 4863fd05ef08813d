"""Every block can be seen before it is placed, and becomes what the contract says."""

import pytest
from django.template.loader import render_to_string

from cms.pages.streams import BodyBlocks, QuestionBlocks, SignBlocks

BLOCKS = {
    **BodyBlocks().child_blocks,
    **QuestionBlocks().child_blocks,
    **SignBlocks().child_blocks,
}
# Words of each sample that the preview must show.
SHOWN = {
    "heading": "How a session works",
    "paragraph": "Bring a list of your medicines.",
    "image": "A caption under the picture.",
    "quote": "I was surprised how quiet the room was.",
    "callout": "Tell us if you take a blood thinner.",
    "steps": "Eat something light",
    "list": "Rest, but keep moving.",
    "table": "Length of a visit",
    "faq": "Does it hurt?",
    "key_facts": "Keep moving.",
    "statistic": "10–60",
    "embed": "A sample video",
    "document": "Leaflet",
    "call_to_action": "Call us",
}


def test_contract_names_fourteen_blocks_and_a_body_has_them_all():
    assert set(BodyBlocks().child_blocks) == set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_chooser_previews_the_block_with_its_sample(name):
    block = BLOCKS[name]

    context = block.get_preview_context(None)
    html = render_to_string(block.get_preview_template(None, context), context)

    assert block.is_previewable
    assert block.get_description()
    assert SHOWN[name] in html.replace("&#x27;", "'")
