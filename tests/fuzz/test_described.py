"""Requests made from the description, good ones and bad ones: every answer is one that the description allows.

Schemathesis makes them, for whatever operations there are. Half of them go to Django, half to what stands in front of it.
"""

import copy
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from cms.api.description import described
from tests.api.described_answers import complaints
from tests.factories import Clinic
from tests.fuzz.civility import EXAMPLES, Answer, Application, applications, ask, assert_civil

OPERATIONS = {
    operation["operationId"]: (template, method, operation)
    for template, methods in described()["paths"].items()
    for method, operation in methods.items()
}
# Two thirds of all requests, shared among operations, good and bad input, and two applications.
EACH = max(10, EXAMPLES * 2 // 3 // (len(OPERATIONS) * 4))
SPARSE = "fields"
KNOWN = {
    "/api/v1/articles/{slug}": "sleeping-better",
    "/api/v1/conditions/{slug}": "insomnia",
    "/api/v1/services/{slug}": "acupuncture",
    "/api/v1/people/{slug}": "clara",
}


def without_required(part: Any) -> Any:
    """``part`` of a description for a client that asked for some fields only: nothing has to be there."""
    if isinstance(part, list):
        return [without_required(one) for one in part]
    if not isinstance(part, dict):
        return part
    # Which one of a union it is can only be told with everything there.
    kept = {name: inside for name, inside in part.items() if name != "required" or not isinstance(inside, list)}
    if "oneOf" in kept:
        kept["anyOf"] = kept.pop("oneOf")
    return {name: without_required(inside) for name, inside in kept.items()}


_SPARSE = copy.deepcopy(described())
_SPARSE["components"]["schemas"] = without_required(_SPARSE["components"]["schemas"])


@pytest.fixture(scope="module")
def both() -> dict[str, Application]:
    return applications()


@pytest.mark.parametrize("application", ["django", "front"])
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_every_answer_is_described(
    clinic: Clinic, both: dict[str, Application], operation_id: str, mode: GenerationMode, application: str
) -> None:
    template, method, _operation = OPERATIONS[operation_id]
    schema = schemathesis.openapi.from_dict(copy.deepcopy(described()))
    cases = schema[template][method.upper()].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def every_answer_is_described(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            aim(case)
        answer = sent(case, both[application])
        assert_civil(answer, method=case.method)
        if answer.status_code not in {301, 302, 304} and case.method.lower() == method:
            description = _SPARSE if SPARSE in (case.query or {}) else described()
            found = complaints(description, template, method, answer)
            # A path that was cut short or lengthened is another operation's, or nobody's: both say so themselves.
            is_elsewhere = not matches(case.formatted_path, template)
            assert not is_bad(case, mode) or answer.status_code >= 400, (case.path_parameters, case.query)
            assert found == [] or (is_elsewhere and answer.status_code in {200, 404, 405, 422}), (case.query, found)

    every_answer_is_described()


def is_bad(case: Any, mode: GenerationMode) -> bool:
    """Whether what is wrong with ``case`` reaches the server: a parameter with an empty list of values is not sent at all."""
    return mode is GenerationMode.NEGATIVE and [] not in (case.query or {}).values()


def aim(case: Any) -> None:
    """Let a good request ask for what there is: names that nobody has would end most of them at the first check."""
    known = {"site": "localhost", "fields": "id,title,path,image.src"}
    for name, value in known.items():
        if name in (case.query or {}):
            case.query[name] = value
    # A cursor is signed: nobody makes one up.
    (case.query or {}).pop("after", None)
    if len(case.query or {}) % 3 != 2:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = KNOWN.get(case.path, case.path_parameters[name])


def sent(case: Any, application: Application) -> Answer:
    """The answer to what Schemathesis made."""
    prepared = case.as_transport_kwargs(base_url="http://localhost")
    request = requests.Request(**{key: prepared.get(key) for key in ("method", "url", "params", "headers", "data")})
    try:
        address = urlsplit(request.prepare().url or "")
    except (ValueError, UnicodeError):
        address = urlsplit("http://localhost/api/v1/")
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": str(value).encode().decode("latin-1")
        for name, value in (case.headers or {}).items()
        if name.lower() not in {"host", "content-length", "content-type"}
    }
    path = unquote_to_bytes(address.path)
    return ask(application, path, address.query.encode(), case.method, headers)


def matches(path: str, template: str) -> bool:
    """Whether ``path`` has as many parts as ``template``, none of them empty or read as something else."""
    parts = unquote_to_bytes(path).split(b"/")
    wanted = template.split("/")
    reserved = {b"find", b"suggest", b"", b".", b".."}
    return len(parts) == len(wanted) and all(
        part not in reserved if name.startswith("{") else part == name.encode()
        for part, name in zip(parts, wanted, strict=True)
    )
