"""schemathesis against the whole description: whatever fits it or not, nothing breaks and answers are as described."""

import io
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from xinshu.config.api import api
from xinshu.core.clock import moved_to
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.systems import System
from xinshu.integrations.models import Call, Meter

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
schemathesis.serializer.alias(["application/pdf", "image/png", "image/jpeg"], "application/octet-stream")
EXAMPLES = 10  # of each operation, half fitting and half not
OPERATIONS = sorted(
    told["operationId"] for item in api.get_openapi_schema()["paths"].values() for told in item.values()
)


@pytest.fixture
def city(db: None, at: datetime, settings: Any, tmp_path: Path) -> Iterator[City]:
    """The city, an hour after its acts, in one transaction that no end of a request closes."""
    settings.FILES_ROOT = tmp_path / "files"
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with moved_to(at + timedelta(hours=1)):
        yield City(at)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class SigningApplication:
    """WSGI: signs whatever passes in a system's name, as that system's own client would."""

    def __init__(self) -> None:
        self.system: System | None = None
        self.handler = WSGIHandler()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if self.system is not None and "json" not in environ["PATH_INFO"]:
            path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/!$&'()*+,;=:@-._~")
            environ["HTTP_AUTHORIZATION"] = self.system.authorization(
                environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), body
            )
            environ["HTTP_IDEMPOTENCY_KEY"] = secrets.token_hex(8)
        return self.handler(environ, start_response)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_answers_as_described(city: City, name: str) -> None:
    person = city.applicant
    application = SigningApplication()
    drafts = [city.draft(), city.in_force()]
    references = {"guarantees": [case.reference for case in drafts], "projects": [city.project().reference]}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    operation = next(
        found.ok() for found in schema.get_all_operations() if found.ok().definition.raw["operationId"] == name
    )
    application.system = System.of(person, city.colleague(person, "orgadmin"), city.at)
    known = next((found for part, found in references.items() if part in operation.path), [])
    fitting = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    missing = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

    @bounded(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def examine(data: st.DataObject) -> None:
        case = data.draw(fitting if data.draw(st.booleans()) else missing)
        if "reference" in (case.path_parameters or {}) and known and data.draw(st.booleans()):
            case.path_parameters["reference"] = data.draw(st.sampled_from(known))
        if "action" in (case.path_parameters or {}) and data.draw(st.booleans()):
            case.path_parameters["action"] = data.draw(st.sampled_from(["edit", "submit", "withdraw", "pay", "amend"]))
        Meter.objects.all().delete()
        case.call_and_validate(checks=CHECKS)

    examine()

    assert not Call.objects.filter(status__gte=500).exists()


def test_the_description_is_openapi_3_1_and_says_how_to_prove_oneself(client: Any) -> None:
    answer = client.get("/api/v1/openapi.json")

    told = answer.json()
    assert told["openapi"].startswith("3.1")
    assert len(OPERATIONS) == len(set(OPERATIONS)) == 43
    posts = [one for item in told["paths"].values() for method, one in item.items() if method == "post"]
    for one in posts:
        names = {parameter["name"] for parameter in one.get("parameters", [])}
        assert ("Idempotency-Key" in names) == ("security" in one), one["operationId"]
        assert "application/problem+json" in one["responses"]["422"]["content"]


@pytest.mark.django_db
def test_the_page_shows_every_operation_and_needs_nothing_from_elsewhere(client: Any) -> None:
    answer = client.get("/api/v1/docs")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert all(f'id="{name}"' in page for name in OPERATIONS)
    assert "<style" not in page
    assert "style=" not in page
