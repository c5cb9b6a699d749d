"""The sandbox channel: an e-invoice platform on a good or a bad day, steered by the mailbox that the buyer types.

slow@… is in work first, down@… does not answer first, twice@… answers twice, mismatch@… is refused; so is every tax
number of a wrong shape. A serial always gets the same number, in whatever process it is asked.
"""

import base64
import json
import re
from typing import Any, ClassVar
from xml.etree import ElementTree

from xinshu.billing.channels import Answer, ChannelDown, Request
from xinshu.billing.channels.wire import DONE, IN_WORK, read_answer, write_request
from xinshu.core.sm import sm3

_TAX_NUMBER = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{17,18}|[0-9A-Z]{20}")
PROVINCE = "99"  # no region of China: nobody takes these for real ones


class Sandbox:
    """Speaks JSON with itself, as the provider's end of the line would."""

    _asked: ClassVar[set[str]] = set()  # serials that have met the slow or broken line once

    def ask(self, request: Request) -> list[Answer]:
        day, first = request.buyer.mail.partition("@")[0], request.serial not in self._asked
        self._asked.add(request.serial)
        if day == "down" and first:
            raise ChannelDown(request.serial)
        answer = read_answer(self.answer(write_request(request), in_work=day == "slow" and first))
        return [answer, answer] if day == "twice" else [answer]

    def answer(self, content: bytes, *, in_work: bool = False) -> bytes:
        """Return the platform's answer to a request, both as JSON."""
        told = json.loads(content)
        serial = told["fpqqlsh"]
        if in_work:
            return _written({"fpqqlsh": serial, "code": IN_WORK, "msg": "开票处理中"})
        if not _TAX_NUMBER.fullmatch(told["gmfnsrsbh"]):
            return _written({"fpqqlsh": serial, "code": "E1003", "msg": "购买方纳税人识别号格式不正确"})
        if told["gmfyx"].startswith("mismatch@") and told["kplx"] == "0":
            return _written({"fpqqlsh": serial, "code": "E2011", "msg": "购买方名称与纳税人识别号不一致"})
        if told["gmfyx"].startswith("confirm@") and told["kplx"] == "1":
            return _written({"fpqqlsh": serial, "code": "E3105", "msg": "红字确认单待购买方确认"})
        tail = int(sm3(serial.encode()).hex(), 16) % 10**15
        number = f"{told['sqsj'][2:4]}{PROVINCE}7{tail:015d}"
        return _written(
            {
                "fpqqlsh": serial, "code": DONE, "msg": "成功", "fphm": number, "kprq": told["sqsj"],
                "jshj": told["jshj"], "bswj": base64.b64encode(_file(told, number)).decode(),
            }
        )  # fmt: skip


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def _file(told: dict[str, Any], number: str) -> bytes:
    """Return the invoice's data file (XML), the form in which a 数电票 is kept by the books."""
    root = ElementTree.Element("EInvoice")
    names = {
        "InvoiceNumber": number, "IssueTime": told["sqsj"], "InvoiceType": told["fplxdm"], "RedFlag": told["kplx"],
        "OriginalNumber": told.get("yfphm", ""), "SellerName": told["xsfmc"], "SellerIdNum": told["xsfnsrsbh"],
        "BuyerName": told["gmfmc"], "BuyerIdNum": told["gmfnsrsbh"], "ItemName": told["mxzb"][0]["xmmc"],
        "TaxRate": told["mxzb"][0]["slv"], "AmountWithoutTax": told["hjje"], "TaxAmount": told["hjse"],
        "TotalAmount": told["jshj"], "Remark": told["bz"],
    }  # fmt: skip
    for name, value in names.items():
        ElementTree.SubElement(root, name).text = value
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
