"""Template messages of a WeChat official account (微信公众号模板消息).

client_msg_id tells repetitions for ten minutes. The access token lives two hours and is shared by all processes,
since fetching a new one makes the old one void.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from xinshu.core import clock
from xinshu.messaging.channels import Accepted, Approval, Letter, Outcome, Refused, Unclear
from xinshu.messaging.channels.wire import Answer, NoAnswer, NotReached, call
from xinshu.messaging.models import AccessToken, seal, unseal

EARLY = timedelta(minutes=5)  # a token is renewed before it runs out
STALE = {40001, 40014, 42001}
WORDS = {
    40003: ("不是有效的微信用户", False),
    40013: ("公众号 AppID 不正确", False),
    40125: ("公众号 AppSecret 不正确", False),
    40037: ("微信模板编号不正确", False),
    43004: ("对方没有关注公众号", False),
    47003: ("微信模板字段不符合要求", False),
    43101: ("对方拒收公众号消息", False),
    45009: ("微信接口今日调用次数已用完", True),
    45011: ("微信接口调用过于频繁", True),
    -1: ("微信系统繁忙", True),
}


class WeChat:
    """Template messages by WeChat."""

    provider = "wechat"
    repeatable = timedelta(minutes=8)  # ten by the provider's word, less what a call may take

    def __init__(self, channel: str, settings: Mapping[str, str]) -> None:
        self.channel, self.settings = channel, settings

    def new_key(self, reference: str, message: Any = None) -> str:
        return reference

    def approval(self, provider_code: str) -> Approval | None:
        return None

    def send(self, letter: Letter) -> Outcome:
        body = {
            "touser": letter.address,
            "template_id": letter.provider_code,
            "url": letter.link,
            "client_msg_id": letter.key,
            "data": {name: {"value": value} for name, value in letter.values.items()},
        }
        try:
            code, answer = self._send(body, letter, fresh=False)
            if code in STALE:  # somebody else fetched a token meanwhile, or it was taken back
                code, answer = self._send(body, letter, fresh=True)
        except NotReached as error:
            return Refused(f"没有连上微信：{error}", temporary=True)
        except NoAnswer as error:
            return Unclear(f"微信没有答复：{error}")
        if code == 0 and answer is not None:
            return Accepted(str(answer.data.get("msgid", "")))
        if code is None:
            return Unclear(f"微信的答复无法辨认（HTTP {answer.status if answer else '?'}）")
        words, temporary = WORDS.get(code, ("微信拒绝", code in STALE))
        return Refused(f"{words}（{code}）", temporary)

    def _send(self, body: Mapping[str, object], letter: Letter, *, fresh: bool) -> tuple[int | None, Answer | None]:
        token, fault = self._token(clock.now(), letter.message, fresh=fresh)
        if not token:
            return fault, None
        shown = json.dumps({**body, "touser": f"{letter.address[:4]}***", "data": "***"}, ensure_ascii=False)
        answer = call(
            self,
            "template/send",
            "POST",
            f"{self.settings['url']}/cgi-bin/message/template/send?access_token={token}",
            shown=shown,
            message=letter.message,
            content=json.dumps(body, ensure_ascii=False).encode(),
            headers={"content-type": "application/json"},
        )
        code = answer.data.get("errcode")
        return (code if isinstance(code, int) else None), answer

    def _token(self, at: datetime, message: Any, *, fresh: bool) -> tuple[str, int]:
        """Return the token, fetched anew when it is about to run out; or "" and WeChat's errcode.

        No lock is held while WeChat is asked: should two processes fetch at once, the loser's token is refused as
        stale, and it fetches again.
        """
        kept = AccessToken.objects.filter(provider=self.provider).first()
        if kept and not fresh and kept.expires_at - EARLY > at:
            return unseal(kept.sealed), 0
        query = {
            "grant_type": "client_credential",
            "appid": self.settings["app_id"],
            "secret": self.settings["secret"],
        }
        shown = json.dumps({**query, "secret": "***"})
        try:
            url = f"{self.settings['url']}/cgi-bin/token"
            answer = call(self, "token", "GET", url, shown=shown, message=message, params=query)
        except NoAnswer as error:  # no message was in it: it can be asked again
            raise NotReached(str(error)) from error
        token = str(answer.data.get("access_token", ""))
        if not token:
            return "", int(answer.data.get("errcode", -1))
        expires_at = at + timedelta(seconds=int(answer.data.get("expires_in", 7200)))
        AccessToken.objects.update_or_create(
            provider=self.provider, defaults={"sealed": seal(token), "expires_at": expires_at}
        )
        return token, 0
