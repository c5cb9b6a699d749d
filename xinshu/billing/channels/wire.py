"""The JSON of 数电票 requests and answers as aggregators in the market speak it: yuan as text, 分 never as float.

kplx 0 blue, 1 red; fplxdm 81 special (数电专票), 82 ordinary (数电普票); code 0000 done, 0001 in work, else refused.
The commodity code is that of directly charged financial services (直接收费金融服务); providers may ask for another.
"""

import base64
import binascii
import json
import re
from datetime import datetime
from typing import Any

from xinshu.billing.channels import Answer, ChannelDown, Party, Request
from xinshu.core.clock import CHINA

COMMODITY, ITEM = "3060200000000000000", "*金融服务*担保费"
SPECIAL, ORDINARY = "81", "82"
DONE, IN_WORK = "0000", "0001"
MOMENT = "%Y-%m-%d %H:%M:%S"
NUMBER = re.compile(r"[0-9]{20}")
_SUM = re.compile(r"-?[0-9]{1,14}\.[0-9]{2}")


def write_request(request: Request) -> bytes:
    """Return the request as JSON. Amounts of a red letter are negative."""
    sign = -1 if request.red_of else 1
    net, tax = _sum(sign * request.net), _sum(sign * request.tax)
    told: dict[str, Any] = {
        "fpqqlsh": request.serial,
        "fplxdm": SPECIAL if request.special else ORDINARY,
        "kplx": "1" if request.red_of else "0",
        "sqsj": f"{request.asked_at.astimezone(CHINA):{MOMENT}}",
        **_party("xsf", request.seller),
        **_party("gmf", request.buyer),
        "jshj": _sum(sign * request.amount),
        "hjje": net,
        "hjse": tax,
        "bz": f"订单 {request.order_number}",
        "mxzb": [
            {"mxxh": 1, "xmmc": ITEM, "spbm": COMMODITY, "je": net, "slv": f"{request.rate.normalize():f}", "se": tax}
        ],
    }
    if request.red_of:
        told["yfphm"] = request.red_of
    return json.dumps(told, ensure_ascii=False).encode()


def read_answer(content: bytes) -> Answer:
    """Return what an answer says. Raises ChannelDown for one that cannot be read: then nothing is known."""
    try:
        told = json.loads(content)
        serial, code = str(told["fpqqlsh"]), str(told["code"])
        if code == IN_WORK:
            return Answer(serial, pending=True)
        if code != DONE:
            return Answer(serial, code=code[:20], reason=str(told["msg"])[:200])
        number, total = str(told["fphm"]), str(told["jshj"])
        if not NUMBER.fullmatch(number) or not _SUM.fullmatch(total):
            raise ChannelDown(f"no invoice number or total in the answer to {serial}")
        issued = datetime.strptime(str(told["kprq"]), MOMENT).replace(tzinfo=CHINA)
        file = base64.b64decode(str(told["bswj"]), validate=True)
        if not file:
            raise ChannelDown(f"no file in the answer to {serial}")
        return Answer(serial, number=number, amount=int(total.replace(".", "")), issued_at=issued, file=file)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ChannelDown(f"an answer that cannot be read: {error}") from error


def _sum(fen: int) -> str:
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{cents:02d}"


def _party(prefix: str, party: Party) -> dict[str, str]:
    return {
        f"{prefix}mc": party.name,
        f"{prefix}nsrsbh": party.tax_number,
        f"{prefix}dz": party.address,
        f"{prefix}dh": party.phone,
        f"{prefix}yh": party.bank,
        f"{prefix}zh": party.account,
        f"{prefix}yx": party.mail,
    }
