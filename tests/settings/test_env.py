"""Settings from the environment: read once, typed, and refused at start with the variable's name."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from cms.settings import env

STRONG = "a-secret-of-more-than-fifty-characters-0123456789-abcdef"


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "Yes", "on"])
def test_flag_is_on(value, monkeypatch):
    monkeypatch.setenv("SWITCH", value)

    assert env.flag("SWITCH", default=False) is True


@pytest.mark.parametrize("value", ["0", "false", "No", "OFF", ""])
def test_flag_is_off(value, monkeypatch):
    monkeypatch.setenv("SWITCH", value)

    assert env.flag("SWITCH", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_unset_flag_is_its_default(default, monkeypatch):
    monkeypatch.delenv("SWITCH", raising=False)

    assert env.flag("SWITCH", default=default) is default


def test_flag_that_is_neither_is_refused_with_its_name_and_value(monkeypatch):
    monkeypatch.setenv("SWITCH", "perhaps")

    with pytest.raises(ImproperlyConfigured, match="SWITCH='perhaps' is neither yes nor no"):
        env.flag("SWITCH", default=True)


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("10", 10), (" 7 ", 7), ("", 3)])
def test_number_within_its_limits(value, number, monkeypatch):
    monkeypatch.setenv("NUMBER", value)

    assert env.integer("NUMBER", default=3, minimum=1, maximum=10) == number


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0", "NUMBER=0 is out of range; allowed: 1 to 10"),
        ("11", "NUMBER=11 is out of range"),
        ("-5", "NUMBER=-5 is out of range"),
        ("ten", "NUMBER='ten' is not a whole number"),
        ("1.5", "NUMBER='1.5' is not a whole number"),
        ("²", "NUMBER='²' is not a whole number"),
    ],
)
def test_wrong_number_is_refused_with_its_name_and_value(value, message, monkeypatch):
    monkeypatch.setenv("NUMBER", value)

    with pytest.raises(ImproperlyConfigured, match=message):
        env.integer("NUMBER", default=3, minimum=1, maximum=10)


@pytest.mark.parametrize("value", [None, ""])
def test_text_that_is_missing_is_refused_unless_it_has_a_default(value, monkeypatch):
    monkeypatch.setenv("TEXT", value) if value is not None else monkeypatch.delenv("TEXT", raising=False)

    assert env.text("TEXT", default="as given") == "as given"
    with pytest.raises(ImproperlyConfigured, match="TEXT is not set"):
        env.text("TEXT")


@pytest.mark.parametrize(
    ("value", "words"), [("", []), ("one", ["one"]), (" one , two,, three ,", ["one", "two", "three"]), (",", [])]
)
def test_words_are_separated_by_commas(value, words, monkeypatch):
    monkeypatch.setenv("WORDS", value)

    assert env.words("WORDS", default="unused") == words


def test_unset_words_are_their_default(monkeypatch):
    monkeypatch.delenv("WORDS", raising=False)

    assert env.words("WORDS", default="one,two") == ["one", "two"]


def test_folder_is_made_and_absolute(monkeypatch, tmp_path):
    monkeypatch.setenv("FOLDER", str(tmp_path / "new" / ".." / "made" / "below"))

    folder = env.folder("FOLDER", default=tmp_path)

    assert folder == tmp_path / "made" / "below"
    assert folder.is_dir()


def test_strong_secret_is_taken(monkeypatch):
    monkeypatch.setenv("SECRET", STRONG)

    assert env.secret("SECRET") == STRONG


@pytest.mark.parametrize("value", ["short", "x" * 80, "abab" * 20])
def test_weak_secret_is_refused_without_being_printed(value, monkeypatch):
    monkeypatch.setenv("SECRET", value)

    with pytest.raises(ImproperlyConfigured, match="SECRET is too weak") as refusal:
        env.secret("SECRET")

    assert value not in str(refusal.value)


def test_missing_secret_is_refused(monkeypatch):
    monkeypatch.delenv("SECRET", raising=False)

    with pytest.raises(ImproperlyConfigured, match="SECRET is not set"):
        env.secret("SECRET")
