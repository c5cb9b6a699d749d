"""The template engine: Jinja2 with gettext, the project's globals and filters, and the request at hand for macros."""

from contextvars import ContextVar
from typing import Any

import jinja2
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.middleware.csrf import get_token
from django.template.backends.jinja2 import Jinja2
from django.template.backends.jinja2 import Template as Jinja2Template
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, ngettext
from markupsafe import Markup

from xinshu.core.classification import shown
from xinshu.web import words
from xinshu.web.assets import static

_request: ContextVar[HttpRequest | None] = ContextVar("rendered_request", default=None)


class Template(Jinja2Template):
    """A template that lets macros (imported without context) reach the request it is rendered for."""

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        values: dict[str, Any] = {}
        if request is not None:
            values = {
                "request": request,
                "csrf_input": csrf_input_lazy(request),
                "csrf_token": csrf_token_lazy(request),
            }
            for processor in self.backend.template_context_processors:
                values.update(processor(request))
        # unlike Django's, what the view hands in wins over the shell: a page may be shown as of another `now`
        values.update(context or {})
        token = _request.set(request)
        try:
            return str(self.template.render(values))
        finally:
            _request.reset(token)


class Templates(Jinja2):
    """Django's Jinja2 backend over `xinshu/<app>/templates/<app>/*.html`."""

    app_dirname = "templates"

    def __init__(self, params: dict[str, Any]) -> None:
        params["OPTIONS"].setdefault("auto_reload", False)
        super().__init__(params)

    def from_string(self, template_code: str) -> Template:
        return Template(self.env.from_string(template_code), self)

    def get_template(self, template_name: str) -> Template:
        found = super().get_template(template_name)
        return Template(found.template, self)


class Loud(jinja2.Undefined):
    """In tests a name that nobody handed in may be asked about, but not printed."""

    def __str__(self) -> str:
        return str(self._fail_with_undefined_error())


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of the page `name`. Raises NoReverseMatch."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def address(name: str, *args: Any) -> str:
    """Return the address of the page `name`, or "" where this installation has no such page."""
    try:
        return reverse(name, args=args or None)
    except NoReverseMatch:
        return ""


def query(**changes: Any) -> str:
    """Return this page's query string with `changes` applied; None drops a key, all but `page` start at page 1."""
    request = _request.get()
    values = request.GET.copy() if request is not None else QueryDict(mutable=True)
    if "page" not in changes:
        values.pop("page", None)
    for key, value in changes.items():
        if value is None:
            values.pop(key, None)
        else:
            values[key] = str(value)
    return "?" + values.urlencode()


def asked(key: str) -> str:
    """Return what this page's query string says for `key`, or ""."""
    request = _request.get()
    return request.GET.get(key, "") if request is not None else ""


def seen(value: Any, field: str) -> Any:
    """Return `value` of the classified field "app.Model.field" as the reader of this page may see it."""
    request = _request.get()
    told = shown(field, value, getattr(request, "member", None))
    return words.NOTHING if told in (None, "") else told


def csrf_field() -> Markup:
    """Return the hidden input that every POST form carries."""
    request = _request.get()
    if request is None:
        return Markup("")
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request))


def environment(**options: Any) -> jinja2.Environment:
    """Build the one environment of this process. In tests, printing an undefined name is an error."""
    if settings.TESTING:
        options["undefined"] = Loud
    made = jinja2.Environment(  # noqa: S701 -- Django's backend hands in autoescape=True
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        **options,
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        url=url,
        address=address,
        static=static,
        query=query,
        asked=asked,
        csrf_field=csrf_field,
        time_left=words.time_left,
        days_left=words.days_left,
        work_left=words.work_left,
    )
    made.filters.update(
        yuan=words.yuan,
        wan=words.wan,
        capitals=words.capitals,
        day=words.day,
        moment=words.moment,
        stamp=words.stamp,
        seen=seen,
        mask_uscc=words.mask_uscc,
        mask_phone=words.mask_phone,
        mask_name=words.mask_name,
    )
    return made
