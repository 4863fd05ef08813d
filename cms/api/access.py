"""Who may read: everybody while ``CONTENT_API_PUBLIC`` is on, nobody without a key while it is off."""

from django.conf import settings
from django.http import HttpRequest

from cms.api.problem_details import Problem


def require_reader(request: HttpRequest) -> bool:
    """Whether ``request`` may read published content; raises ``Problem`` 401 when it may not."""
    if settings.CONTENT_API_PUBLIC:
        return True
    raise Problem(401, headers={"WWW-Authenticate": 'Bearer realm="content"'})
