"""A guarantor, a firm, one member each; a storage folder of its own; a letter, sealed and kept."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from xinshu.accounts.models import Member, Organisation, User
from xinshu.documents.letters import render
from xinshu.documents.sealing import keep_sealed, seal
from xinshu.documents.templates import SAMPLE, default_source

PDF = b"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\nstartxref\n9\n%%EOF\n"


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


@pytest.fixture
def guarantor(db) -> Organisation:
    return Organisation.objects.create(name="云州融信融资担保有限公司", kind="guarantor", uscc="91530100MA6K00001X")


@pytest.fixture
def firm(db) -> Organisation:
    return Organisation.objects.create(name="云州恒达路桥工程有限公司", kind="enterprise")


def _member(username: str, organisation: Organisation, *roles: str) -> Member:
    user = User.objects.create(username=username, name=username)
    return Member.objects.create(user=user, organisation=organisation, roles=list(roles))


@pytest.fixture
def manager(guarantor) -> Member:
    return _member("manager", guarantor, "manager")


@pytest.fixture
def clerk(firm) -> Member:
    return _member("clerk", firm, "applicant")


@pytest.fixture(scope="session")
def version() -> SimpleNamespace:
    return SimpleNamespace(source=default_source("performance_accessory"))


@pytest.fixture
def values() -> dict:
    return SAMPLE | {"draft": False, "number": "YZLY2026-7K4M2Q9R"}


@pytest.fixture
def letter(version, values) -> bytes:
    return render(version, values)


@pytest.fixture
def kept(letter, guarantor, at):
    """A sealed letter that the platform keeps."""
    return keep_sealed(seal(letter, guarantor, at=at), name="履约保函.pdf", subject=None, at=at)
