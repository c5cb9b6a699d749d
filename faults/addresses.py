"""Every address of the site, drawn from the resolver: a new one is walked without anybody thinking of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from xinshu.accounts.lifecycle import AGREEMENT, LEVEL_TABLE, REGISTRATION, ROLE_CHANGE, USER
from xinshu.admission.lifecycle import GATE, QUESTIONNAIRE, SHEET, TAG
from xinshu.admission.lifecycle import VERSION as QUESTIONNAIRE_VERSION
from xinshu.billing.lifecycle import INVOICE, MATCH
from xinshu.certification.lifecycle import CERTIFICATION
from xinshu.claims.lifecycle import DEMAND, INJUNCTION, RECOURSE
from xinshu.claims.models import Demand
from xinshu.collecting.lifecycle import SOURCE as COLLECTING
from xinshu.credit.lifecycle import APPEAL as CREDIT_APPEAL
from xinshu.credit.lifecycle import CARD, LISTED
from xinshu.documents.lifecycle import READING
from xinshu.documents.models import File
from xinshu.enterprises.importing.lifecycle import LIFECYCLE as RECORD_IMPORT
from xinshu.exchange.lifecycle import DIFFERENCE, SUBMISSION
from xinshu.guarantees.authorities.lifecycle import LIFECYCLE as AUTHORITY
from xinshu.guarantees.batches.lifecycle import LIFECYCLE as BATCH
from xinshu.guarantees.changing import AMENDMENT, CONTRACT_CHANGE, FEE_RETURN, REDUCTION, SURRENDER
from xinshu.guarantees.favour.lifecycle import LIFECYCLE as FAVOUR
from xinshu.guarantees.lifecycle import LIFECYCLE as GUARANTEE
from xinshu.guarantees.models import ContractChange, Guarantee
from xinshu.guarantees.products.lifecycle import LIFECYCLE as PRODUCT
from xinshu.guarantees.tariffs.lifecycle import LIFECYCLE as TARIFF
from xinshu.guarantees.types.lifecycle import LIFECYCLE as TYPE
from xinshu.guarantees.types.sample import FORMS
from xinshu.guarantees.views.wizard import VIEWS
from xinshu.guarantees.wordings.lifecycle import LIFECYCLE as WORDING
from xinshu.guarantors.lifecycle import LIFECYCLE as FILING
from xinshu.guarantors.terms.lifecycle import LIFECYCLE as TERMS
from xinshu.insights.lifecycle import PROPOSAL, SEGMENT
from xinshu.integrations.lifecycle import CLIENT, SUBSCRIPTION
from xinshu.ledger.lifecycle import REDACTION, RULE
from xinshu.links.lifecycle import LINK
from xinshu.links.models import Link
from xinshu.messaging.lifecycle import MESSAGE, TEMPLATE
from xinshu.messaging.views.callbacks import callback_secret
from xinshu.portal.bulletins.lifecycle import BULLETIN
from xinshu.portal.manual import BY_SLUG
from xinshu.projects.supervision import PLAN as SUPERVISION
from xinshu.rules.lifecycle import SET as RULE_SET
from xinshu.rules.lifecycle import VERSION as RULE_VERSION
from xinshu.scoring.lifecycle import DATA, MODEL
from xinshu.scoring.lifecycle import VERSION as MODEL_VERSION
from xinshu.subscriptions.lifecycle import SUBSCRIPTION as NOTICE_SUBSCRIPTION
from xinshu.tenders.lifecycle import OPPORTUNITY
from xinshu.watch.lifecycle import ALERT, CASE
from xinshu.watch.lifecycle import RULE as WATCH_RULE
from xinshu.work.lifecycle import APPROVAL, DELEGATION, PLAN

TABLES = {  # whose acts the addresses of an app name
    "accounts": (REGISTRATION, ROLE_CHANGE, USER, AGREEMENT, LEVEL_TABLE),
    "admission": (TAG, QUESTIONNAIRE, QUESTIONNAIRE_VERSION, SHEET, GATE),
    "billing": (INVOICE, MATCH),
    "documents": (READING,),
    "certification": (CERTIFICATION,),
    "collecting": (COLLECTING,),
    "claims": (DEMAND, INJUNCTION, RECOURSE),
    "credit": (CARD, LISTED, CREDIT_APPEAL),
    "enterprises": (RECORD_IMPORT,),
    "exchange": (SUBMISSION, SUPERVISION, DIFFERENCE),
    "guarantees": (
        GUARANTEE,
        APPROVAL,
        TYPE,
        PRODUCT,
        TARIFF,
        FAVOUR,
        AMENDMENT,
        REDUCTION,
        SURRENDER,
        CONTRACT_CHANGE,
        FEE_RETURN,
        BATCH,
        WORDING,
        AUTHORITY,
    ),
    "guarantors": (FILING, TERMS),
    "insights": (SEGMENT, PROPOSAL),
    "integrations": (CLIENT, SUBSCRIPTION),
    "ledger": (RULE, REDACTION),
    "links": (LINK,),
    "messaging": (MESSAGE, TEMPLATE),
    "portal": (BULLETIN,),
    "tenders": (OPPORTUNITY,),
    "subscriptions": (NOTICE_SUBSCRIPTION,),
    "rules": (RULE_SET, RULE_VERSION),
    "scoring": (DATA, MODEL, MODEL_VERSION),
    "watch": (CASE, ALERT, WATCH_RULE),
    "work": (PLAN, APPROVAL, DELEGATION),
}
INTERFACE = "api"  # the addresses that no browser asks: test_interface.py walks them
ROWS = 3  # of each model, newest first
SHARES = 4  # of an app's acts, one a turn
FEW = 8  # models that are all asked at every turn
# What no model has a field for: the words that an argument of this name may take.
WORDS = {
    "name": list(VIEWS),
    "slug": list(BY_SLUG)[:2],
    "action": ["open", "read", "ask", "test", "mail", "confirm", "wechat", "remove-mail"],  # besides those of TABLES
    "kind": ["guarantee.approved.applicant", "digest"],
    "channel": ["sms", "mail"],
    "what": ["rules", "clearings"],
    "log": ["runs", "results", "calls"],
    "receiver": ["yz-zjj", "yz-ggzy"],
    "terms": ["service", "privacy"],
    "form": list(FORMS),
    "pattern": ["often_firm", "same_device", "event_lawsuit"],
    "item": ["licence"],
    "topic": ["award", "progress"],
    "source": ["calls", "events", "files", "messages"],
    "path": ["yunzhou/list.html"],
    "token": ["Vb3k0c7QmJp2xYtR8sLw5nZaEuHd9fGi"],  # of a link that there is not: those there are, are kept nowhere
    "secret": [callback_secret("aliyun"), callback_secret("tencent")],
}
NAMED = {  # what an argument of this name means, where it is no `reference` of the app's own
    "guarantee": Guarantee, "demand": Demand, "change": ContractChange, "file": File, "link": Link,
}  # fmt: skip
OPEN_TO_ALL = {  # the declared public pages: whatever is not in here wants a sign-in
    "portal:home", "portal:help", "portal:help_page", "portal:healthz", "portal:robots", "portal:favicon",
    "portal:announcements", "portal:announcement", "portal:announcement_file", "portal:feed",
    "accounts:sign_in", "accounts:sign_out", "accounts:register", "accounts:organisation_fields",
    "accounts:terms", "accounts:agreement", "accounts:former_agreement",
    "accounts:progress", "accounts:registration_progress", "accounts:code_sign_in", "accounts:quick",
    "accounts:recover", "accounts:second", "accounts:bind", "accounts:sandbox",
    "accounts:face", "accounts:face_sandbox",
    "guarantees:verify", "guarantees:verify_number",
    "ledger:evidence", "ledger:checkpoint", "ledger:offline",
    "links:arrive",  # by a token that only its holder has; the rest wants a visit or a sign-in
    "archive:keys", "archive:tool", "archive:public_proof",
    "web:components", "integrations:docs",
    "collecting:sandbox",  # invented platforms, in a demo only
    "operations:readyz", "operations:metrics",  # the latter tells programs on this machine only
    "messaging:from_aliyun", "messaging:from_tencent", "messaging:from_wechat",  # providers prove themselves there
    "exchange:results", "exchange:reports",  # receiving systems prove themselves by their signature
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

    def filled(self, turn: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (path, arguments) for rows that exist, whosever they are: each row once, one row with every word.

        With a `turn` one row of each model, another from turn to turn: the roles see them all between them. An address
        is asked at every other turn (`half`), so rows, acts and models go by pairs of turns: none escapes it.
        """
        values = {name: self.values_of(name, turn) for name in self.converters}
        first = {name: found[0] for name, found in values.items()}
        for chosen in product(*values.values()):
            arguments = dict(zip(self.converters, chosen, strict=True))
            if sum(arguments[name] != first[name] for name in arguments) < 2:
                yield reverse(self.name, kwargs=arguments), arguments

    def values_of(self, argument: str, turn: int | None = None) -> list[Any]:
        """Return real values of an argument: of the app's own models, else of WORDS."""
        app = self.name.partition(":")[0]
        if argument == "action" and app in TABLES:
            acts = sorted({row.action for table in TABLES[app] for row in table.rows})
            acts = acts if turn is None else acts[turn // 2 % SHARES :: SHARES]
            return [*acts, *WORDS["action"]] if app == "messaging" else acts or ["nonsense"]
        if argument in WORDS:
            return WORDS[argument]
        if app == "links" and argument in NAMED:
            return _newest(NAMED[argument], "reference", turn)
        if argument in ("first", "last"):  # the ends of a part of many: references like any other
            argument = "reference"
        if isinstance(self.converters.get(argument), IntConverter):
            return sorted({pk for model in models_of(app) for pk in _newest(model, "pk", turn)})[-2 * ROWS :]
        having = [model for model in models_of(app) if _has(model, argument)]
        if turn is not None and len(having) > FEW:
            having = having[turn // 2 % 2 :: 2]
        found = [value for model in having for value in _newest(model, argument, turn)]
        assert found, f"{self.name}: no row and no word is known for <{argument}>; faults/addresses.py wants to know"
        return found


BORROWED = {  # addresses that name rows of rooms below
    "portraits": ("enterprises",),
    "ties": ("enterprises",),
    "archive": ("guarantees",),
    "billing": ("guarantees", "books"),
    "guarantees": ("enterprises", "tenders"),
    "watch": ("enterprises",),  # a firm's page stands under the reference of its record
}


def models_of(app: str) -> list[Any]:
    own = list(apps.get_app_config(app).get_models())
    return own + [model for below in BORROWED.get(app, ()) for model in models_of(below)]


def _has(model: Any, field: str) -> bool:
    try:
        return bool(model._meta.get_field(field))
    except FieldDoesNotExist:
        return False


def _newest(model: Any, field: str, turn: int | None = None) -> list[Any]:
    rows = list(model.objects.exclude(**{field: None}).order_by("-pk").values_list(field, flat=True)[:ROWS])
    return rows if turn is None or not rows else [rows[turn // 4 % len(rows)]]


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


def half(turn: int) -> list[Address]:
    """Return the addresses that one of many askers asks in this run: every other one.

    The next asker asks those between; in the suite's run on the other database it is the other way round.
    """
    first = (turn + (connection.vendor == "postgresql")) % 2
    return ADDRESSES[first::2]
