"""The demo city's own letters: the guarantor's text for performance guarantees in use, one for bids being written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.letters.texts import standard
from xinshu.guarantees.wordings.actions import activate_wording, check_wording, draft_wording

OURS = "{保证人}的客户服务部负责受理索赔，地址以我方在信枢平台登记的为准。"
CLOSER = "贵方对{项目}（编号：{编号}）的索赔，可以委托代理人办理，代理人应同时提交授权书。"


def live_wordings(city: Any) -> None:
    """Leave one text in use that one person wrote and another activated, and a draft. `city` is demo.City."""
    begun = city.at - timedelta(days=20)
    for kind, more in (("performance", OURS), ("bid", CLOSER)):
        text = standard(KINDS[kind], city.reviewer.organisation.kind)
        text = replace(text, paragraphs=(*text.paragraphs[:-1], more, text.paragraphs[-1]))
        wording = draft_wording(kind, "accessory", text, by=city.reviewer, at=begun)
        if kind == "performance":
            wording = check_wording(wording, by=city.reviewer, at=begun)
            activate_wording(wording, by=city.signer, at=begun)
