"""Addresses below ``/api/``. Whatever is not one of them is a problem too, never a page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from cms.api import description_views
from cms.api.description import api
from cms.api.problem_details import Problem


# Nothing here is changed by cookies: a method that is not taken is told as such, not as a forged form.
@csrf_exempt
def nothing_here(request: HttpRequest, *args: str) -> HttpResponse:
    """No address of the API."""
    return Problem(404).as_response()


urlpatterns = [
    path("v1/openapi.json", description_views.openapi, name="openapi"),
    path("v1/docs", description_views.docs, name="api-docs"),
    path("v1/", api.urls),
    re_path("", nothing_here),
]
