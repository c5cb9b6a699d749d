"""Every address as a stranger and as every role that has nothing to do there: nothing is told, nothing changes."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from faults.addresses import ADDRESSES, OPEN_TO_ALL, Address, half
from faults.conftest import BRIEFLY, counting_once
from faults.junk import FORM
from faults.world import World, kept_rows, outsider
from xinshu.accounts.models import Member
from xinshu.accounts.roles import ROLES
from xinshu.accounts.views.agreements import OVERSEE
from xinshu.core.cases import new_reference
from xinshu.documents.models import File
from xinshu.guarantees.actions.issuance import new_number
from xinshu.guarantees.wordings.models import Wording
from xinshu.guarantors.models import NetAssets, Qualification

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
            "accounts:level_version",
            "accounts:decide_levels",
            "accounts:lift",
        ),
        "accounts.view",
    ),
    **dict.fromkeys(
        (
            "guarantors:qualification",
            "guarantors:edit_qualification",
            "guarantors:qualification_act",
            "guarantors:scope",
            "guarantors:edit_scope",
            "guarantors:scope_act",
            "guarantors:net_assets",
            "guarantors:edit_net_assets",
            "guarantors:net_assets_act",
        ),
        "guarantors.manage",
    ),
    "accounts:change_details": "accounts.manage",
    "accounts:leave": "accounts.manage",
    "accounts:end_session": "accounts.secure",
    "integrations:exchange": "ledger.audit",
    "ledger:log_evidence": "ledger.audit",
    "ledger:retry": "ledger.operate",
    **dict.fromkeys(("accounts:agreement_version", "accounts:edit_agreement", "accounts:agreement_act"), OVERSEE),
    **dict.fromkeys(
        ("exchange:plan", "exchange:add_row", "exchange:remove_row", "exchange:plan_act", "exchange:impact"),
        ("exchange.draft", "exchange.approve"),
    ),
    **dict.fromkeys(
        ("guarantees:type", "guarantees:edit_type", "guarantees:type_letter", "guarantees:type_act"), "types.manage"
    ),
    **dict.fromkeys(
        ("guarantees:wording", "guarantees:edit_wording", "guarantees:wording_letter", "guarantees:wording_act"),
        "types.manage",
    ),
    **dict.fromkeys(("exchange:record", "exchange:record_rules", "exchange:register_record"), "projects.edit"),
    **dict.fromkeys(
        (
            "portal:bulletin",
            "portal:edit_bulletin",
            "portal:bulletin_history",
            "portal:attach_bulletin",
            "portal:detach_bulletin",
            "portal:bulletin_act",
        ),
        "portal.manage",
    ),
    **dict.fromkeys(
        (
            "credit:enter",
            "credit:correct",
            "credit:appeal",
            "credit:appeal_act",
            "credit:edit_card",
            "credit:effect",
            "credit:export_effect",
            "credit:card_act",
            "credit:list_act",
            "credit:new_card",
        ),
        "credit.manage",
    ),
    # of guarantors the public part; what holds in the city and how it is scored is public to who sees credit
    **dict.fromkeys(("credit:record", "credit:card", "credit:list_entry"), ("credit.view", "credit.manage")),
    **dict.fromkeys(("certification:review", "certification:judge", "certification:act"), "certification.review"),
    **dict.fromkeys(
        (
            "collecting:source",
            "collecting:edit_source",
            "collecting:source_act",
            "collecting:publishing",
            "collecting:kept",
            "collecting:kept_text",
        ),
        "collecting.manage",
    ),
    "tenders:detail": "tenders.view",  # an announcement is public; what a house makes of it is not
    **dict.fromkeys(("ledger:retention_case", "ledger:retention_act", "ledger:clear"), "ledger.retention"),
}
# What is known of any firm to those who may be asked for a letter, and to the platform's own people.
MEETS_FIRMS = ("manager", "reviewer", "signer", "bank", "insurer", "operator", "sysadmin", "secadmin", "auditor")
READS_THE_LOG = ("auditor", "sysadmin")  # what is not sealed
REFUSED = (403, 404, 405)
# Rows that the holder of a permission may change by RIGHTFUL acts: a draft may be discarded by whoever manages filings.
MAY_CHANGE = {"guarantors.manage": (NetAssets,)}
POSTED = urlencode(
    {"version": "1", "reason": "不是我的业务", "opinion": "同意", "account": "6000-0001", "amount": "1", "seen": "0"}
)


@pytest.fixture
def counted_once() -> Iterator[None]:
    """For tests that end by proving that nothing changed: what waits for somebody is counted on their first page."""
    with counting_once():
        yield


@dataclass(frozen=True)
class Question:
    """One path of an address."""

    address: Address
    path: str
    arguments: dict[str, Any]


def questions(turn: int | None = None) -> list[Question]:
    """Return every address with every row and word there is now, and with nonsense; of one turn its half and rows."""
    asked = []
    for address in ADDRESSES if turn is None else half(turn):
        asked += [Question(address, *filled) for filled in address.filled(turn)]
        if address.converters:
            nonsense = {name: 987654321 if name == "number" else "NONSENSE2345" for name in address.converters}
            asked.append(Question(address, reverse(address.name, kwargs=nonsense), nonsense))
    return asked


def answers(browser: Client, turn: int | None = None) -> Iterator[tuple[Address, str, HttpResponse]]:
    """Ask every question by GET and by POST; whoever was signed in stays so.

    Of each address the first path is opened as a page, the others are asked briefly. A method that an address does not
    know (405, said before any row is looked at) is asked of its first path only.
    """
    opened, unknown = set[str](), set[tuple[str, str]]()
    for question in questions(turn):
        name, path = question.address.name, question.path
        if ("GET", name) not in unknown:
            response = browser.get(path, headers=BRIEFLY if name in opened else None)
            yield question.address, path, response
            if response.status_code == 405:
                unknown.add(("GET", name))
        opened.add(name)
        if name != "accounts:sign_out" and ("POST", name) not in unknown:
            response = browser.post(path, POSTED, FORM, headers=BRIEFLY)
            yield question.address, path, response
            if response.status_code == 405:
                unknown.add(("POST", name))


def text_of(response: HttpResponse) -> str:
    """Return all that an answer says, headers included."""
    body = b"".join(response) if response.streaming else response.content
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-Id"}
    return body.decode("utf-8", "replace") + str(headers)


def told(words: dict[str, str], response: HttpResponse, path: str) -> list[str]:
    """Return which of the words an answer tells, not counting what the asker named themselves."""
    text = text_of(response)
    return [name for name, word in words.items() if word in text and word not in path]


@pytest.mark.usefixtures("counted_once")
def test_a_stranger_sees_public_pages_and_the_sign_in(world, browser_of):
    before, stranger = kept_rows(), browser_of(None)
    secret, foreign = world.secret_words, world.foreign_words

    for address, path, response in answers(stranger):
        assert response.status_code < 500, path
        if address.name not in OPEN_TO_ALL:
            to_sign_in = response.status_code == 302 and response["Location"].startswith("/sign-in/")
            assert to_sign_in or response.status_code in (404, 405), f"{path}: {response.status_code}"
        assert not told(secret, response, path), path
        if address.name != "guarantees:verify_number":  # which tells of a number what stands on the letter
            assert not told(foreign, response, path), path

    assert kept_rows() == before


@pytest.mark.usefixtures("counted_once")
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

    open_rows = rows_open_to(member)
    for address, path, response in answers(browser, list(ROLES).index(role)):
        assert response.status_code < 500, path
        if address.rows_named and not is_open(address, member) and path not in open_rows:
            assert response.status_code in REFUSED, f"{path}: {response.status_code}"
        assert not told(secret, response, path), path
        if address.name != "guarantees:verify_number":
            assert not told(foreign, response, path), path

    own = tuple(model._meta.label for name, models in MAY_CHANGE.items() if member.can(name) for model in models)
    after = kept_rows()
    changed = {name: (row, after.get(name)) for name, row in before.items() if after.get(name) != row}
    assert not {name: rows for name, rows in changed.items() if name.split()[0] not in own}


def rows_open_to(member: Member) -> set[str]:
    """Return the addresses of single rows that the member may read though the others of their kind are closed.

    Files of the own house (the platform's people are one house); certificates, for whoever confirms filings; the
    platform's own texts of letters, for the houses that may use them.
    """
    files = set(File.objects.filter(owner=member.organisation).values_list("reference", flat=True))
    if member.can("guarantors.manage"):
        files.update(Qualification.objects.exclude(file=None).values_list("file__reference", flat=True))
    found = {reverse(name, args=[reference]) for reference in files for name in ("documents:file", "documents:text")}
    if member.can("wordings.view"):
        offered = Wording.objects.filter(guarantor=None, state="active").values_list("reference", flat=True)
        names = ("guarantees:wording", "guarantees:wording_letter")
        found |= {reverse(name, args=[reference]) for reference in offered for name in names}
    return found


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
            for ask in (browser.get, lambda path, browser=browser: browser.post(path, POSTED, FORM)):
                of_nothing, of_something = plain(ask(nonsense), nonsense), plain(ask(real), real)
                assert of_nothing == of_something, [
                    f"{member}: {address}",
                    *(line for line in difflib.ndiff(of_nothing, of_something) if not line.startswith(" ")),
                ]


def pairs(world: World) -> Iterator[tuple[Address, str, str]]:
    """Yield each address that names a row as (address, path of something secret, path of nothing)."""
    secret = world.secret
    references = {
        "guarantees": secret.reference,
        "projects": secret.project.reference,
        "documents": secret.letter.file.reference if secret.letter else "",
        "exchange": secret.submissions.get().reference,
        "billing": secret.invoices.get().reference,
    }
    for address in ADDRESSES:
        app = address.name.partition(":")[0]
        for argument in address.rows_named:
            words = {name: address.values_of(name)[0] for name in address.converters if name != argument}
            if argument == "reference" and app in references:
                yield address, *both(address, argument, references[app], new_reference(), words)
            elif argument == "guarantee":
                yield address, *both(address, argument, secret.reference, new_reference(), words)
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
