"""App push by JPush (极光推送, REST API v3).

A cid, fetched beforehand, tells repetitions for one day. Receipts are a paid service there and are not asked for.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from xinshu.messaging.channels import Accepted, Approval, Letter, Outcome, Refused, Unclear
from xinshu.messaging.channels.wire import NoAnswer, NotReached, call

WORDS = {
    1003: ("推送参数不合法", False),
    1004: ("极光 AppKey 或 Master Secret 不正确", False),
    1011: ("这台设备已不再接收推送", False),
    1030: ("极光内部超时", True),
    2002: ("推送频率超出限制", True),
    2003: ("AppKey 已被限制推送", False),
    1000: ("极光系统繁忙", True),
}
EXPIRED = 24 * 3600


class JPush:
    """Push by JPush."""

    provider = "jpush"
    repeatable = timedelta(hours=23)

    def __init__(self, channel: str, settings: Mapping[str, str]) -> None:
        self.channel, self.settings = channel, settings

    @property
    def _auth(self) -> tuple[str, str]:
        return self.settings["app_key"], self.settings["master_secret"]

    def new_key(self, reference: str, message: Any = None) -> str:
        """Return a cid of JPush's own making. Raises NotReached, NoAnswer."""
        url = f"{self.settings['url']}/v3/push/cid"
        answer = call(self, "cid", "GET", url, shown="count=1", message=message, params={"count": 1}, auth=self._auth)
        found = answer.data.get("cidlist")
        if not isinstance(found, list) or not found:
            raise NotReached(f"没有取得推送标识（HTTP {answer.status}）")
        return str(found[0])

    def approval(self, provider_code: str) -> Approval | None:
        return None

    def send(self, letter: Letter) -> Outcome:
        shown = {"alert": letter.text, "extras": {"link": letter.link, "reference": letter.reference}}
        body = {
            "cid": letter.key,
            "platform": "all",
            "audience": {"registration_id": [letter.address]},
            "notification": {
                "alert": letter.text,
                "android": {**shown, "title": letter.subject},
                "ios": {**shown, "alert": {"title": letter.subject, "body": letter.text}},
            },
            "options": {"time_to_live": EXPIRED, "apns_production": True},
        }
        logged = json.dumps({"cid": letter.key, "registration_id": f"{letter.address[:4]}***", "notification": "***"})
        url = f"{self.settings['url']}/v3/push"
        try:
            answer = call(self, "push", "POST", url, shown=logged, message=letter.message, json=body, auth=self._auth)
        except NotReached as error:
            return Refused(f"没有连上极光：{error}", temporary=True)
        except NoAnswer as error:
            return Unclear(f"极光没有答复：{error}")
        if answer.data.get("msg_id"):
            return Accepted(str(answer.data["msg_id"]))
        fault = answer.data.get("error")
        if not isinstance(fault, dict):
            return Unclear(f"极光的答复无法辨认（HTTP {answer.status}）")
        code = int(fault.get("code", 0))
        words, temporary = WORDS.get(code, (str(fault.get("message", "")) or "极光拒绝", answer.status == 429))
        return Refused(f"{words}（{code}）", temporary)
