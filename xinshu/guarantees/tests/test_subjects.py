"""我的主体: one user, several firms and the person; tags, authorisations and progress of each; switching."""

import pytest
from django.test import Client

from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Member, Organisation
from xinshu.guarantees.tests.city import City


@pytest.mark.req("CS-46")
def test_a_person_sees_every_subject_with_what_is_under_way_there_and_switches(city: City) -> None:
    case = city.draft(amount=1_000_000)
    here = city.applicant
    own = Organisation.objects.create(name="个人名义", kind="person")
    person = Member.objects.create(user=here.user, organisation=own, roles=["applicant"])
    client = Client()
    client.force_login(here.user)
    session = client.session
    session[CHOSEN] = here.pk
    session.save()

    page = client.get("/switch/").content.decode()
    switched = client.post("/switch/", {"member": person.pk})
    after = client.get("/switch/").content.decode()

    assert page.rindex(here.organisation.name) < page.rindex("个人名义")
    for words in ("当前主体", "企业", "自然人", "企业经办", "在办保函", "等我办理", "保函台账与工程项目·申请"):
        assert words in page, words
    assert "1 笔" in page
    assert "0 笔" in page
    assert (switched.status_code, client.session[CHOSEN]) == (302, person.pk)
    assert (f'value="{here.pk}"' in after, f'value="{person.pk}"' in after) == (True, False)
    assert client.get(f"/guarantees/{case.reference}/").status_code == 404  # the firm's case is not the person's
