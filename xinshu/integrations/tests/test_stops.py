"""应急处置 from one page: a user, a key, interfaces, exports are stopped, traced, reported, let go by another."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from xinshu.accounts.actions.emergency import begin_block, lift_block
from xinshu.accounts.models import Block, Member, Organisation
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.integrations.tests.conftest import System, member_of
from xinshu.ledger.models import Entry

What = Block.What
WHY = "密钥疑似泄露"


@pytest.fixture
def guardians(db: None) -> tuple[Member, Member, Member]:
    house = Organisation.objects.create(name="云州信枢运营有限公司", kind="operator")
    return member_of(house, "secadmin"), member_of(house, "sysadmin"), member_of(house, "auditor")


@pytest.mark.parametrize("what", ["key", "interfaces", "all_interfaces"])
def test_calls_are_refused_from_the_next_one_until_another_person_lifts_the_stop(
    system: System, guardians: tuple[Member, Member, Member], at: datetime, what: str
) -> None:
    first, second, _auditor = guardians
    house = system.client.organisation if what == "interfaces" else None
    before = system.get("/api/v1/me").status_code

    block = begin_block(what, house, target=system.key.code, reason=WHY, by=first, at=at)
    stopped = system.get("/api/v1/me")
    with pytest.raises(NotNow):
        begin_block(what, house, target=system.key.code, reason=WHY, by=second, at=at)
    with pytest.raises(NotPermitted):
        lift_block(block, reason="已查明", by=first, at=at)
    lift_block(block, reason="已查明", by=second, at=at)

    assert (before, stopped.status_code, system.get("/api/v1/me").status_code) == (200, 403, 200)
    assert "应急停用" in stopped.content.decode()


def test_a_user_is_out_at_once_and_in_again_when_it_is_lifted(
    principal: Member, guardians: tuple[Member, Member, Member], at: datetime
) -> None:
    first, second, auditor = guardians
    name = principal.user.username

    block = begin_block(What.USER, None, target=name.upper(), reason=WHY, by=first, at=at)
    out = Member.objects.acting().filter(pk=principal.pk).exists()
    lift_block(block, reason="已查明", by=second, at=at)

    assert (out, Member.objects.acting().filter(pk=principal.pk).exists()) == (False, True)
    for wrong, target in ((What.USER, "nobody"), (What.KEY, "xk_nothing"), (What.INTERFACES, "")):
        with pytest.raises(Invalid):
            begin_block(wrong, None, target=target, reason=WHY, by=first, at=at)
    with pytest.raises(NotPermitted):
        begin_block(What.USER, None, target=first.user.username, reason=WHY, by=first, at=at)
    with pytest.raises(NotPermitted):
        begin_block(What.USER, None, target=name, reason=WHY, by=auditor, at=at)


@pytest.mark.req("FS-82")
def test_a_leak_is_blocked_traced_and_reported_from_one_page(
    system: System,
    principal: Member,
    guardians: tuple[Member, Member, Member],
    browser_of: Callable[[Member], Client],
    at: datetime,
) -> None:
    first, second, _auditor = guardians
    system.get("/api/v1/me")
    desk = browser_of(first)
    house = principal.organisation

    for form in (
        {"what": "key", "target": system.key.code},
        {"what": "user", "target": principal.user.username},
        {"what": "interfaces", "organisation": house.name},
        {"what": "exports", "organisation": house.name},
        {"what": "all_exports"},
    ):
        assert desk.post("/emergency/", {**form, "reason": WHY}).status_code == 302, form
    wrong = desk.post("/emergency/", {"what": "key", "target": "xk_nothing", "reason": WHY})
    by_what = {block.what: block for block in Block.objects.all()}
    page = desk.get(f"/emergency/{by_what['key'].reference}/").content.decode()
    report = desk.post(f"/emergency/{by_what['key'].reference}/report/").content.decode("utf-8-sig")
    of_user = desk.post(f"/emergency/{by_what['user'].reference}/report/").content.decode("utf-8-sig")

    assert wrong.status_code == 422
    assert "GET /api/v1/me 200" in page
    assert "GET /api/v1/me 200" in report
    assert "203.0.*.*" in report  # the security administrator reads addresses covered
    assert WHY in report
    assert "确认" in of_user  # the principal confirmed the client
    told = Entry.objects.filter(kind="block.reported").order_by("pk").first()
    assert told is not None
    assert told.data["rows"] >= 1
    assert browser_of(principal).get("/emergency/").status_code == 302  # locked out
    stranger = member_of(house, "orgadmin")
    assert browser_of(stranger).get(f"/emergency/{by_what['key'].reference}/").status_code == 403
    assert browser_of(second).post(
        f"/emergency/{by_what['user'].reference}/lift/", {"reason": "已查明"}
    ).status_code == 302  # fmt: skip
