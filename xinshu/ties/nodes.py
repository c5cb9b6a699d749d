"""Who is who: a firm by its credit code, a person by the register's id or by the number of its card, never by name."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from xinshu.accounts.models import Organisation
from xinshu.core import masking, resident_id, uscc
from xinshu.core.cases import random_code
from xinshu.core.composed import composed
from xinshu.core.sm import hmac_sm3
from xinshu.ties.models import Node


@dataclass(frozen=True)
class Person:
    """A person as told: by the register's id, or by the number of the card, or by name alone (then nobody else's)."""

    name: str
    register_id: str = ""
    number: str = ""  # 公民身份号码, normalised; only its digest and its ends are kept


def key_of(organisation: Organisation) -> str:
    """Return the key of an organisation's node."""
    if organisation.kind == Organisation.Kind.PERSON:
        return f"person:org-{organisation.pk}"
    return f"firm:{organisation.uscc or f'org-{organisation.pk}'}"


def node_of(organisation: Organisation) -> Node:
    """Return the node of an organisation, begun or bound to it now."""
    kind = Node.Kind.PERSON if organisation.kind == Organisation.Kind.PERSON else Node.Kind.FIRM
    node, _new = Node.objects.get_or_create(
        key=key_of(organisation), defaults={"kind": kind, "name": organisation.name, "organisation": organisation}
    )
    if node.organisation_id is None:
        node.organisation, node.name = organisation, organisation.name
        node.save(update_fields=["organisation", "name"])
    return node


def found_node(organisation: Organisation) -> Node | None:
    """Return the node of an organisation; None where nothing was ever told of it."""
    return _by_key.first(key_of(organisation))


@composed
def _by_key(key: str) -> QuerySet[Node]:
    return Node.objects.filter(key=key)


def firm_node(name: str, code: str) -> Node:
    """Return the node of a firm by its credit code, begun now where there is none."""
    code = uscc.normalise(code)
    here = Organisation.objects.filter(uscc=code).first()
    if here is not None:
        return node_of(here)
    node, _new = Node.objects.get_or_create(
        key=f"firm:{code}", defaults={"kind": Node.Kind.FIRM, "name": " ".join(name.split())[:120]}
    )
    return node


def person_node(person: Person) -> Node:
    """Return the node of a person, begun now where there is none."""
    if person.register_id:
        key = f"person:register-{person.register_id[:60]}"
    elif person.number:
        key = f"person:card-{_digest(person.number)}"
    else:
        key = f"person:alone-{random_code(16)}"
    masked = masking.id_number(person.number) if person.number else ""
    node, _new = Node.objects.get_or_create(
        key=key, defaults={"kind": Node.Kind.PERSON, "name": person.name.strip()[:120], "card_masked": masked}
    )
    return node


def _digest(number: str) -> str:
    """Return the keyed digest under which a card number is compared: nobody reads it back."""
    number = resident_id.normalise(number)
    return hmac_sm3(bytes.fromhex(settings.LEDGER_KEY), f"ties:card:{number}".encode()).hex()
