"""开标前保密 (spec/domain.md, decision 3): until bids are opened nobody but applicant and guarantor learns anything.

Whatever others may ask is asked twice, without and with a competitor's guarantee in existence: every answer must be the
same to the byte (tokens of the session and the time of day apart), and must take as many statements.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.core.cases import new_reference
from xinshu.core.clock import local_day, moved_to
from xinshu.documents.searching.finding import find_files
from xinshu.documents.searching.keeping import keep, written
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.issuance import new_number
from xinshu.guarantees.lifecycle import INSTRUMENT, LIFECYCLE
from xinshu.guarantees.models import Guarantee, PublicCheck
from xinshu.guarantees.queries import Filters, public_figures, register, todo_list, totals_of, workbench_figures
from xinshu.guarantees.tasks import announce_opened
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import history_of
from xinshu.ledger.veils import Secrecy, open_at
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.projects.actions import amend_project
from xinshu.projects.models import Project

BrowserOf = Callable[[Member], Client]
OUTSIDERS = [
    "beneficiary", "department", "other_department", "rival", "bank", "operator", "auditor", "sysadmin", "stranger",
]  # fmt: skip
LOT = {"name": "江北新区云帆路跨线桥工程", "number": "YZ2026-SECRET-77"}
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Names:
    """By what the secret goes: as it is, or as it might be while there is none."""

    reference: str
    number: str
    code: str
    project: str
    file: str

    @classmethod
    def of(cls, case: Guarantee) -> "Names":
        assert case.letter is not None
        code = f"{(int(case.verify_code) + 1) % 1_000_000:06d}"  # the wrong one
        return cls(case.reference, str(case.number), code, case.project.reference, case.letter.file.reference)

    @classmethod
    def invented(cls, city: City) -> "Names":
        return cls(new_reference(), new_number("bid", city.at), "123456", new_reference(), new_reference())


def probes(names: Names, secret: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield everything that somebody who suspects the secret could ask: method, address, form."""
    page = reverse("guarantees:list")
    yield "get", page, {}
    for view in ("todo", "in_force", "over"):
        yield "get", page, {"view": view}
    for text in (LOT["name"], LOT["number"], names.number, names.reference, secret):
        yield "get", page, {"q": text}
    for address in (reverse("guarantees:totals"), reverse("guarantees:export"), reverse("projects:list")):
        yield "get", address, {"q": LOT["number"]}
    yield "get", page, {"kind": "bid", "state": "in_force"}
    yield "get", page, {"amount_from": "1", "amount_to": "100000000", "expires_from": "2026-01-01"}
    yield "get", page, {"page": "2"}
    yield "get", reverse("guarantees:totals"), {}
    yield "get", reverse("guarantees:export"), {}
    yield "get", reverse("guarantees:new"), {}
    detail = reverse("guarantees:detail", args=[names.reference])
    for tail in ("", "progress/", "evidence/", "apply/terms/", "release/"):
        yield "get", detail + tail, {}
    for act in ("release", "approve", "nonsense"):
        yield "post", f"{detail}{act}/", {"version": "8", "reason": "试探一下"}
    yield "get", reverse("documents:file", args=[names.file]), {}
    yield "get", reverse("documents:text", args=[names.file]), {}
    for text in (LOT["name"], LOT["number"], names.number, secret):
        yield "get", reverse("enterprises:find"), {"q": text}
    yield "get", reverse("projects:list"), {}
    yield "get", reverse("projects:detail", args=[names.project]), {}
    yield "get", reverse("portal:home"), {}
    yield "get", reverse("portal:workbench"), {}
    yield "get", reverse("messaging:list"), {}
    yield "get", reverse("ledger:log"), {"kind": "guarantee."}
    yield "get", reverse("ledger:log"), {"kind": "payment.requested"}
    yield "get", reverse("ledger:log"), {"kind": "project.registered"}
    yield "get", reverse("ledger:log"), {"actor": secret}
    yield "get", reverse("guarantees:verify_number", args=[names.number]), {}
    yield "get", reverse("guarantees:verify_number", args=[names.number]), {"code": names.code}
    yield "get", reverse("guarantees:verify"), {"number": names.number, "code": names.code}


TOKENS = re.compile(
    r'(name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|nonce-[\w+/=-]+|X-CSRFToken[^}]*|[?&/]token=[^"&]*'
    r'|\d{1,2}:\d{2}(:\d{2})?|/live/[^"]*|data-live="[^"]*")'
)


def said(answer: HttpResponse, names: Names) -> Any:
    """Return what an answer tells: status, where it leads, and its words without tokens, time, and the question."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if "spreadsheet" in answer.get("Content-Type", ""):
        return (
            CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
        )  # below the watermark
    text = content.decode()
    for name in (names.reference, names.number, names.project, names.file, names.code):
        text = text.replace(name, "…")
    where = answer.get("Location", "").replace(names.reference, "…").replace(names.file, "…")
    return answer.status_code, where.replace(names.project, "…").replace(names.number, "…"), TOKENS.sub("", text)


def everything_told(browser: Client, names: Names, secret: str) -> dict[str, Any]:
    told = {}
    for method, address, form in probes(names, secret):
        cache.clear()
        PublicCheck.objects.all().delete()  # so that nobody is stopped for asking too often
        with CaptureQueriesContext(
            connection,
        ) as statements:
            answer = getattr(browser, method)(address, form)
            words = said(answer, names)
        question = f"{method} {address} {form}"
        for name in (names.reference, names.number, names.project, names.file, names.code):
            question = question.replace(name, "…")
        # an address of a file is random and long: whoever has it was given it
        told[question] = (words, None if names.file in address else len(statements))
    return told


def bid_of(city: City, who: str, **facts: Any) -> Guarantee:
    """Let a firm register the lot for itself and buy a bid guarantee for it, to its sealed letter."""
    by = getattr(city, who)
    case = city.in_force("bid", by=by, project=city.lot(by, **LOT, **facts))
    drain()
    return Guarantee.objects.select_related("letter__file", "project").get(pk=case.pk)


@pytest.mark.parametrize("who", OUTSIDERS)
def test_before_opening_every_answer_is_the_same_with_and_without_it(
    city: City, browser_of: BrowserOf, who: str
) -> None:
    bid_of(city, "rival")
    secret = city.applicant.organisation.name
    browser = Client() if who == "stranger" else browser_of(getattr(city, who))
    before = everything_told(browser, Names.invented(city), secret)

    case = bid_of(city, "applicant")

    after = everything_told(browser, Names.of(case), secret)
    for question, answer in before.items():
        if who == "auditor" and "/workbench/" in question:
            continue  # how many rows the whole ledger has is no secret, and all that an auditor's desk shows
        assert after[question] == answer, question


@pytest.mark.parametrize("who", ["auditor", "operator", "sysadmin"])
def test_the_operators_people_read_neither_name_nor_number_anywhere(
    city: City, browser_of: BrowserOf, who: str
) -> None:
    case = bid_of(city, "applicant")
    browser = browser_of(getattr(city, who))
    pages = [reverse(name) for name in ("ledger:log", "ledger:deliveries", "portal:workbench", "ledger:evidence")]

    told = " ".join(browser.get(page).content.decode() for page in [*pages, f"{pages[1]}?view=done"])

    words = (
        case.applicant.name,
        city.applicant.user.name,
        LOT["name"],
        LOT["number"],
        str(case.number),
        case.reference,
    )
    assert [word for word in words if word in told] == []


def test_every_entry_about_it_is_sealed_until_the_opening(city: City) -> None:
    bid_of(city, "rival")
    last = Entry.objects.order_by("pk").last().pk

    bid_of(city, "applicant")

    recorded = Entry.objects.filter(pk__gt=last)
    assert {"project.registered", "guarantee.issued", "file.kept", "payment.confirmed"} <= {e.kind for e in recorded}
    assert {entry.sealed_until for entry in recorded} == {city.opens_at}


def test_what_its_parties_export_before_the_opening_is_sealed_too(city: City, browser_of: BrowserOf) -> None:
    bid_of(city, "applicant")

    browser_of(city.applicant).get(reverse("guarantees:export"), {"q": LOT["number"]})
    browser_of(city.beneficiary).get(reverse("guarantees:export"), {"q": LOT["number"]})

    mine, theirs = Entry.objects.filter(kind="guarantee.exported").order_by("pk")
    assert (mine.sealed_until, theirs.sealed_until) == (city.opens_at, None)


def test_without_an_opening_time_it_stays_secret(city: City, browser_of: BrowserOf) -> None:
    case = bid_of(city, "applicant")
    Project.objects.filter(pk=case.project_id).update(opens_at=None)
    late = city.at + timedelta(days=2000)

    seen = [Guarantee.objects.visible_to(getattr(city, who), late).count() for who in ("beneficiary", "department")]

    assert seen == [0, 0]
    assert public_figures(late)["number"] == 0
    assert Guarantee.objects.select_related("project").get(pk=case.pk).is_secret(late)


def test_its_two_parties_see_it_all_the_time(city: City) -> None:
    case = bid_of(city, "applicant")

    for who in ("applicant", "manager", "reviewer", "signer"):
        assert Guarantee.objects.visible_to(getattr(city, who), city.at).get() == case


@pytest.mark.parametrize("state", LIFECYCLE.states)
@pytest.mark.parametrize("kind", ["bid", "performance"])
def test_beneficiary_and_department_see_instruments_only_and_bids_after_the_opening(
    city: City, kind: str, state: str
) -> None:
    case = city.in_force(kind)
    Guarantee.objects.filter(pk=case.pk).update(state=state)  # where it came from does not matter here
    moments = [city.opens_at - timedelta(seconds=1), city.opens_at]

    seen = {
        who: [Guarantee.objects.visible_to(getattr(city, who), at).exists() for at in moments]
        for who in ("beneficiary", "department", "other_department", "rival", "bank", "operator", "auditor")
    }

    instrument = state in INSTRUMENT
    concerned = [instrument and kind == "performance", instrument]
    nothing = [False, False]
    assert seen == {
        "beneficiary": concerned, "department": concerned, "other_department": nothing, "rival": nothing,
        "bank": nothing, "operator": nothing, "auditor": nothing,
    }  # fmt: skip


def test_no_figure_counts_it_before_the_opening_and_those_concerned_do_afterwards(city: City) -> None:
    case = bid_of(city, "applicant")
    before, after = city.opens_at - timedelta(seconds=1), city.opens_at

    def figures(who: str, at: Any) -> tuple[Any, ...]:
        member = getattr(city, who)
        strip = {figure["label"]: figure["value"] for figure in workbench_figures(member, at)}
        return totals_of(register(member, at, Filters()))["number"], strip["在保余额"], len(todo_list(member, at))

    assert {figures(who, before) for who in ("beneficiary", "department", "rival", "bank")} == {(0, "0", 0)}
    assert {figures(who, after) for who in ("beneficiary", "department")} == {(1, "40 万", 0)}
    assert {figures(who, after) for who in ("rival", "bank", "other_department")} == {(0, "0", 0)}
    assert public_figures(before) == {"number": 0, "amount": 0, "guarantors": 0}
    assert public_figures(after) == {"number": 1, "amount": case.amount, "guarantors": 1}


def test_after_the_opening_the_buyer_and_its_department_find_it_and_strangers_still_do_not(
    city: City, browser_of: BrowserOf
) -> None:
    case = bid_of(city, "applicant")
    detail = reverse("guarantees:detail", args=[case.reference])
    people = {who: browser_of(getattr(city, who)) for who in ("beneficiary", "department", "rival", "bank")}

    with moved_to(city.opens_at + timedelta(hours=1)):
        found = {who: browser.get(reverse("guarantees:list"), {"q": LOT["number"]}) for who, browser in people.items()}
        opened = {who: browser.get(detail).status_code for who, browser in people.items()}
        letters = {
            who: browser.get(reverse("documents:file", args=[case.letter.file.reference])).status_code
            for who, browser in people.items()
        }

    assert {who for who, page in found.items() if str(case.number) in page.content.decode()} == {
        "beneficiary", "department",
    }  # fmt: skip
    assert opened == letters == {"beneficiary": 200, "department": 200, "rival": 404, "bank": 404}


def test_what_is_written_in_its_papers_is_found_by_its_parties_alone(city: City) -> None:
    case = bid_of(city, "applicant")
    assert case.letter is not None
    paper = keep_file(PDF, "投标函附录.pdf", case.applicant, city.applicant, city.at, subject=case)
    keep([written(paper, [["跨线桥评标澄清"]], city.at), written(case.letter.file, [["跨线桥投标保函"]], city.at)])
    people = ["applicant", "signer", *(who for who in OUTSIDERS if who != "stranger")]

    def found(at: datetime) -> dict[str, int]:
        hits = {who: len(find_files("跨线桥", getattr(city, who), at, limit=9)[0]) for who in people}
        return {who: number for who, number in hits.items() if number}

    parties = {"applicant": 2, "signer": 2}
    assert found(city.at) == parties
    # then the letter, and still not the papers
    assert found(city.opens_at + timedelta(hours=1)) == parties | {"beneficiary": 1, "department": 1}


def test_before_the_opening_only_its_parties_hear_of_it_afterwards_the_buyer_too(city: City) -> None:
    case = bid_of(city, "applicant")
    about = Notice.objects.filter(subject_type="guarantees.guarantee", subject_id=case.pk)
    heard = {notice.member.organisation for notice in about}
    night = city.opens_at + timedelta(hours=15)

    announce_opened(local_day(night), night)

    assert heard == {case.applicant, case.guarantor}
    assert {notice.member.organisation for notice in about.all()} == heard | {case.beneficiary}


def test_two_bidders_of_one_lot_know_nothing_of_each_other(city: City) -> None:
    one, other = bid_of(city, "applicant"), bid_of(city, "rival")

    assert one.project.number == other.project.number
    assert list(Guarantee.objects.visible_to(city.applicant, city.at)) == [one]
    assert list(Guarantee.objects.visible_to(city.rival, city.at)) == [other]
    assert list(Guarantee.objects.visible_to(city.rival, city.opens_at)) == [other]


def test_an_opening_that_is_put_off_keeps_secret_what_was_recorded_before(city: City) -> None:
    case = city.to_issue("bid")
    earlier = case.project.opens_at
    amend_project(case.project, by=city.applicant, at=city.at, opens_at=earlier + timedelta(days=7))
    drain()

    for at, secret in ((earlier + timedelta(hours=1), True), (earlier + timedelta(days=8), False)):
        secrecy = Secrecy(at)
        assert {secrecy.covers(entry) for entry in history_of(case)} == {secret}
        assert {secrecy.covers(entry) for entry in history_of(case.project)} == {secret}
        assert open_at(history_of(case), at).exists() is not secret
