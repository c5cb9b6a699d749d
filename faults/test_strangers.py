"""Every address as a stranger and as every role that has nothing to do there: nothing is told, nothing changes."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from faults.addresses import ADDRESSES, OPEN_TO_ALL, Address
from faults.world import World, build, kept_rows, outsider
from xinshu.accounts.models import Member
from xinshu.accounts.roles import ROLES
from xinshu.accounts.views.agreements import OVERSEE
from xinshu.core.cases import new_reference
from xinshu.guarantees.actions.issuance import new_number
from xinshu.guarantees.tests.city import City

# Rows that the holder of a permission may meet whosever they are. Everybody else, and every other row: 403 or 404.
RIGHTFUL: dict[str, str | tuple[str, ...]] = {
    "accounts:registration": "accounts.approve",
    "accounts:decide": "accounts.approve",
    **dict.fromkeys(
        (
            "accounts:user",
            "accounts:change_user",
            "accounts:roles",
            "accounts:role_change",
            "accounts:decide_roles",
            "accounts:table",
            "accounts:version",
            "accounts:decide_table",
            "accounts:lift",
        ),
        "accounts.view",
    ),
    "accounts:change_details": "accounts.manage",
    "accounts:leave": "accounts.manage",
    "accounts:end_session": "accounts.secure",
    "ledger:log_evidence": "ledger.audit",
    "ledger:retry": "ledger.operate",
    **dict.fromkeys(("accounts:agreement_version", "accounts:edit_agreement", "accounts:agreement_act"), OVERSEE),
    **dict.fromkeys(("ledger:retention_case", "ledger:retention_act", "ledger:clear"), "ledger.retention"),
}
# What is known of any firm to those who may be asked for a letter, and to the platform's own people.
MEETS_FIRMS = ("manager", "reviewer", "signer", "bank", "insurer", "operator", "sysadmin", "secadmin", "auditor")
READS_THE_LOG = ("auditor", "sysadmin")  # what is not sealed
REFUSED = (403, 404, 405)
POSTED = {
    "version": "1",
    "reason": "不是我的业务",
    "opinion": "同意",
    "account": "6000-0001",
    "amount": "1",
    "seen": "0",
}


@pytest.fixture
def world(city: City) -> World:
    return build(city)


@dataclass(frozen=True)
class Question:
    """One path of an address."""

    address: Address
    path: str
    arguments: dict[str, Any]


def questions() -> list[Question]:
    """Return every address with every row and word there is now, and with nonsense."""
    asked = []
    for address in ADDRESSES:
        asked += [Question(address, *filled) for filled in address.filled()]
        if address.converters:
            nonsense = {name: 987654321 if name == "number" else "NONSENSE2345" for name in address.converters}
            asked.append(Question(address, reverse(address.name, kwargs=nonsense), nonsense))
    return asked


def answers(browser: Client) -> Iterator[tuple[Address, str, HttpResponse]]:
    """Ask every question by GET and by POST; whoever was signed in stays so."""
    for question in questions():
        yield question.address, question.path, browser.get(question.path)
        if question.address.name != "accounts:sign_out":
            yield question.address, question.path, browser.post(question.path, POSTED)


def text_of(response: HttpResponse) -> str:
    """Return all that an answer says, headers included."""
    body = b"".join(response) if response.streaming else response.content
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-Id"}
    return body.decode("utf-8", "replace") + str(headers)


def told(words: dict[str, str], response: HttpResponse, path: str) -> list[str]:
    """Return which of the words an answer tells, not counting what the asker named themselves."""
    text = text_of(response)
    return [name for name, word in words.items() if word in text and word not in path]


def test_a_stranger_sees_public_pages_and_the_sign_in(world, browser_of):
    before, stranger = kept_rows(), browser_of(None)

    for address, path, response in answers(stranger):
        assert response.status_code < 500, path
        if address.name not in OPEN_TO_ALL:
            to_sign_in = response.status_code == 302 and response["Location"].startswith("/sign-in/")
            assert to_sign_in or response.status_code in (404, 405), f"{path}: {response.status_code}"
        assert not told(world.secret_words, response, path), path
        if address.name != "guarantees:verify_number":  # which tells of a number what stands on the letter
            assert not told(world.foreign_words, response, path), path

    assert kept_rows() == before


@pytest.mark.parametrize("role", ROLES)
def test_a_role_learns_nothing_of_what_is_not_its_own(world, browser_of, role):
    member = outsider(world.city, role)
    before, browser = kept_rows(), browser_of(member)
    foreign = {
        name: word
        for name, word in world.foreign_words.items()
        if role not in READS_THE_LOG and not (role in MEETS_FIRMS and name.endswith("applicant"))
    }
    secret = {
        name: word
        for name, word in world.secret_words.items()
        if not (role in MEETS_FIRMS and name.endswith("applicant"))
    }

    for address, path, response in answers(browser):
        assert response.status_code < 500, path
        if address.rows_named and not is_open(address, member):
            assert response.status_code in REFUSED, f"{path}: {response.status_code}"
        assert not told(secret, response, path), path
        if address.name != "guarantees:verify_number":
            assert not told(foreign, response, path), path

    after = kept_rows()
    assert {name: after.get(name) for name in before} == before


def is_open(address: Address, member: Member) -> bool:
    wanted = RIGHTFUL.get(address.name, ())
    permissions = (wanted,) if isinstance(wanted, str) else wanted
    return address.name in OPEN_TO_ALL or any(member.can(permission) for permission in permissions)


def test_a_bid_guarantee_before_the_opening_answers_like_one_that_is_not(world, browser_of):
    city = world.city
    others = [city.beneficiary, city.department, city.rival, city.bank, outsider(city, "auditor"), None]

    for member in others:
        browser = browser_of(member)
        for address, real, nonsense in pairs(world):
            for ask in (browser.get, lambda path, browser=browser: browser.post(path, POSTED)):
                differing = [*difflib.ndiff(plain(ask(nonsense), nonsense), plain(ask(real), real))]
                assert all(line.startswith(" ") for line in differing), [
                    f"{member}: {address}",
                    *(line for line in differing if not line.startswith(" ")),
                ]


def pairs(world: World) -> Iterator[tuple[Address, str, str]]:
    """Yield each address that names a row as (address, path of something secret, path of nothing)."""
    secret = world.secret
    references = {
        "guarantees": secret.reference,
        "projects": secret.project.reference,
        "documents": secret.letter.file.reference if secret.letter else "",
    }
    for address in ADDRESSES:
        app = address.name.partition(":")[0]
        for argument in address.rows_named:
            words = {name: address.values_of(name)[0] for name in address.converters if name != argument}
            if argument == "reference" and app in references:
                yield address, *both(address, argument, references[app], new_reference(), words)
            elif argument == "number" and app == "guarantees":
                number = new_number("bid", world.city.at)
                yield address, *both(address, argument, str(secret.number), number, words)


def both(address: Address, argument: str, real: str, nonsense: str, words: dict[str, Any]) -> tuple[str, str]:
    one, other = (reverse(address.name, kwargs={argument: value, **words}) for value in (real, nonsense))
    return one, other


PASSING = re.compile(
    r"""('Content-Length': |csrfmiddlewaretoken" value=|token[=":]+)['"]?[\w:.%-]+|\d\d:\d\d(:\d\d)?"""
)


def plain(response: HttpResponse, path: str) -> list[str]:
    """Return the lines of an answer without what differs between any two: the name asked for, tokens, the time."""
    text = f"{response.status_code}\n{text_of(response)}"
    for name in re.findall(r"[\w-]{6,}", path):
        text = text.replace(name, "·")
    return PASSING.sub("", text).split("\n")


def test_every_open_address_exists(db):
    assert {address.name for address in ADDRESSES} >= OPEN_TO_ALL
    assert {address.name for address in ADDRESSES} >= set(RIGHTFUL)
