"""The demo city's ties: a firm with a holding above it and works below, customers who guarantee each other."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.demo import ENTERPRISE, GUARANTOR, REGION
from xinshu.accounts.models import Organisation
from xinshu.core import uscc
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.rules.sources.asking import ask_source
from xinshu.rules.sources.sandbox import FINE, SandboxSource
from xinshu.ties.actions import Facts, Other, take_answer, tell_tie
from xinshu.ties.models import Node, Tie
from xinshu.ties.nodes import firm_node, node_of
from xinshu.ties.register import SOURCE, told_in

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
HUACHUAN, YUANTUO, QINGHE = "云州华川建筑工程有限公司", "云州远拓机电安装有限公司", "云州青禾园林景观有限公司"
WAN = 10_000_00


def _code(body: str) -> str:
    code = f"91{REGION}{body}{uscc.organisation_check_digit(body)}"
    return code + uscc.check_digit(code)


HOLDING, ASPHALT, UPKEEP = (
    ("云州恒达控股有限公司", _code("MADEM081")),
    ("云州恒达沥青材料有限公司", _code("MADEM082")),
    ("石桥恒达公路养护有限公司", _code("MADEM083")),
)
LIUHENG, LIUJIANGUO, ZHOUMIN = (
    {"person": "SBD001", "name": "刘恒"}, {"person": "SBD002", "name": "刘建国"}, {"person": "SBD003", "name": "周敏"},
)  # fmt: skip


def create_demo_ties(at: datetime) -> None:
    """Let the register have answered about two firms, and account managers have entered what papers say."""
    firm = Organisation.objects.get(name=ENTERPRISE)
    own, holding = node_of(firm), firm_node(*HOLDING)
    above = {"code": HOLDING[1], "name": HOLDING[0]}
    _answered(own, firm, at, [(LIUHENG, 3_500), (above, 6_500)], [(LIUHENG, "法定代表人"), (ZHOUMIN, "监事")])
    _answered(holding, firm, at, [(LIUHENG, 8_000), (LIUJIANGUO, 2_000)], [(LIUJIANGUO, "执行董事")])
    since = local_day(at) - timedelta(days=700)
    surety = Facts(Tie.Kind.GUARANTEES, amount=600 * WAN, valid_from=since)
    rows: tuple[tuple[str, Other, Facts, bool, str], ...] = (
        # whose record  the other end                        what it says                    from it  paper
        (ENTERPRISE, Other(firm_name=ASPHALT[0], firm_code=ASPHALT[1]),
         Facts(Tie.Kind.OWNS, share=10_000, valid_from=since), False, "公司章程"),
        (ENTERPRISE, Other(firm_name=UPKEEP[0], firm_code=UPKEEP[1]),
         Facts(Tie.Kind.OWNS, share=4_000, valid_from=since), False, "出资协议"),
        (ENTERPRISE, Other(node=_node(HUACHUAN)), surety, False, "最高额保证合同 2025-018"),
        (QINGHE, Other(node=holding), Facts(Tie.Kind.OWNS, share=3_000, valid_from=since), True, "增资协议"),
        (HUACHUAN, Other(node=_node(YUANTUO)), surety, False, "最高额保证合同 2025-021"),
        (YUANTUO, Other(node=_node(QINGHE)), surety, False, "最高额保证合同 2025-022"),
        (QINGHE, Other(node=_node(HUACHUAN)), surety, False, "最高额保证合同 2025-027"),
    )  # fmt: skip
    for name, other, facts, from_other, paper in rows:
        upload: Any = SimpleUploadedFile(f"{paper}（演示）.pdf", PAPER)
        relation = Relation.objects.filter(enterprise__organisation__name=name, guarantor__name=GUARANTOR).first()
        if relation is None:
            continue
        enterprise = Enterprise.objects.select_related("organisation").get(pk=relation.enterprise_id)
        tell_tie(
            enterprise, other, facts, from_other=from_other, upload=upload,
            label=paper, by=relation.manager, at=at - timedelta(days=9),
        )  # fmt: skip


def _node(name: str) -> Node:
    return node_of(Organisation.objects.get(name=name))


def _answered(
    node: Node, owner: Organisation, at: datetime, owners: list[tuple[dict[str, str], int]],
    people: list[tuple[dict[str, str], str]],
) -> None:  # fmt: skip
    """Let the sandbox of the register answer about a firm what the demo wants it to say."""
    since = (local_day(at) - timedelta(days=1_500)).isoformat()
    values: dict[str, Any] = {
        "owners": [{**who, "share": share, "since": since} for who, share in owners],
        "people": [{**who, "role": role, "since": since} for who, role in people],
    }

    def draw(_number: int, _on: date) -> dict[str, Any]:
        return values

    source = SandboxSource(
        SOURCE.code, lazy("股权与任职（沙箱）"), SOURCE.facts, draw, lambda _key, _at: FINE, SOURCE.fresh_for
    )
    then = at - timedelta(days=20)
    call = ask_source(source, node.code, owner=owner, at=then)
    take_answer(node, call, told_in(call), by=SYSTEM, at=then)
