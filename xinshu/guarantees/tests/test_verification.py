"""Stories: what a stranger with a letter in hand may learn about it, and nothing more."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from xinshu.core.clock import moment, moved_to
from xinshu.documents.blobs import read_blob
from xinshu.documents.letters import render
from xinshu.documents.models import File
from xinshu.guarantees import verification
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.models import PARTIES, Guarantee, PublicCheck
from xinshu.guarantees.sealed.issued import send_letter
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.verification import (
    DOUBTFUL,
    EXPIRED,
    FORGED,
    IN_FORCE,
    RELEASED,
    SECRET,
    UNKNOWN,
    UNREADABLE,
    WRONG_TRIES,
    TooManyTries,
    by_code,
    by_file,
    by_number,
)
from xinshu.projects.actions import amend_project

pytestmark = pytest.mark.django_db
NOBODYS = "LY20261121-ABCDEFGH"


@pytest.fixture
def case(city: City) -> Guarantee:
    """A performance guarantee in force, with its real letter."""
    made = city.in_force(sealed=True)
    return Guarantee.objects.select_related(*PARTIES, "letter__file__blob", "template__template").get(pk=made.pk)


@pytest.fixture
def letter(case: Guarantee) -> bytes:
    return read_blob(case.letter.file.blob)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def again(case: Guarantee, **changes: str) -> bytes:
    """Return the letter printed anew with other words in it, as a forger with our fonts would."""
    return render(case.template, case.letter_values | changes)


def tampered(case: Guarantee) -> None:
    """Alter the row that remembers the delivery, as somebody with the database's password would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_entry SET actor_label = 'x' WHERE kind = 'guarantee.delivered' AND subject_id = %s",
            [case.pk],
        )


@pytest.mark.req("BH-23")
def test_number_and_code_tell_everything(city: City, case: Guarantee) -> None:
    verdict = by_code(f" {case.number.lower()} ", case.verify_code, city.at)

    assert (verdict.outcome, verdict.guarantee, verdict.whole_names) == (IN_FORCE, case, True)
    assert [check.passed for check in verdict.checks] == [True, True]
    assert PublicCheck.objects.get().guarantee == case


def test_the_number_alone_tells_it_with_names_partly_covered(city: City, case: Guarantee) -> None:
    verdict = by_number(case.number, city.at)

    assert (verdict.outcome, verdict.guarantee, verdict.whole_names) == (IN_FORCE, case, False)


def test_a_wrong_code_and_a_number_that_nobody_has_answer_alike(city: City, case: Guarantee) -> None:
    codes = [wrong(case.verify_code), case.verify_code[:5], case.verify_code + "0", "", "１２３４５６"]

    verdicts = [by_code(case.number, code, city.at) for code in codes] + [by_code(NOBODYS, "123456", city.at)]

    assert verdicts == [verification.Verdict(UNKNOWN)] * len(verdicts)
    assert not PublicCheck.objects.exclude(guarantee=None).exists()


def test_what_is_not_delivered_yet_is_not_known(city: City) -> None:
    case = city.issuing()

    assert by_number(case.number, city.at).outcome == UNKNOWN
    assert by_code(case.number, case.verify_code, city.at).outcome == UNKNOWN


def test_released_and_expired_letters_say_so(city: City, case: Guarantee) -> None:
    gone = city.in_force(sealed=True)
    on = gone.expires_on + timedelta(days=1)
    expire_guarantee(gone, on=on, at=moment(on, 0, 5))
    release_guarantee(case, by=city.beneficiary, at=city.at, reason="竣工验收合格。")

    assert by_code(case.number, case.verify_code, city.at).outcome == RELEASED
    assert by_code(gone.number, gone.verify_code, city.at).outcome == EXPIRED


def test_past_its_last_day_it_is_expired_even_if_the_night_has_not_come_by(city: City, case: Guarantee) -> None:
    last = moment(case.expires_on, 23, 59)

    assert by_code(case.number, case.verify_code, last).outcome == IN_FORCE
    assert by_code(case.number, case.verify_code, last + timedelta(minutes=1)).outcome == EXPIRED


def test_a_bid_guarantee_before_the_opening_shows_its_holder_that_it_is_real_and_no_more(city: City) -> None:
    made = city.in_force("bid", sealed=True)
    case = Guarantee.objects.select_related("letter__file__blob").get(pk=made.pk)

    by_holder = by_code(case.number, case.verify_code, city.at)
    by_paper = by_file(read_blob(case.letter.file.blob), city.at)

    assert {by_holder.outcome, by_paper.outcome} == {SECRET}
    assert (by_holder.guarantee, by_paper.guarantee) == (None, None)
    assert by_number(case.number, city.at).outcome == UNKNOWN
    assert by_code(case.number, wrong(case.verify_code), city.at).outcome == UNKNOWN
    assert by_code(case.number, case.verify_code, city.opens_at).outcome == IN_FORCE


@pytest.mark.req("BH-23")
def test_the_file_itself_is_genuine_to_the_byte(city: City, case: Guarantee, letter: bytes) -> None:
    verdict = by_file(letter, city.at)

    assert (verdict.outcome, verdict.guarantee, verdict.whole_names) == (IN_FORCE, case, True)
    assert [check.passed for check in verdict.checks] == [True, True, True]


@pytest.mark.req("BH-23")
def test_another_amount_is_found_and_named_without_telling_the_right_one(city: City, case: Guarantee) -> None:
    forged = again(case, amount="9,000,000.00", amount_in_words="人民币玖佰万元整")

    verdict = by_file(forged, city.at)

    assert (verdict.outcome, verdict.guarantee, verdict.issuer) == (FORGED, None, case.guarantor)
    assert {(d.name, d.found) for d in verdict.differences} == {
        ("amount", "9,000,000.00"), ("amount_in_words", "人民币玖佰万元整"),
    }  # fmt: skip


@pytest.mark.req("BH-23")
def test_an_update_appended_to_the_letter_is_found(city: City, letter: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(letter))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = NumberObject(90)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)

    verdict = by_file(out.getvalue(), city.at)

    assert verdict.outcome == FORGED
    assert not any(check.passed for check in verdict.checks)


@pytest.mark.req("BH-23")
def test_one_changed_byte_is_found(city: City, letter: bytes) -> None:
    where = letter.index(b"stream") + 40

    verdict = by_file(letter[:where] + bytes([letter[where] ^ 1]) + letter[where + 1 :], city.at)

    assert verdict.outcome in (FORGED, UNREADABLE)


def test_a_paper_with_a_number_that_nobody_issued_is_unknown(city: City, case: Guarantee) -> None:
    verdict = by_file(again(case, number=NOBODYS), city.at)

    assert (verdict.outcome, verdict.issuer, verdict.differences) == (UNKNOWN, None, ())


def test_a_forged_paper_does_not_uncover_a_secret_number(city: City, case: Guarantee) -> None:
    secret = city.in_force("bid")

    by_secret = by_file(again(case, number=secret.number), city.at)
    by_nobody = by_file(again(case, number=f"TB{NOBODYS[2:]}"), city.at)

    assert (by_secret.outcome, by_secret.issuer, by_secret.differences) == (UNKNOWN, None, ())
    assert (by_nobody.outcome, by_nobody.issuer, by_nobody.differences) == (UNKNOWN, None, ())
    assert not PublicCheck.objects.filter(guarantee=secret).exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7 broken"])
def test_what_is_no_readable_pdf_is_called_that(city: City, content: bytes) -> None:
    verdict = by_file(content, city.at)

    assert (verdict.outcome, bool(verdict.problem)) == (UNREADABLE, True)


def test_when_our_own_record_does_not_hold_nobody_is_told_that_it_is_genuine(
    city: City, case: Guarantee, letter: bytes
) -> None:
    tampered(case)

    verdicts = [
        by_code(case.number, case.verify_code, city.at), by_number(case.number, city.at), by_file(letter, city.at),
    ]  # fmt: skip

    assert {(verdict.outcome, verdict.guarantee) for verdict in verdicts} == {(DOUBTFUL, None)}
    assert [check.title for check in verdicts[0].checks if not check.passed] == ["存证记录完整"]


def test_codes_are_not_to_be_guessed(city: City, case: Guarantee) -> None:
    other = city.in_force(sealed=True)
    for second in range(WRONG_TRIES):
        by_code(case.number, wrong(case.verify_code), city.at + timedelta(seconds=second))

    with pytest.raises(TooManyTries) as refused:
        by_code(case.number, case.verify_code, city.at + timedelta(minutes=1))

    assert refused.value.status == 429
    assert by_code(other.number, other.verify_code, city.at).outcome == IN_FORCE
    assert by_number(case.number, city.at).outcome == IN_FORCE
    assert by_code(case.number, case.verify_code, city.at + timedelta(minutes=61)).outcome == IN_FORCE


def test_a_number_that_nobody_has_is_stopped_alike(city: City) -> None:
    for _time in range(WRONG_TRIES):
        by_code(NOBODYS, "123456", city.at)

    with pytest.raises(TooManyTries):
        by_code(NOBODYS, "123456", city.at)


class TestPages:
    """The same through the public pages, without signing in."""

    @pytest.mark.req("BH-23")
    def test_the_qr_code_leads_to_whole_names(self, city: City, case: Guarantee, clock: None) -> None:
        page = Client().get(reverse("guarantees:verify_number", args=[case.number]), {"code": case.verify_code})

        text = page.content.decode()
        assert page.status_code == 200
        assert "真实有效" in text
        assert case.applicant.name in text
        assert case.beneficiary.name in text

    def test_without_the_code_names_are_masked(self, city: City, case: Guarantee, clock: None) -> None:
        text = Client().get(reverse("guarantees:verify_number", args=[case.number])).content.decode()

        assert "真实有效" in text
        assert case.guarantor.name in text  # whoever gives guarantees does so in public
        assert case.applicant.name not in text
        assert case.beneficiary.name not in text

    def test_an_upload_is_judged_and_never_kept(
        self, city: City, case: Guarantee, letter: bytes, clock: None, files
    ) -> None:
        stored = sorted(path for path in files.rglob("*") if path.is_file())
        kept = File.objects.count()
        upload = SimpleUploadedFile("函.pdf", letter + b"\n", "application/pdf")

        page = Client().post(reverse("guarantees:verify"), {"letter": upload})

        assert "不是平台签发的函件" in page.content.decode()
        assert File.objects.count() == kept
        assert sorted(path for path in files.rglob("*") if path.is_file()) == stored

    def test_the_genuine_upload_is_told_as_genuine(
        self, city: City, case: Guarantee, letter: bytes, clock: None
    ) -> None:
        page = Client().post(reverse("guarantees:verify"), {"letter": SimpleUploadedFile("函.pdf", letter)})

        assert "真实有效" in page.content.decode()
        assert case.applicant.name in page.content.decode()

    def test_the_page_shows_what_the_letter_says_not_what_the_project_is_called_by_now(
        self, city: City, case: Guarantee, clock: None
    ) -> None:
        name = case.project.name
        amend_project(case.project, by=city.applicant, at=city.at, name="另一个大得多的工程项目")

        text = (
            Client()
            .get(reverse("guarantees:verify_number", args=[case.number]), {"code": case.verify_code})
            .content.decode()
        )

        assert name in text
        assert "另一个大得多的工程项目" not in text

    def test_a_forged_upload_shows_no_word_of_the_original(self, city: City, case: Guarantee, clock: None) -> None:
        forged = again(
            case, amount="9,000,000.00", amount_in_words="人民币玖佰万元整", applicant="云州假冒建筑有限公司"
        )

        text = (
            Client()
            .post(reverse("guarantees:verify"), {"letter": SimpleUploadedFile("函.pdf", forged)})
            .content.decode()
        )

        assert "哪里不一致" in text
        assert "云州假冒建筑有限公司" in text
        assert case.applicant.name not in text
        assert "2,000,000.00" not in text

    def test_a_damaged_record_is_told_as_such(self, city: City, case: Guarantee, clock: None) -> None:
        tampered(case)

        text = (
            Client()
            .get(reverse("guarantees:verify_number", args=[case.number]), {"code": case.verify_code})
            .content.decode()
        )

        assert "核验没有通过" in text
        assert case.applicant.name not in text

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ({}, 200),
            ({"number": "", "code": ""}, 422),
            ({"number": NOBODYS, "code": "12345"}, 422),
            ({"number": NOBODYS, "code": "12345a"}, 422),
            ({"number": "x" * 41, "code": "123456"}, 422),
            ({"number": NOBODYS, "code": "123456"}, 200),
            ({"number": "' OR 1=1 --", "code": "123456"}, 200),
        ],
    )
    def test_whatever_is_typed_is_answered(self, city: City, asked: dict[str, str], status: int) -> None:
        assert Client().get(reverse("guarantees:verify"), asked).status_code == status

    @pytest.mark.parametrize("number", ["x", "x" * 500, "..", "%F0%9F%98%80", NOBODYS])
    def test_whatever_the_address_holds_is_answered(self, city: City, number: str) -> None:
        assert Client().get(f"/verify/{number}/?code={'9' * 400}").status_code in (200, 404)

    def test_an_empty_or_missing_upload_is_asked_for_again(self, city: City) -> None:
        missing = Client().post(reverse("guarantees:verify"), {})
        text = Client().post(reverse("guarantees:verify"), {"letter": "not a file"})

        assert (missing.status_code, text.status_code) == (422, 422)

    def test_guessing_is_answered_with_429(self, city: City, case: Guarantee, clock: None) -> None:
        address = reverse("guarantees:verify_number", args=[case.number])
        for _time in range(WRONG_TRIES):
            Client().get(address, {"code": wrong(case.verify_code)})

        page = Client().get(address, {"code": case.verify_code})

        assert page.status_code == 429
        assert case.applicant.name not in page.content.decode()


def test_a_letter_sealed_but_never_delivered_is_not_genuine(city: City) -> None:
    from xinshu.documents.sealing import keep_sealed, seal
    from xinshu.guarantees.sealed.issued import values_of

    case = Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=city.issuing().pk)
    orphan = seal(render(case.template, values_of(case)), case.guarantor, at=city.at)
    keep_sealed(orphan, "孤函.pdf", subject=case, at=city.at)
    send_letter(case, at=city.at + timedelta(minutes=1))

    assert by_file(orphan.content, city.at).outcome != IN_FORCE


def test_opening_uncovers_it_on_the_page(city: City, clock: None) -> None:
    case: Guarantee = city.in_force("bid", sealed=True)
    address = reverse("guarantees:verify_number", args=[case.number])

    before = Client().get(address).content.decode()
    with moved_to(city.opens_at + timedelta(minutes=1)):
        after = Client().get(address).content.decode()

    assert "没有查到这份保函" in before
    assert "真实有效" in after
