"""Stories: dossiers are sealed by themselves and on demand, hold everything, and are checked by the script alone."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from xinshu.archive.bundles import bundle_of, readable
from xinshu.archive.dossiers import ask_for_dossier, seal_dossier
from xinshu.archive.keys import published_keys
from xinshu.archive.models import Dossier
from xinshu.archive.sides import APPLICANT, GUARANTOR, OUTER
from xinshu.archive.tests.conftest import fresh
from xinshu.core.clock import moment
from xinshu.core.refusals import NotNow
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.guarantees import materials
from xinshu.guarantees.actions.application import attach_file, submit_application
from xinshu.guarantees.actions.ending import expire_guarantee, release_guarantee
from xinshu.guarantees.materials import Material
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
Make = Callable[..., Guarantee]
TOOL = Path(settings.BASE_DIR) / "tools" / "verify_guarantee.py"


def archived(case: Guarantee, city: City) -> Dossier:
    """Release, let the worker seal ledger and dossier in turn, return the dossier."""
    release_guarantee(case, by=city.beneficiary, at=city.at + timedelta(hours=1), reason="竣工验收合格。")
    settle(case, city)
    return Dossier.objects.standing().select_related("guarantee__project").get(guarantee=case)


def settle(case: Guarantee, city: City) -> None:
    from xinshu.ledger.models import Delivery

    for _round in range(4):  # sealing and reactions wait for each other, as in the worker
        fresh(case, city)
        Delivery.objects.filter(state="waiting").update(due_at=city.at)


def verified(content: bytes, folder: Path) -> tuple[int, str]:
    (folder / "x.zip").write_bytes(content)
    (folder / "keys.json").write_text(json.dumps(published_keys()))
    done = subprocess.run(
        [sys.executable, "-I", str(TOOL), "--dossier", "x.zip", "--keys", "keys.json"],
        cwd=folder, capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return done.returncode, done.stdout.decode()


def without(content: bytes, name: str) -> bytes:
    return changed(content, {name: None})


def changed(content: bytes, files: dict[str, bytes | None]) -> bytes:
    """Return a ZIP with some files replaced, added or (None) left out."""
    out, old = io.BytesIO(), zipfile.ZipFile(io.BytesIO(content))
    kept = {name: old.read(name) for name in old.namelist()} | files
    with zipfile.ZipFile(out, "w") as box:
        for name, data in kept.items():
            if data is not None:
                box.writestr(name, data)
    return out.getvalue()


@pytest.mark.req("EP-19")
def test_a_guarantee_that_ends_is_archived_by_itself_with_all_its_material(
    city: City, sealed_case: Make, tmp_path: Path
) -> None:
    project = city.project()
    draft = city.draft(project=project)
    paper = keep_file(PDF, "中标通知书.pdf", draft.applicant, city.applicant, city.at, subject=draft)
    draft = attach_file(draft, paper, "中标通知书", by=city.applicant, at=city.at)
    case = _through(submit_application(draft, by=city.applicant, at=city.at), city)

    dossier = archived(case, city)

    assert (dossier.cause, dossier.number, dossier.state_then) == ("ended", 1, "released")
    assert str(dossier.retain_until) == "2056-12-31"
    paths = {item.path for item in readable(dossier, GUARANTOR)}
    assert {"proof.json", "application.json", "findings.json", "payments.json"} <= paths
    assert {f"letter/{case.number}.pdf", "files/01-中标通知书.pdf"} <= paths
    sealed = Entry.objects.get(kind="archive.sealed")
    assert (sealed.pk, sealed.data["manifest"]) == (dossier.entry_number, dossier.manifest_sm3)
    code, told = verified(bundle_of(dossier, GUARANTOR), tmp_path)
    assert code == 0, told
    assert told.count("✓ 通过") == 11
    assert "封存记录在总账里" in told


def _through(case: Guarantee, city: City) -> Guarantee:
    from xinshu.guarantees.actions.approval import review_automatically
    from xinshu.guarantees.actions.issuance import issue_guarantee
    from xinshu.guarantees.actions.payment import confirm_payment, request_payment
    from xinshu.guarantees.models import PARTIES
    from xinshu.guarantees.sealed.issued import send_letter

    case = review_automatically(case, at=city.at)
    payment = request_payment(case, channel="sandbox", account="6000-0001", by=city.applicant, at=city.at)
    case = confirm_payment(payment, receipt="SBX-1", at=city.at)
    case = issue_guarantee(case, by=city.signer, at=city.at)
    case = Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=case.pk)
    return fresh(send_letter(case, at=city.at), city)


def test_an_expired_one_too_and_the_years_count_from_the_end_of_its_year(city: City, sealed_case: Make) -> None:
    case = sealed_case()
    on = case.expires_on + timedelta(days=1)
    expire_guarantee(case, on=on, at=moment(on, 0, 5))
    settle(case, city)

    dossier = Dossier.objects.get(guarantee=case)

    assert (dossier.state_then, dossier.retain_until.year) == ("expired", on.year + 30)


def test_every_side_has_its_own_view_under_one_signature(city: City, sealed_case: Make, tmp_path: Path) -> None:
    case = sealed_case()
    dossier = archived(case, city)

    paths = {side: {item.path for item in readable(dossier, side)} for side in (GUARANTOR, APPLICANT, OUTER)}
    outer = bundle_of(dossier, OUTER)

    assert paths[OUTER] == {"proof.json", f"letter/{case.number}.pdf"}
    assert "findings.json" in paths[APPLICANT]
    assert set(zipfile.ZipFile(io.BytesIO(outer)).namelist()) == {
        "manifest.json", "README.txt", "evidence.json", *paths[OUTER],
    }  # fmt: skip
    assert b"findings" not in zipfile.ZipFile(io.BytesIO(outer)).read("manifest.json")
    code, told = verified(outer, tmp_path)
    assert code == 0, told
    assert "不向您公开" in told


class TestTampering:
    """What somebody may do to a bundle on the way."""

    @pytest.fixture
    def content(self, city: City, sealed_case: Make) -> bytes:
        return bundle_of(archived(sealed_case(), city), GUARANTOR)

    def test_every_way_of_changing_the_bundle_is_found(self, content: bytes, tmp_path: Path) -> None:
        box = zipfile.ZipFile(io.BytesIO(content))
        manifest = json.loads(box.read("manifest.json"))
        fewer = manifest | {"items": manifest["items"][:-1]}
        later = manifest | {"header": manifest["header"] | {"state": "in_force"}}
        ways = {
            "a file with one more byte": changed(content, {"application.json": box.read("application.json") + b" "}),
            "a file left out": without(content, "application.json"),
            "a file added": changed(content, {"extra.txt": b"x"}),
            "a row left out": changed(content, {"manifest.json": json.dumps(fewer).encode()}),
            "another state": changed(content, {"manifest.json": json.dumps(later).encode()}),
        }

        told = {way: verified(made, tmp_path) for way, made in ways.items()}

        assert {way: code for way, (code, _text) in told.items()} == dict.fromkeys(ways, 1)
        assert "缺少 application.json" in told["a file left out"][1]
        assert "多出了目录里没有的文件：extra.txt" in told["a file added"][1]

    def test_what_is_no_bundle_is_not_read(self, tmp_path: Path) -> None:
        assert verified(b"PK nonsense", tmp_path)[0] == 2


def test_on_demand_it_is_sealed_as_of_now_and_later_versions_name_the_earlier(city: City, sealed_case: Make) -> None:
    case = sealed_case()
    ask_for_dossier(case, cause="asked", by=city.signer, at=city.at)
    again = ask_for_dossier(case, cause="asked", by=city.signer, at=city.at)  # pressed twice: one in the making
    settle(case, city)
    last = archived(case, city)

    first = Dossier.objects.get(pk=again.pk)

    assert (first.state_then, first.latest, first.retain_until) == ("in_force", False, None)
    assert (last.number, last.header["previous"], last.latest) == (2, first.manifest_sm3, True)


def test_sealing_twice_changes_nothing(city: City, sealed_case: Make) -> None:
    dossier = archived(sealed_case(), city)

    again = seal_dossier(dossier, city.at + timedelta(days=1))

    assert (again.manifest_sm3, again.items.count()) == (dossier.manifest_sm3, dossier.count)
    assert Entry.objects.filter(kind="archive.sealed").count() == 1


def test_an_application_is_no_guarantee_yet(city: City) -> None:
    with pytest.raises(NotNow):
        ask_for_dossier(city.to_issue(), cause="asked", by=city.signer, at=city.at)


def test_rooms_above_lay_their_papers_in(city: City, sealed_case: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def claims(guarantee: Guarantee, at: object) -> list[Material]:
        return [Material("claims/1.json", "索赔单据", b"{}", None, ("guarantor", "applicant", "outer"))]

    monkeypatch.setattr(materials, "MAKERS", [claims])
    monkeypatch.setattr("xinshu.archive.materials.MAKERS", [claims])

    dossier = archived(sealed_case(), city)

    assert "claims/1.json" in {item.path for item in readable(dossier, OUTER)}


def test_two_papers_of_one_path_are_a_mistake_of_ours(
    city: City, sealed_case: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "xinshu.archive.materials.MAKERS", [lambda case, at: [Material("application.json", "同名", b"{}")]]
    )
    case = sealed_case()

    with pytest.raises(ValueError, match="two files of one path"):
        seal_dossier(ask_for_dossier(case, cause="asked", by=city.signer, at=city.at), city.at)
