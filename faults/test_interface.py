"""Every operation of the interface as a stranger, with a browser's session, and with another house's key."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from faults.world import kept_rows, outsider
from xinshu.config.api import api
from xinshu.core.cases import new_reference
from xinshu.guarantees.tests.systems import System
from xinshu.integrations import door

OPERATIONS = [
    (method, path, told) for path, item in api.get_openapi_schema()["paths"].items() for method, told in item.items()
]


def filled(path: str, reference: str) -> str:
    return path.replace("{reference}", reference).replace("{action}", "submit")


def ask(client: Any, method: str, path: str) -> HttpResponse:
    return client.get(path) if method == "get" else client.post(path, b"{}", content_type="application/json")


@pytest.mark.parametrize("who", ["stranger", "applicant"])
def test_without_a_key_nothing_is_told(world, browser_of, who, monkeypatch):
    monkeypatch.setattr(door, "UNSIGNED_PER_MINUTE", 10_000)  # what is told, not how often one may ask
    browser = Client() if who == "stranger" else browser_of(world.user.members.get())
    before, foreign = kept_rows(), world.foreign_words.values()

    for method, path, told in OPERATIONS:
        for reference in (world.in_force.reference, world.draft.reference, "NONSENSE2345"):
            answer = ask(browser, method, filled(path, reference))
            assert answer.status_code == 401 or not told.get("security"), path
            assert answer.status_code < 500, path
            assert not [word for word in foreign if word in answer.content.decode()]

    assert kept_rows() == before


@pytest.mark.parametrize("role", ["applicant", "manager", "signer", "department", "bank"])
def test_another_house_s_key_finds_nothing(world, clock, role):
    member = outsider(world.city, role)
    system = System.of(member, world.city.colleague(member, "orgadmin"), world.city.at)
    system.get("/api/v1/me")  # the key is marked as used; nothing else may change
    before = kept_rows()
    foreign, secret = world.foreign_words.values(), world.secret_words.values()

    for method, path, _told in OPERATIONS:
        if "{reference}" not in path:
            answers = [ask_signed(system, method, path)]
        else:
            case = world.draft.project if "projects" in path else world.draft
            real, nonsense = (
                ask_signed(system, method, filled(path, name)) for name in (case.reference, new_reference())
            )
            assert (real.status_code, real.content) == (nonsense.status_code, nonsense.content), path
            answers = [real]
        for answer in answers:
            assert answer.status_code < 500
            assert not [word for word in foreign if word in answer.content.decode()], path
            assert not [word for word in secret if word in answer.content.decode()], path

    assert {name: row for name, row in kept_rows().items() if name in before} == before


def ask_signed(system: System, method: str, path: str) -> HttpResponse:
    told = {"version": 1, "reason": "不是我的业务"}
    return system.get(path) if method == "get" else system.post(path, told)
