"""The demo city: never in production, never over what is there."""

import pytest
from django.core.management import CommandError, call_command

from xinshu.accounts.models import Organisation


def test_production_refuses_the_demo_city(db, settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="生产环境"):
        call_command("demo")

    assert not Organisation.objects.exists()


def test_what_is_there_is_left_alone(db):
    Organisation.objects.create(name="真实机构", kind="enterprise")

    call_command("demo", if_empty=True)
    with pytest.raises(CommandError, match="reset_demo"):
        call_command("demo")

    assert Organisation.objects.count() == 1
