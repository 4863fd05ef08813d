"""Typing errors: words of public documents that are a letter or two away from what somebody typed.

Each word is kept under itself and under what is left of its beginning when one or two letters are taken out. What was typed
is taken apart in the same way, so both meet wherever letters were left out, added, changed or swapped, by looking up a few
dozen numbers, however many words there are. How far apart they are is then counted exactly.
"""

from itertools import combinations

from search.words import key_of

# So much of a word is taken apart. Unit: letters.
_BEGINNING = 7
_MIN_LENGTH = 4


def max_distance(word: str) -> int:
    """How many errors are forgiven: none in words of up to three letters or with digits, one up to five, else two."""
    if len(word) < _MIN_LENGTH or not word.isalpha():
        return 0
    return 1 if len(word) < 6 else 2


def spelling_keys(site_id: int, locale: str, word: str) -> list[int]:
    """The numbers under which ``word`` meets what is like it; none for words too short to be forgiven anything."""
    distance = max_distance(word)
    if not distance:
        return []
    beginning = word[:_BEGINNING]
    left = {beginning}
    for number in range(1, distance + 1):
        left.update("".join(kept) for kept in combinations(beginning, len(beginning) - number))
    return [key_of(site_id, locale, "like", part) for part in sorted(left)]


def distance_between(one: str, other: str) -> int:
    """The least number of letters to leave out, add, change, or swap with their neighbour to make one into the other."""
    # What both begin and end with costs nothing, and most letters of a misspelt word are right.
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, opposite in enumerate(other, start=1):
            cost = min(above[column] + 1, current[column - 1] + 1, above[column - 1] + (letter != opposite))
            is_swapped = row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == opposite
            if is_swapped:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, above = above, current
    return above[-1]
