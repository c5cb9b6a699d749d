"""The interface: the whole story of a guarantee by other systems, through the same actions and doors as the pages."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.systems import System
from xinshu.integrations.models import Call, Sending
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain

BEGUN_APART = {
    "amend",
    "reduce",
    "surrender",
    "report_change",
}  # cases of their own, at addresses of their own (api_changes.py)
ALL = "/api/v1/guarantees"
PDF = b"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\nstartxref\n9\n%%EOF\n"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SystemOf = Callable[[Member], System]


@pytest.fixture
def system_of(city: City) -> SystemOf:
    """Return the system of a member's house, made once."""
    made: dict[int, System] = {}

    def make(principal: Member, *scopes: str) -> System:
        if principal.pk not in made:
            made[principal.pk] = System.of(principal, city.colleague(principal, "orgadmin"), city.at, *scopes)
        return made[principal.pk]

    return make


def test_a_guarantee_is_applied_for_paid_issued_and_released_without_a_page(city: City, system_of: SystemOf) -> None:
    guarantor, project = city.guarantor, city.project()
    guarantor.uscc = "91339900MADEM001XX"
    guarantor.save(update_fields=["uscc"])
    enterprise, signing, site = system_of(city.applicant), system_of(city.signer), system_of(city.beneficiary)
    start = local_day(city.at) + timedelta(days=1)

    drafted = enterprise.post(
        ALL,
        {
            "kind": "performance",
            "project": project.reference,
            "guarantor": guarantor.uscc,
            "amount": {"amount": "2000000.00", "currency": "CNY"},
            "effective_on": start.isoformat(),
            "expires_on": (start + timedelta(days=200)).isoformat(),
        },
    )
    assert drafted.status_code == 200, drafted.json()
    case = drafted.json()
    assert (case["state"], case["amount"]) == ("draft", {"amount": "2000000.00", "currency": "CNY"})
    assert [act["action"] for act in case["actions"]] == ["edit", "submit", "withdraw"]
    path = f"{ALL}/{case['reference']}"

    material = urlencode({"version": case["version"], "title": "中标通知书", "name": "通知书.pdf"}, quote_via=quote)
    case = enterprise.post(f"{path}/materials", query=material, raw=PDF).json()
    case = enterprise.act(case, "submit").json()
    assert case["state"] == "submitted"
    drain()
    case = enterprise.get(path).json()
    assert case["state"] == "fee_due"
    assert enterprise.act(case, "pay", account="6000-0001").status_code == 200
    drain()
    case = signing.get(path).json()
    assert [act["action"] for act in case["actions"]] == ["cancel", "issue"]
    assert signing.act(case, "issue").json()["state"] == "issuing"
    drain()

    held = site.get(path).json()
    letter = site.get(f"{path}/letter")
    released = site.act(held, "release", reason="竣工验收合格。")

    assert (held["state"], held["fee"], held["actions"][0]["action"]) == ("in_force", None, "release")
    assert letter["Content-Type"] == "application/pdf"
    assert letter.content.startswith(b"%PDF")
    assert released.json()["state"] == "released"
    labels = set(
        Entry.objects.filter(kind__in=("guarantee.drafted", "guarantee.issued")).values_list("actor_label", flat=True)
    )
    assert all("接口 系统" in label for label in labels)
    assert Guarantee.objects.get(reference=case["reference"]).attachments.count() == 1


@pytest.mark.parametrize("who", ["applicant", "manager", "reviewer", "signer", "beneficiary"])
@pytest.mark.parametrize("state", ["draft", "in_review", "returned", "fee_due", "to_issue", "in_force", "released"])
def test_the_actions_of_a_representation_are_those_of_the_lifecycle(city, system_of, who: str, state: str) -> None:
    case, person = city.come_to(state), getattr(city, who)

    answer = system_of(person).get(f"{ALL}/{case.reference}")

    exists = Guarantee.objects.visible_to(person, city.at).filter(pk=case.pk).exists()
    assert answer.status_code == (200 if exists else 404)
    if exists:
        possible = dict.fromkeys(row.action for row in LIFECYCLE.possible(case, person))
        told = [act["action"] for act in answer.json()["actions"]]
        assert told == [action for action in possible if action not in BEGUN_APART]


def test_the_same_request_is_done_once_however_often_it_comes(city: City, system_of: SystemOf) -> None:
    case, enterprise = city.draft(), system_of(city.applicant)
    path, told = f"{ALL}/{case.reference}/actions/submit", {"version": case.version}

    first, second = (enterprise.post(path, told, key="same-key-0001") for _try in range(2))
    other = enterprise.post(path, {"version": case.version + 1}, key="same-key-0001")

    assert (first.status_code, second.status_code, other.status_code) == (200, 200, 409)
    assert first.content == second.content
    assert second["Idempotent-Replay"] == "true"
    assert Entry.objects.filter(kind="guarantee.submitted").count() == 1
    assert [call.replayed for call in Call.objects.order_by("pk")] == [False, True, False]


def test_a_stale_version_changes_nothing_and_tells_who_was_first(city: City, system_of: SystemOf) -> None:
    case, enterprise = city.draft(), system_of(city.applicant)
    seen = enterprise.get(f"{ALL}/{case.reference}").json()
    enterprise.act(seen, "submit")

    late = enterprise.act(seen, "withdraw", reason="不再需要")

    assert late.status_code == 409
    assert late.json()["type"].endswith("#changed")
    assert late.json()["changes"][0]["what"]
    assert Guarantee.objects.get(pk=case.pk).state == "submitted"


def test_a_refusal_is_the_page_s_own(city: City, system_of: SystemOf) -> None:
    case = city.in_review()
    seen = system_of(city.reviewer).get(f"{ALL}/{case.reference}").json()

    wordless = system_of(city.reviewer).act(seen, "decline")
    not_theirs = system_of(city.applicant).act(seen, "approve")
    not_now = system_of(city.reviewer).act({**seen, "reference": city.draft().reference}, "approve")
    unknown = system_of(city.reviewer).act(seen, "explode")

    assert (wordless.status_code, wordless.json()["fields"]) == (422, {"reason": "还没有填写"})
    assert (not_theirs.status_code, not_theirs.json()["title"]) == (403, "没有操作权限")
    assert (not_now.status_code, unknown.status_code) == (404, 404)


def test_a_scope_that_was_not_given_is_refused(city: City, system_of: SystemOf) -> None:
    case = city.draft()
    reader = system_of(city.applicant, "guarantees.view")

    seen = reader.get(f"{ALL}/{case.reference}").json()
    acting = reader.act(seen, "submit")
    drafting = reader.post(ALL, {"kind": "bid", "project": case.project.reference, "guarantor": "x"})

    assert seen["actions"] == []
    assert (acting.status_code, drafting.status_code) == (403, 403)


def test_pages_follow_each_other_without_gap_or_repeat(city: City, system_of: SystemOf) -> None:
    cases = {city.draft().reference for _number in range(7)}
    enterprise = system_of(city.applicant)

    seen, cursor, rounds = [], "", 0
    while rounds < 9:
        page = enterprise.get(ALL, urlencode({"limit": 3, "cursor": cursor})).json()
        seen += [item["reference"] for item in page["items"]]
        cursor, rounds = page["next"], rounds + 1
        if not cursor:
            break

    assert (len(seen), set(seen), rounds) == (7, cases, 3)
    assert enterprise.get(ALL, "cursor=abcd").status_code == 422


def test_a_page_of_thirty_takes_as_many_statements_as_one_of_one(city: City, system_of: SystemOf) -> None:
    enterprise, project = system_of(city.applicant), city.project()
    city.draft(project=project)
    enterprise.get(ALL)

    with CaptureQueriesContext(
        connection,
    ) as one:
        enterprise.get(ALL)
    for _number in range(29):
        city.draft(project=project)
    with CaptureQueriesContext(connection) as thirty:
        answer = enterprise.get(ALL)

    assert len(answer.json()["items"]) == 30
    assert len(one) == len(thirty)


@pytest.mark.parametrize("who", ["beneficiary", "department", "rival", "bank"])
def test_before_the_opening_a_bid_guarantee_answers_like_none(city: City, system_of: SystemOf, who: str) -> None:
    stranger = system_of(getattr(city, who))
    before = stranger.get(ALL).content
    case = city.in_force("bid", sealed=True)
    none = "22222ZZZZZ99"

    listed, searched = stranger.get(ALL).content, stranger.get(ALL, f"q={case.number}").json()
    read, absent = stranger.get(f"{ALL}/{case.reference}"), stranger.get(f"{ALL}/{none}")
    acted = stranger.post(f"{ALL}/{case.reference}/actions/release", {"version": 1, "reason": "试一试"})
    nothing = stranger.post(f"{ALL}/{none}/actions/release", {"version": 1, "reason": "试一试"})
    letter, no_letter = stranger.get(f"{ALL}/{case.reference}/letter"), stranger.get(f"{ALL}/{none}/letter")

    assert (listed, searched["items"]) == (before, [])
    assert (read.status_code, read.content) == (404, absent.content)
    assert (acted.status_code, acted.content) == (404, nothing.content)
    assert (letter.status_code, letter.content) == (404, no_letter.content)


def test_anybody_may_verify_and_learns_no_more_than_on_the_page(city: City) -> None:
    case, secret = city.in_force(sealed=True), city.in_force("bid", sealed=True)
    content = Guarantee.objects.get(pk=case.pk)
    ask = lambda told: Client().post("/api/v1/verify", told, content_type="application/json").json()  # noqa: E731

    whole = ask({"number": case.number, "code": case.verify_code})
    covered = ask({"number": case.number})
    wrong = ask({"number": case.number, "code": f"{(int(case.verify_code) + 1) % 10**6:06d}"})
    hidden = ask({"number": secret.number})
    told = ask({"number": secret.number, "code": secret.verify_code})
    junk = Client().post("/api/v1/verify/letter", b"no pdf", content_type="application/pdf").json()

    assert (whole["outcome"], whole["letter"]["applicant"]) == ("genuine", city.applicant.organisation.name)
    assert whole["letter"]["amount"]["amount"] == yuan(content.amount).replace(",", "")
    assert "**" in covered["letter"]["applicant"]
    assert (wrong, hidden) == ({**wrong, "outcome": "unknown", "letter": None}, {**hidden, "outcome": "unknown"})
    assert (told["outcome"], told["letter"]) == ("secret", None)
    assert junk["outcome"] == "unreadable"
    assert not Sending.objects.exists()
