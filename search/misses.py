"""What was searched for and not found. Nothing is counted, so far."""


def count_search(text: str, found: int, site_id: int, locale: str) -> None:
    """Take note that somebody searched for ``text`` and that so many documents were found."""
