"""Every address of the site, drawn from the resolver: a new one is walked without anybody thinking of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from xinshu.accounts.lifecycle import AGREEMENT, REGISTRATION, ROLE_CHANGE, USER
from xinshu.guarantees.lifecycle import LIFECYCLE as GUARANTEE
from xinshu.guarantees.views.wizard import VIEWS
from xinshu.integrations.lifecycle import CLIENT, SUBSCRIPTION
from xinshu.ledger.lifecycle import REDACTION, RULE
from xinshu.messaging.lifecycle import MESSAGE, TEMPLATE
from xinshu.messaging.views.callbacks import callback_secret
from xinshu.portal.manual import BY_SLUG
from xinshu.work.lifecycle import APPROVAL, DELEGATION, PLAN

TABLES = {  # whose acts the addresses of an app name
    "accounts": (REGISTRATION, ROLE_CHANGE, USER, AGREEMENT),
    "guarantees": (GUARANTEE, APPROVAL),
    "integrations": (CLIENT, SUBSCRIPTION),
    "ledger": (RULE, REDACTION),
    "messaging": (MESSAGE, TEMPLATE),
    "work": (PLAN, APPROVAL, DELEGATION),
}
INTERFACE = "api"  # the addresses that no browser asks: test_interface.py walks them
ROWS = 3  # of each model, newest first
# What no model has a field for: the words that an argument of this name may take.
WORDS = {
    "name": list(VIEWS),
    "slug": list(BY_SLUG)[:2],
    "action": ["open", "read", "ask", "test", "mail", "confirm", "wechat", "remove-mail"],  # besides those of TABLES
    "kind": ["guarantee.approved.applicant", "digest"],
    "channel": ["sms", "mail"],
    "what": ["rules", "clearings"],
    "terms": ["service", "privacy"],
    "secret": [callback_secret("aliyun"), callback_secret("tencent")],
}
OPEN_TO_ALL = {  # the declared public pages: whatever is not in here wants a sign-in
    "portal:home", "portal:help", "portal:help_page", "portal:healthz", "portal:robots", "portal:favicon",
    "accounts:sign_in", "accounts:sign_out", "accounts:register", "accounts:organisation_fields",
    "accounts:terms", "accounts:agreement", "accounts:former_agreement",
    "accounts:progress", "accounts:registration_progress", "accounts:code_sign_in", "accounts:quick",
    "accounts:recover", "accounts:second", "accounts:bind", "accounts:sandbox",
    "guarantees:verify", "guarantees:verify_number",
    "ledger:evidence", "ledger:checkpoint", "ledger:offline",
    "web:components", "integrations:docs",
    "operations:readyz", "operations:metrics",  # the latter tells programs on this machine only
    "messaging:from_aliyun", "messaging:from_tencent", "messaging:from_wechat",  # providers prove themselves there
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver."""

    name: str
    converters: dict[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def rows_named(self) -> list[str]:
        """The arguments that name a row of some model, as opposed to a word."""
        return [name for name in self.converters if name not in WORDS]

    def filled(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (path, arguments) for rows that exist, whosever they are: each row once, one row with every word."""
        values = {name: self.values_of(name) for name in self.converters}
        first = {name: found[0] for name, found in values.items()}
        for chosen in product(*values.values()):
            arguments = dict(zip(self.converters, chosen, strict=True))
            if sum(arguments[name] != first[name] for name in arguments) < 2:
                yield reverse(self.name, kwargs=arguments), arguments

    def values_of(self, argument: str) -> list[Any]:
        """Return real values of an argument: of the app's own models, else of WORDS."""
        app = self.name.partition(":")[0]
        if argument == "action" and app in TABLES:
            acts = sorted({row.action for table in TABLES[app] for row in table.rows})
            return [*acts, *WORDS["action"]] if app == "messaging" else acts
        if argument in WORDS:
            return WORDS[argument]
        if isinstance(self.converters[argument], IntConverter):
            return sorted({pk for model in models_of(app) for pk in _newest(model, "pk")})[-2 * ROWS :]
        found = [value for model in models_of(app) if _has(model, argument) for value in _newest(model, argument)]
        assert found, f"{self.name}: no row and no word is known for <{argument}>; faults/addresses.py wants to know"
        return found


def models_of(app: str) -> list[Any]:
    return list(apps.get_app_config(app).get_models())


def _has(model: Any, field: str) -> bool:
    try:
        return bool(model._meta.get_field(field))
    except FieldDoesNotExist:
        return False


def _newest(model: Any, field: str) -> list[Any]:
    return list(model.objects.exclude(**{field: None}).order_by("-pk").values_list(field, flat=True)[:ROWS])


def all_addresses() -> list[Address]:
    """Return every pattern that the resolver knows, in its order."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, namespace: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry} has no name"
            yield Address(f"{namespace}{entry.name}", entry.pattern.converters)


ADDRESSES = [address for address in all_addresses() if not address.name.startswith(f"{INTERFACE}:")]
