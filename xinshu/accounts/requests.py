"""What a request looks like behind MemberMiddleware, for the types of views."""

from typing import cast

from django.http import HttpRequest

from xinshu.accounts.models import Member


class AnyRequest(HttpRequest):
    """A request to an open page: from a member, or from a stranger."""

    member: Member | None


class MemberRequest(HttpRequest):
    """A request to a page behind `signed_in` or `needs`."""

    member: Member


def member_of(request: HttpRequest) -> Member:
    """Return who asks; a guard has let them in."""
    return cast(MemberRequest, request).member
