"""Doors: members come in, strangers are sent to sign in, members without the permission are told so."""

from types import SimpleNamespace

import pytest
from django.http import HttpResponse

from xinshu.core.actors import SYSTEM
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import NotPermitted


@signed_in
def open_page(request, *, number=0):
    return HttpResponse(f"page {number}")


@needs("toys.review")
def guarded_page(request):
    return HttpResponse("guarded")


def request_of(rf, member, path="/toys/?tab=all"):
    request = rf.get(path)
    request.member = member
    return request


def holder(*permissions):
    return SimpleNamespace(can=lambda permission: permission in permissions)


@pytest.mark.parametrize("page", [open_page, guarded_page])
def test_strangers_are_sent_to_sign_in_and_will_return(rf, page):
    answer = page(request_of(rf, None))

    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/?next=")
    assert answer.url.endswith("/toys/%3Ftab%3Dall")


def test_a_request_that_no_middleware_has_seen_is_a_strangers(rf):
    assert open_page(rf.get("/toys/")).status_code == 302


def test_members_come_in_with_what_the_address_says(rf):
    assert open_page(request_of(rf, holder()), number=7).content == b"page 7"


def test_a_permission_opens_its_door_and_no_other(rf):
    assert guarded_page(request_of(rf, holder("toys.review"))).content == b"guarded"

    with pytest.raises(NotPermitted, match="没有查看这个页面的权限"):
        guarded_page(request_of(rf, holder("toys.other")))


def test_the_guard_keeps_the_name_of_its_view():
    assert guarded_page.__name__ == "guarded_page"


def test_the_system_has_a_name_in_the_ledger():
    assert (SYSTEM.actor_key, SYSTEM.actor_label) == ("system", "系统")
