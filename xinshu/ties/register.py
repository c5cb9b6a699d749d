"""The business register as a data source: who owns a firm, who runs it. A sandbox until somebody signs a contract.

The sandbox draws owners and people from the credit code, through the one Protocol of `rules`: it fails, is late, and
answers twice as the others do. A register knows persons by ids of its own: the same id is the same person.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as lazy

from xinshu.core import uscc
from xinshu.rules.models import SourceCall
from xinshu.rules.sources.protocol import DataSource, register_source
from xinshu.rules.sources.sandbox import SandboxSource
from xinshu.ties.actions import Facts
from xinshu.ties.models import Node, Tie
from xinshu.ties.nodes import Person, firm_node, person_node

SURNAMES, GIVEN = "陈林周吴郑孙刘何高罗", ("思远", "晓芸", "建国", "秀英", "志强", "雨桐", "文博", "静怡")
HOLDINGS = ("云州长汇投资有限公司", "云州新瑞控股有限公司", "云州汇川产业投资有限公司")


def drawn_values(number: int, today: date) -> dict[str, Any]:
    """Draw owners (basis points) and people of a firm; the owners hold the whole."""
    since = (today - timedelta(days=200 + number % 3_000)).isoformat()
    first, second = number // 7 % 60, number // 11 % 60 + 60
    held = 5_100 + number // 13 % 30 * 100
    owners = [
        {"person": f"SB{first:04}", "name": _name(first), "share": held, "since": since},
        {"person": f"SB{second:04}", "name": _name(second), "share": 10_000 - held, "since": since},
    ]
    if number // 17 % 3 == 0:
        holding = number // 19 % len(HOLDINGS)
        owners[1] = {"code": _code(holding), "name": HOLDINGS[holding], "share": 10_000 - held, "since": since}
    people = [
        {"person": f"SB{first:04}", "name": _name(first), "role": "法定代表人", "since": since},
        {"person": f"SB{second:04}", "name": _name(second), "role": "监事", "since": since},
    ]
    return {"owners": owners, "people": people}


def _name(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number // len(SURNAMES) % len(GIVEN)]


def _code(number: int) -> str:
    body = f"MASBX{number:03}"
    code = f"91990100{body}{uscc.organisation_check_digit(body)}"
    return code + uscc.check_digit(code)


SOURCE: DataSource = register_source(
    SandboxSource(
        "sandbox_ties", lazy("股权与任职（沙箱）"), ("owners", "people"), drawn_values, fresh_for=timedelta(hours=1)
    )
)


def told_in(call: SourceCall) -> Iterator[tuple[Node, Facts]]:
    """Yield what an answer says, each with the node that it is about; what cannot be read is left out."""
    for said in call.answer.get("owners", ()):
        share = said.get("share")
        if isinstance(share, int) and 1 <= share <= 10_000 and (node := _node(said)) is not None:
            yield node, Facts(Tie.Kind.OWNS, share=share, valid_from=_since(said, call))
    for said in call.answer.get("people", ()):
        if said.get("role") and (node := _node(said)) is not None and node.kind == Node.Kind.PERSON:
            yield node, Facts(Tie.Kind.RUNS, role=str(said["role"]), valid_from=_since(said, call))


def _node(said: dict[str, Any]) -> Node | None:
    if said.get("person"):
        return person_node(Person(str(said.get("name", "")), register_id=str(said["person"])))
    code = uscc.normalise(str(said.get("code", "")))
    return None if uscc.problems(code) else firm_node(str(said.get("name", "")), code)


def _since(said: dict[str, Any], call: SourceCall) -> date:
    try:
        return date.fromisoformat(str(said.get("since", "")))
    except ValueError:
        return date.fromisoformat(call.as_of[:10]) if call.as_of else call.at.date()
