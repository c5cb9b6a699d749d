"""Stories and pages: terms by two people, and the version that a guarantee keeps (EP-06)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.guarantees.actions.application import submit_application
from xinshu.guarantees.tests.city import City
from xinshu.guarantors.terms.actions import activate_terms, discard_terms, edit_terms, write_terms
from xinshu.guarantors.terms.models import Terms
from xinshu.ledger.models import Entry

Browser = Callable[[Member], Client]
TEXT = "保证人在收到符合约定的索赔材料后，按函件承担保证责任。\n申请人应在保证人付款后五个工作日内偿还。"
NEXT = TEXT + "\n逾期偿还的，按日计收利息。"


def active(city: City, kind: str = "", text: str = TEXT) -> Terms:
    assert city.guarantor
    return activate_terms(write_terms(kind, text, by=city.reviewer, at=city.at), by=city.signer, at=city.at)


def test_whoever_wrote_terms_does_not_activate_them(city: City) -> None:
    both = city.colleague(city.reviewer, "signer")
    terms = write_terms("", TEXT, by=city.reviewer, at=city.at)
    Terms.objects.filter(pk=terms.pk).update(authors=[both.user_id])
    terms.refresh_from_db()

    for by in (both, city.reviewer):
        with pytest.raises(NotPermitted):
            activate_terms(terms, by=by, at=city.at)

    assert Terms.objects.get().state == "draft"


def test_a_next_version_supersedes_the_present_which_stays_as_it_was(city: City) -> None:
    first = active(city)
    second = active(city, text=NEXT)

    first.refresh_from_db()
    assert [(row.number, row.state, row.text) for row in (first, second)] == [
        (1, "superseded", TEXT), (2, "active", NEXT),
    ]  # fmt: skip
    for terms in (first, second):
        with pytest.raises(NotNow):
            edit_terms(terms, "", NEXT, by=city.reviewer, at=city.at)
        with pytest.raises(NotNow):
            discard_terms(terms, by=city.reviewer, at=city.at, reason="不再需要。")
    assert Entry.objects.filter(kind="terms.activated").count() == 2


def test_whoever_saw_an_older_draft_does_not_activate_the_newer(city: City) -> None:
    terms = write_terms("", TEXT, by=city.reviewer, at=city.at)
    edit_terms(terms, "", NEXT, by=city.reviewer, at=city.at)

    with pytest.raises(Changed):
        activate_terms(terms, by=city.signer, at=city.at)


@pytest.mark.parametrize(
    ("kind", "text", "field"), [("nothing", TEXT, "kind"), ("", "太短", "text"), ("", "长" * 20_001, "text")]
)
def test_what_is_no_text_is_refused_at_its_field(city: City, kind: str, text: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        write_terms(kind, text, by=city.reviewer, at=city.at)

    assert field in refusal.value.fields


def test_a_guarantee_keeps_the_version_that_was_accepted_with_its_application(city: City) -> None:
    before = city.in_force()
    first = active(city)
    case = city.to_issue()
    second = active(city, text=NEXT)
    later = city.in_force()

    assert before.terms is None
    assert (case.terms, later.terms) == (first, second)
    case.refresh_from_db()
    assert case.terms == first  # what happens afterwards changes nothing


def test_terms_for_the_kind_go_before_terms_for_all(city: City) -> None:
    general, special = active(city), active(city, "performance")

    assert city.submitted().terms == special
    assert city.submitted("advance").terms == general


def test_what_comes_back_for_correction_is_accepted_anew(city: City) -> None:
    active(city)
    case = city.returned()
    second = active(city, text=NEXT)

    again = submit_application(case, by=city.applicant, at=city.at + timedelta(minutes=9))

    assert again.terms == second


# pages


@pytest.mark.req("EP-06")
def test_terms_are_written_previewed_activated_shown_and_kept(city: City, browser_of: Browser) -> None:
    assert city.guarantor
    writer, signer, applicant = (browser_of(by) for by in (city.reviewer, city.signer, city.applicant))

    assert writer.post(reverse("guarantors:new_terms"), {"kind": "", "text": TEXT}).status_code == 302
    terms = Terms.objects.get()
    path = reverse("guarantors:terms", args=[terms.reference])
    act = reverse("guarantors:terms_act", args=[terms.reference, "activate_terms"])
    assert "申请人应在保证人付款后五个工作日内偿还" in signer.get(path).content.decode()
    assert applicant.get(path).status_code == 404
    assert writer.post(act, {"version": "1"}).status_code == 403
    assert signer.post(act, {"version": "1"}).status_code == 302
    case = city.draft()
    confirm = applicant.get(reverse("guarantees:step", args=[case.reference, "confirm"])).content.decode()
    assert path in confirm
    submitted = city.in_force()
    writer.post(reverse("guarantors:new_terms"), {"kind": "", "text": NEXT})
    draft = Terms.objects.get(state="draft")
    preview = signer.get(reverse("guarantors:terms", args=[draft.reference])).content.decode()
    signer.post(reverse("guarantors:terms_act", args=[draft.reference, "activate_terms"]), {"version": "1"})
    kept = applicant.get(reverse("guarantees:detail", args=[submitted.reference])).content.decode()
    old = applicant.get(path).content.decode()

    assert "现行版本" in preview
    assert path in kept
    assert "已有更新的版本" in old
    assert "逾期偿还的" not in old
    listed = writer.get(reverse("guarantors:terms_list")).content.decode()
    assert "V2" in listed
    assert writer.get(reverse("guarantors:export_terms")).status_code == 200


def test_drafts_exist_for_their_own_house_only(city: City, browser_of: Browser) -> None:
    terms = write_terms("", TEXT, by=city.reviewer, at=city.at)

    for member in (city.applicant, city.department, city.bank):
        assert browser_of(member).get(reverse("guarantors:terms", args=[terms.reference])).status_code == 404
    assert browser_of(city.applicant).get(reverse("guarantors:terms_list")).status_code == 403
    assert browser_of(city.signer).get(reverse("guarantors:new_terms")).status_code == 403


@pytest.mark.parametrize("junk", ["", "x" * 30_000, "-1"])
def test_junk_in_any_field_is_an_answer_never_a_crash(city: City, browser_of: Browser, junk: str) -> None:
    assert city.guarantor
    for name in ("kind", "text"):
        answer = browser_of(city.reviewer).post(
            reverse("guarantors:new_terms"), {"kind": "", "text": TEXT} | {name: junk}
        )
        assert answer.status_code in (302, 422)
