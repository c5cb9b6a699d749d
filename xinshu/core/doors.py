"""Guards for pages: who may come in. `request.member` is set by accounts.middleware; None for a stranger."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from xinshu.core.refusals import NotPermitted

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Let members in; send strangers to the sign-in page, from which they return."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "member", None) is None:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def needs(*permissions: str) -> Callable[[View], View]:
    """Let in members who hold one of `permissions`. Raises NotPermitted for other members."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.member.can(permission) for permission in permissions):  # type: ignore[attr-defined]
                raise NotPermitted(_("您没有查看这个页面的权限。"), advice=_("需要查看的，请联系本机构管理员开通。"))
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return guard
