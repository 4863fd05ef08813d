"""Search is asked directly, and through the API."""

from tests.api.conftest import api  # noqa: F401 - a fixture
