"""Stories: a proof file, made by the platform and checked by the script alone; and every way of tampering with it."""

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import verify_guarantee
from django.conf import settings
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.archive.keys import published_keys
from xinshu.archive.proofs import NotYet, proof_of
from xinshu.archive.sides import APPLICANT, GUARANTOR, OUTER, PUBLIC
from xinshu.archive.tests.conftest import fresh
from xinshu.core.clock import moment, moved_to
from xinshu.core.sm import Sm2Key, sm3
from xinshu.documents.blobs import read_blob
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.sealing import seal

pytestmark = pytest.mark.django_db
Make = Callable[..., Guarantee]
BrowserOf = Callable[[Member], Client]
TOOL = Path(settings.BASE_DIR) / "tools" / "verify_guarantee.py"


class Desk:
    """Somebody's own computer: the script and the files that were downloaded, nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def keys(self) -> dict[str, Any]:
        """What this desk fetched from the platform once, and kept."""
        return published_keys()

    def check(self, proof: Any, *options: str, pdf: bytes | None = None, keys: Any = None) -> tuple[int, str]:
        """Run main() as the command line would; return (exit code, what it printed)."""
        (self.folder / "proof.json").write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
        (self.folder / "keys.json").write_text(json.dumps(keys or self.keys), encoding="utf-8")
        asked = [str(self.folder / "proof.json"), "--keys", str(self.folder / "keys.json"), *options]
        if pdf is not None:
            (self.folder / "letter.pdf").write_bytes(pdf)
            asked += ["--pdf", str(self.folder / "letter.pdf")]
        self.capture.readouterr()
        before, sys.argv = sys.argv, ["verify_guarantee.py", *asked]
        try:
            code = verify_guarantee.main()
        finally:
            sys.argv = before
        return code, self.capture.readouterr().out

    capture: Any = None


@pytest.fixture
def desk(tmp_path: Path, capsys: Any) -> Desk:
    made = Desk(tmp_path)
    made.capture = capsys
    return made


def refusals(told: str) -> list[str]:
    """Return the titles of the checks that did not pass."""
    return [line.split(" ", 2)[2].split("：")[0] for line in told.splitlines() if line.startswith("✗")]


def test_a_real_proof_and_its_letter_pass_every_check_in_an_isolated_python(
    city: City, sealed_case: Make, tmp_path: Path
) -> None:
    case = sealed_case()
    (tmp_path / "p.json").write_text(json.dumps(proof_of(case, PUBLIC, city.at)))
    (tmp_path / "k.json").write_text(json.dumps(published_keys()))
    (tmp_path / "l.pdf").write_bytes(read_blob(case.letter.file.blob))

    done = subprocess.run(
        [sys.executable, "-I", str(TOOL), "p.json", "--keys", "k.json", "--pdf", "l.pdf"],
        cwd=tmp_path, capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip

    told = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b""), told
    assert told.count("✓ 通过") == 7
    assert "在保，金额 2,000,000.00 元" in told
    assert "PDF 数字签名（PAdES）" in told
    assert "– 提示" not in told


@pytest.mark.parametrize("side", [GUARANTOR, APPLICANT, OUTER, PUBLIC])
def test_every_side_gets_a_proof_that_holds(city: City, sealed_case: Make, desk: Desk, side: str) -> None:
    code, told = desk.check(proof_of(sealed_case(), side, city.at))

    assert code == 0, told
    assert "没有给出 PDF" in told


def test_the_public_reads_no_name_of_a_person_and_nothing_of_the_application(city: City, sealed_case: Make) -> None:
    case = sealed_case()
    release_guarantee(case, by=city.beneficiary, at=city.at + timedelta(hours=1), reason="竣工验收合格。")
    case = fresh(case, city)

    proofs = {side: proof_of(case, side, city.at) for side in (GUARANTOR, APPLICANT, OUTER, PUBLIC)}

    text = json.dumps(proofs[PUBLIC], ensure_ascii=False)
    people = {city.applicant, city.signer, city.beneficiary}
    assert not [person for person in people if person.user.name in text or person.actor_key in text]
    assert "竣工验收合格" not in text
    assert {one["entry"]["kind"] for one in proofs[PUBLIC]["entries"] if "entry" in one} == {
        "guarantee.delivered", "guarantee.state_told",
    }  # fmt: skip
    outer = {one["entry"]["kind"] for one in proofs[OUTER]["entries"] if "entry" in one}
    assert outer == {"guarantee.issued", "guarantee.delivered", "guarantee.released", "guarantee.state_told"}
    assert len(proofs[OUTER]["entries"]) == len(proofs[PUBLIC]["entries"]) == 5  # the line's return as its leaf only
    inner = {one["entry"]["kind"] for one in proofs[APPLICANT]["entries"] if "entry" in one}
    assert "guarantee.drafted" in inner
    assert "guarantee.approved" not in inner
    assert all("entry" in one for one in proofs[GUARANTOR]["entries"])
    assert len(proofs[GUARANTOR]["entries"]) == len(proofs[APPLICANT]["entries"]) >= 8


def test_released_and_expired_follow_from_the_entries_alone(city: City, sealed_case: Make, desk: Desk) -> None:
    gone, freed = sealed_case(), sealed_case()
    on = gone.expires_on + timedelta(days=1)
    expire_guarantee(gone, on=on, at=moment(on, 0, 5))
    release_guarantee(freed, by=city.beneficiary, at=city.at + timedelta(hours=3), reason="竣工验收合格。")
    drained = [fresh(case, city) for case in (gone, freed)]

    told = [desk.check(proof_of(case, PUBLIC, moment(on, 1)))[1] for case in drained]

    assert "保函状态：已到期" in told[0]
    assert "保函状态：已解保" in told[1]


def test_the_state_on_an_earlier_day_is_told_and_a_later_one_is_refused(
    city: City, sealed_case: Make, desk: Desk
) -> None:
    case = sealed_case()
    later = city.at + timedelta(days=3)
    release_guarantee(case, by=city.beneficiary, at=later, reason="竣工验收合格。")
    with moved_to(later):
        proof = proof_of(fresh_at(case, later), OUTER, later)

    before, after, beyond = (
        desk.check(proof, "--at", f"{later + timedelta(days=days):%Y-%m-%d}") for days in (-1, 0, 1)
    )

    assert (before[0], "：在保" in before[1]) == (0, True)
    assert (after[0], "已解保" in after[1]) == (0, True)
    assert (beyond[0], refusals(beyond[1])) == (1, ["保函状态"])


def fresh_at(case: Guarantee, at: Any) -> Guarantee:
    from xinshu.ledger.worker import drain

    drain(at)
    seal(at)
    return Guarantee.objects.select_related("letter", "guarantor", "project").get(pk=case.pk)


class TestTampering:
    """What somebody may do to the files on the way, and which check finds it."""

    @pytest.fixture
    def proof(self, city: City, sealed_case: Make) -> dict[str, Any]:
        return proof_of(sealed_case(), GUARANTOR, city.at)

    def test_one_byte_of_the_letter(self, city: City, sealed_case: Make, desk: Desk) -> None:
        case = sealed_case()
        letter, proof = read_blob(case.letter.file.blob), proof_of(case, PUBLIC, city.at)
        where = letter.index(b"stream") + 40

        code, told = desk.check(proof, pdf=letter[:where] + bytes([letter[where] ^ 1]) + letter[where + 1 :])

        assert (code, refusals(told)) == (1, ["函件逐字节一致", "PDF 数字签名（PAdES）"])

    def test_something_appended_to_the_letter(self, city: City, sealed_case: Make, desk: Desk) -> None:
        case = sealed_case()

        code, told = desk.check(proof_of(case, PUBLIC, city.at), pdf=read_blob(case.letter.file.blob) + b"\n%x")

        assert (code, refusals(told)) == (1, ["函件逐字节一致", "PDF 数字签名（PAdES）"])

    def test_another_genuine_letter(self, city: City, sealed_case: Make, desk: Desk) -> None:
        case, other = sealed_case(), sealed_case()

        code, told = desk.check(proof_of(case, PUBLIC, city.at), pdf=read_blob(other.letter.file.blob))

        assert (code, refusals(told)) == (1, ["函件逐字节一致"])  # its own signature holds: it is another letter

    def test_a_changed_entry(self, proof: dict[str, Any], desk: Desk) -> None:
        proof["entries"][0]["entry"]["actor_label"] = "别人"

        assert refusals(desk.check(proof)[1]) == ["记录在总账里"]

    @pytest.mark.parametrize("which", [0, 3, -1])
    def test_an_omitted_entry(self, proof: dict[str, Any], desk: Desk, which: int) -> None:
        del proof["entries"][which]

        assert "记录在总账里" in refusals(desk.check(proof)[1])

    def test_an_omitted_entry_with_the_list_cut_to_match(self, proof: dict[str, Any], desk: Desk) -> None:
        del proof["entries"][-1]
        del proof["statement"]["entries"][-1]

        assert "平台的声明" in refusals(desk.check(proof)[1])

    def test_entries_in_another_order(self, proof: dict[str, Any], desk: Desk) -> None:
        proof["entries"].reverse()

        assert "记录在总账里" in refusals(desk.check(proof)[1])

    @pytest.mark.parametrize(
        ("field", "value"), [("amount", 1), ("state", "released"), ("number", "LY20200101-ABCDEFGH"), ("size", 1)]
    )
    def test_other_terms_in_the_statement(self, proof: dict[str, Any], desk: Desk, field: str, value: object) -> None:
        proof["statement"][field] = value

        assert "平台的声明" in refusals(desk.check(proof)[1])

    @pytest.mark.parametrize("which", ["checkpoint", "witness", "seal"])
    def test_keys_of_somebody_else(self, proof: dict[str, Any], desk: Desk, which: str) -> None:
        keys = desk.keys | {which: Sm2Key(12345).public_hex}

        code, told = desk.check(proof, keys=keys)

        assert code == 1
        assert ("平台的声明" if which == "seal" else "检查点与见证人") in refusals(told)

    def test_a_seal_that_this_guarantor_never_published(self, proof: dict[str, Any], desk: Desk) -> None:
        keys = deepcopy(desk.keys)
        keys["guarantors"][0]["sm2"] = [Sm2Key(12345).public_hex]

        assert refusals(desk.check(proof, keys=keys)[1]) == ["保证人签章"]

    def test_a_letter_sealed_by_a_forger_with_a_key_of_his_own(self, proof: dict[str, Any], desk: Desk) -> None:
        forger, digest = Sm2Key(12345), sm3(b"forged")
        proof["letter"] |= {
            "sm3": digest.hex(), "signature": forger.sign(digest).hex(), "public_key": forger.public_hex,
        }  # fmt: skip

        assert {"保证人签章", "保函状态"} <= set(refusals(desk.check(proof)[1]))

    def test_without_the_witness(self, proof: dict[str, Any], desk: Desk) -> None:
        proof["checkpoint"] = proof["checkpoint"].partition("— xinshu-witness")[0]

        assert "检查点与见证人" in refusals(desk.check(proof)[1])

    def test_an_older_checkpoint_under_a_newer_statement(self, city: City, sealed_case: Make, desk: Desk) -> None:
        case = sealed_case()
        old = proof_of(case, GUARANTOR, city.at)
        release_guarantee(case, by=city.beneficiary, at=city.at + timedelta(hours=1), reason="竣工验收合格。")
        new = proof_of(fresh(case, city), GUARANTOR, city.at)

        mixed = new | {"checkpoint": old["checkpoint"]}

        assert "检查点与见证人" in refusals(desk.check(mixed)[1])

    def test_an_old_proof_holds_for_its_day_and_says_so_when_a_newer_one_is_asked_for(
        self, city: City, sealed_case: Make, desk: Desk
    ) -> None:
        old = proof_of(sealed_case(), PUBLIC, city.at)

        assert desk.check(old)[0] == 0  # whoever asks for no newer one is told the moment, and must read it
        code, told = desk.check(old, "--since", "2099-01-01T00:00:00")

        assert (code, refusals(told)[0]) == (1, "检查点与见证人")

    def test_the_proof_of_another_guarantee_under_this_statement(
        self, city: City, sealed_case: Make, desk: Desk
    ) -> None:
        one, other = (proof_of(sealed_case(), GUARANTOR, city.at) for _turn in range(2))

        code, told = desk.check(one | {"entries": other["entries"]})

        assert (code, "记录在总账里" in refusals(told)) == (1, True)

    def test_contradicting_lists_that_the_platform_signed_are_both_on_record(
        self, city: City, sealed_case: Make, desk: Desk
    ) -> None:
        """What one file cannot show: the platform leaving an entry out. Its two signatures then stand against it."""
        case = sealed_case()
        before = proof_of(case, GUARANTOR, city.at)
        release_guarantee(case, by=city.beneficiary, at=city.at + timedelta(hours=1), reason="竣工验收合格。")
        after = proof_of(fresh(case, city), GUARANTOR, city.at)

        assert desk.check(before)[0] == desk.check(after)[0] == 0
        assert after["statement"]["entries"][: len(before["entries"])] == before["statement"]["entries"]

    @pytest.mark.parametrize("content", [{}, [], {"statement": 1, "letter": 2}, {"statement": {}, "letter": {}}])
    def test_what_is_no_proof_at_all(self, desk: Desk, content: Any) -> None:
        assert desk.check(content)[0] in (1, 2)


class TestDoors:
    """The same over HTTP."""

    def test_number_and_code_bring_the_file_and_the_keys_are_published(
        self, city: City, sealed_case: Make, clock: None, desk: Desk
    ) -> None:
        case = sealed_case()

        answer = Client().get(f"/verify/{case.number}/proof/", {"code": case.verify_code})
        keys = Client().get("/.well-known/xinshu-keys.json").json()
        tool = Client().get("/verify/tools/verify_guarantee.py")

        assert answer.status_code == 200
        assert f"{case.number}.proof.json" in answer["Content-Disposition"]
        assert desk.check(answer.json(), keys=keys)[0] == 0
        assert tool.content == TOOL.read_bytes()

    def test_without_the_right_code_it_is_as_if_there_were_none(
        self, city: City, sealed_case: Make, clock: None
    ) -> None:
        case = sealed_case()
        nobody = Client().get("/verify/LY20200101-ABCDEFGH/proof/", {"code": "123456"})

        wrong = Client().get(f"/verify/{case.number}/proof/", {"code": f"{(int(case.verify_code) + 1) % 10**6:06d}"})
        none = Client().get(f"/verify/{case.number}/proof/")

        assert {nobody.status_code, wrong.status_code, none.status_code} == {404}

    def test_before_the_opening_it_goes_to_the_two_parties_only(
        self, city: City, sealed_case: Make, browser_of: BrowserOf
    ) -> None:
        case = sealed_case("bid")
        public = f"/verify/{case.number}/proof/?code={case.verify_code}"
        own = f"/archive/proofs/{case.reference}/"

        answers = {who: browser_of(getattr(city, who)).get(own).status_code for who in ALL}

        assert Client().get(public).status_code == 409
        assert answers == dict.fromkeys(ALL, 404) | {"applicant": 200, "signer": 200}
        with moved_to(city.opens_at + timedelta(minutes=1)):
            assert Client().get(public).status_code == 200
            assert browser_of(city.beneficiary).get(own).status_code == 200
            assert browser_of(city.rival).get(own).status_code == 404

    def test_an_applicant_is_not_told_what_the_house_wrote(
        self, city: City, clock: None, browser_of: BrowserOf, sealed_case: Make
    ) -> None:
        case = sealed_case()
        Entry.objects.filter(kind="guarantee.approved").get()

        told = browser_of(city.applicant).get(f"/archive/proofs/{case.reference}/").json()

        assert "guarantee.approved" not in {one["entry"]["kind"] for one in told["entries"] if "entry" in one}

    def test_a_draft_has_nothing_to_prove(self, city: City, browser_of: BrowserOf) -> None:
        assert browser_of(city.applicant).get(f"/archive/proofs/{city.draft().reference}/").status_code == 409

    def test_an_altered_row_brings_no_proof(self, city: City, sealed_case: Make, clock: None) -> None:
        from xinshu.guarantees.tests.test_verification import tampered

        case = sealed_case()
        tampered(case)

        assert Client().get(f"/verify/{case.number}/proof/", {"code": case.verify_code}).status_code == 409

    def test_pages_lead_there(self, city: City, sealed_case: Make, browser_of: BrowserOf) -> None:
        case = sealed_case()

        verdict = Client().get(f"/verify/{case.number}/", {"code": case.verify_code}).content.decode()
        detail = browser_of(city.beneficiary).get(f"/guarantees/{case.reference}/").content.decode()
        masked = Client().get(f"/verify/{case.number}/").content.decode()

        assert f"/verify/{case.number}/proof/?code={case.verify_code}" in verdict
        assert f"/archive/proofs/{case.reference}/" in detail
        assert "/proof/" not in masked


ALL = ("applicant", "signer", "beneficiary", "department", "rival", "other_department")


def test_while_something_waits_to_be_sealed_no_proof_is_made(city: City) -> None:
    case = Guarantee.objects.select_related("letter", "project", "guarantor").get(
        pk=city.in_force(sealed=True).pk
    )  # fmt: skip

    with pytest.raises(NotYet):
        proof_of(case, PUBLIC, city.at)


def test_an_end_from_before_states_were_told_is_told_when_somebody_asks(city: City, sealed_case: Make) -> None:
    case = sealed_case()
    release_guarantee(case, by=city.beneficiary, at=city.at + timedelta(hours=1), reason="竣工验收合格。")
    case = Guarantee.objects.select_related("letter", "project", "guarantor").get(pk=case.pk)
    with pytest.raises(NotYet):
        proof_of(case, PUBLIC, city.at)
    seal(city.at)

    assert proof_of(case, PUBLIC, city.at)["statement"]["state"] == "released"
    fresh(case, city)
    assert Entry.objects.filter(kind="guarantee.state_told").count() == 1
