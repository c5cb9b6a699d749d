"""Stories of the data folder: who may use it at once, and that nothing but a demo is ever erased."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from xinshu.accounts.models import Member, Organisation, User
from xinshu.config import preparing
from xinshu.config.preparing import demo_accounts, erase, held
from xinshu.operations.folded import migrations, stopped_half_way

pytest.importorskip("fcntl")


def test_a_folder_in_use_cannot_be_reset_and_the_reason_names_it(tmp_path: Path) -> None:
    lock = tmp_path / "running.lock"

    with held(lock, shared=True), pytest.raises(CommandError, match="Nothing was changed") as refusal, held(lock):
        pass

    assert str(tmp_path) in str(refusal.value)


def test_several_may_run_in_one_folder_and_leave_it_free(tmp_path: Path) -> None:
    lock = tmp_path / "running.lock"

    with held(lock, shared=True), held(lock, shared=True):
        pass

    with held(lock):
        pass


def test_outside_a_demo_nothing_is_erased(settings: LazySettings, tmp_path: Path) -> None:
    settings.DEMO = False
    settings.FILES_ROOT = tmp_path / "files"
    settings.FILES_ROOT.mkdir()

    with pytest.raises(CommandError):
        call_command("reset_demo")
    with pytest.raises(CommandError):
        erase()

    assert settings.FILES_ROOT.is_dir()


def test_a_database_that_stands_half_way_before_the_fold_is_told_so_and_left_alone(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA = tmp_path
    name, replaced = next((name, replaced) for name, replaced in sorted(migrations().items()) if len(replaced) > 1)
    monkeypatch.setattr(preparing, "applied_here", lambda: {min(replaced)})

    with pytest.raises(CommandError, match="Nothing was changed") as refusal:
        preparing.prepare(print)

    assert name in str(refusal.value)
    assert stopped_half_way(replaced) == stopped_half_way({name}) == stopped_half_way([]) == []


@pytest.mark.django_db
def test_accounts_are_shown_in_the_order_of_a_case_and_only_those_that_can_sign_in() -> None:
    guarantor = Organisation.objects.create(name="云州融信融资担保有限公司", kind=Organisation.Kind.GUARANTOR)
    for role, active in (("signer", True), ("manager", True), ("reviewer", False)):
        user = User.objects.create(username=role, name=role, is_active=active)
        Member.objects.create(user=user, organisation=guarantor, roles=[role])

    accounts = demo_accounts()

    assert accounts == [
        ("manager", "客户经理", "云州融信融资担保有限公司"),
        ("signer", "签发人", "云州融信融资担保有限公司"),
    ]
