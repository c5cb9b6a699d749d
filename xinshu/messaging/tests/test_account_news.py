"""Stories of what a person is told about the own account."""

import pytest
from django.db import transaction

from xinshu.core.actors import SYSTEM
from xinshu.ledger.recording import record
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice


@pytest.mark.django_db
def test_a_person_hears_of_a_new_device_and_of_an_old_password_once(clerk, at):
    with transaction.atomic():
        record("account.new_device", clerk, by=clerk, at=at, device="Firefox · Linux", address="192.0.2.9")
        record("account.password_ageing", clerk, by=SYSTEM, at=at, expires="2026-11-28", on="2026-11-21")

    drain(at=at)
    drain(at=at)

    told = list(Notice.objects.filter(member=clerk).order_by("pk").values_list("text", "link"))
    assert [link for _text, link in told] == ["/account/", "/account/"]
    assert "Firefox · Linux，192.0.2.9" in told[0][0]
    assert "2026-11-28" in told[1][0]
