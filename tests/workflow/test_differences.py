"""What changed between two contents: doing what the difference says to the old words gives the new ones, always."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.workflow.differences import Item, Ordinal, Token, compare, compare_lines, runs_between, tokens_of
from cms.workflow.templatetags.review import is_changed, side

words = st.text(alphabet=string.ascii_lowercase[:6] + "  .’", max_size=40)
lines = words.map(tokens_of)
items = st.builds(Item, st.sampled_from(["Paragraph", "Heading"]), st.lists(lines, max_size=3).map(tuple))


def text_of(tokens):
    return "".join(token.text for token in tokens)


def item(text, kind="Paragraph"):
    return Item(kind, (tokens_of(text),))


def applied(old_line, runs):
    """``old_line`` after doing what ``runs`` say; taking from it, never from the new line."""
    left, result = list(old_line), []
    for run in runs:
        if run.what == "added":
            result += run.tokens
            continue
        taken, left = left[: len(run.tokens)], left[len(run.tokens) :]
        assert tuple(taken) == tuple(run.tokens)
        result += taken if run.what == "same" else []
    assert left == []
    return tuple(result)


def numbered(*points):
    """The points of a numbered list, a line each."""
    return tuple((Token(Ordinal(f"{number}. "), "label"), *tokens_of(words)) for number, words in enumerate(points, 1))


def test_new_first_point_leaves_the_others_as_they_were_and_numbers_each_side_for_itself():
    rows = compare_lines(numbered("Sit down.", "Breathe out."), numbered("Call us.", "Sit down.", "Breathe out."))

    told = [[(run.what, text_of(run.tokens)) for run in row.runs] for row in rows]
    assert told == [
        [("added", "1. Call us.")],
        [("same", "2. Sit down.")],
        [("same", "3. Breathe out.")],
    ]
    assert ["".join(text_of(run.tokens) for run in side(row, "old")) for row in rows] == [
        "",
        "1. Sit down.",
        "2. Breathe out.",
    ]
    assert not any(is_changed(row) for row in rows[1:])


def test_points_that_change_places_are_a_change():
    before, after = (Item("Text", numbered(*points)) for points in (("Sit.", "Breathe."), ("Breathe.", "Sit.")))

    assert [difference.what for difference in compare([before], [after])] == ["changed"]


def test_numbers_are_no_words_of_a_text():
    assert numbered("Sit.")[0] != (Token("1. ", "label"), *tokens_of("Sit."))


@given(words)
def test_tokens_hold_every_letter(text):
    assert text_of(tokens_of(text)) == text


@given(lines, lines)
def test_runs_turn_the_old_line_into_the_new_one(old, new):
    assert applied(old, runs_between(old, new)) == tuple(new)


@given(lines)
def test_nothing_is_done_to_a_line_that_is_the_same(line):
    assert {run.what for run in runs_between(line, line)} <= {"same"}


@given(st.lists(lines, max_size=6), st.lists(lines, max_size=6))
def test_rows_hold_every_line_of_both_sides_in_order(old, new):
    rows = compare_lines(old, new)

    assert [row.old for row in rows if row.old is not None] == list(old)
    assert [row.new for row in rows if row.new is not None] == list(new)
    for row in rows:
        assert applied(row.old or (), row.runs) == (row.new or ())


@given(st.lists(items, max_size=7), st.lists(items, max_size=7))
def test_differences_turn_the_old_items_into_the_new_ones(old, new):
    found = compare(old, new)

    assert [one.new for one in found if one.new is not None] == new
    assert [one.new_place for one in found if one.new is not None] == list(range(len(new)))
    by_old_place = sorted((one.old_place, one.old) for one in found if one.old is not None) if old else []
    assert [place for place, _item in by_old_place] == list(range(len(old)))
    assert [before for _place, before in by_old_place] == old
    for one in found:
        for row in one.rows:
            assert applied(row.old or (), row.runs) == (row.new or ())


@given(st.lists(items, max_size=7), st.lists(items, max_size=7))
def test_all_is_the_same_only_when_it_is(old, new):
    assert all(one.what == "same" for one in compare(old, new)) == (old == new)


def test_changed_word_is_one_change_inside_its_sentence():
    runs = runs_between(tokens_of("Take 500 mg a day."), tokens_of("Take 50 mg a day."))

    assert [(run.what, text_of(run.tokens)) for run in runs] == [
        ("same", "Take "),
        ("removed", "500"),
        ("added", "50"),
        ("same", " mg a day."),
    ]


def test_line_that_was_replaced_is_told_whole_beside_the_new_one():
    (row,) = compare_lines([tokens_of("Much of the day is lost.")], [tokens_of("Start moving gently.")])

    assert [(run.what, text_of(run.tokens)) for run in row.runs] == [
        ("removed", "Much of the day is lost."),
        ("added", "Start moving gently."),
    ]


def test_words_in_a_row_are_one_change():
    runs = runs_between(tokens_of("It helps most people."), tokens_of("It may ease pain in people."))

    assert [(run.what, text_of(run.tokens)) for run in runs] == [
        ("same", "It "),
        ("removed", "helps most"),
        ("added", "may ease pain in"),
        ("same", " people."),
    ]


@pytest.mark.parametrize("kind", ["Paragraph", "Heading"])
def test_moved_item_is_told_as_moved(kind):
    first, second, third = item("Rest helps many people.", kind), item("Call us.", kind), item("Keep moving.", kind)

    found = compare([first, second, third], [second, third, first])

    assert [(one.what, one.old_place, one.new_place) for one in found] == [
        ("same", 1, 0),
        ("same", 2, 1),
        ("moved", 0, 2),
    ]


def test_item_that_moved_and_changed_shows_both():
    old = [item("Rest helps many people with back pain."), item("Call us."), item("Keep moving.")]
    new = [item("Call us."), item("Keep moving."), item("Rest helps some people with back pain.")]

    moved = compare(old, new)[-1]

    assert (moved.what, moved.old_place, moved.new_place) == ("moved", 0, 2)
    changed = [(run.what, text_of(run.tokens)) for run in moved.rows[0].runs if run.what != "same"]
    assert changed == [("removed", "many"), ("added", "some")]


def test_item_of_another_kind_is_not_the_same_thing():
    found = compare([item("Rest", "Heading"), item("A")], [item("Rest", "Paragraph"), item("A")])

    assert [one.what for one in found] == ["removed", "added", "same"]


def test_long_contents_are_compared_in_order_without_looking_at_every_pair():
    old = [item(f"Old sentence number {number}.") for number in range(150)]
    new = [item(f"New words, quite different {number}!") for number in range(150)]

    found = compare(old, new)

    assert len(found) == 300
