"""Other systems in the tests: they hold a key of somebody's house and call with it, as theirs would."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.classification import REVEAL
from xinshu.core.clock import now
from xinshu.integrations import signing
from xinshu.integrations.actions.clients import confirm_client, propose_client
from xinshu.integrations.actions.keys import issue_key
from xinshu.integrations.models import ApiClient
from xinshu.integrations.scopes import grantable


@dataclass
class System:
    """A system of one member's house that acts in that member's name."""

    client: ApiClient
    code: str
    secret: str

    @classmethod
    def of(cls, principal: Member, administrator: Member, at: datetime, *scopes: str) -> "System":
        """Return the system, agreed to and with a key; with all that the principal may do unless scopes say."""
        given = scopes or [code for code, _words in grantable(principal) if code != REVEAL]
        name = f"系统{secrets.token_hex(3)}"
        client = propose_client(name=name, principal=principal, scopes=given, per_minute=6000, by=administrator, at=at)
        client = confirm_client(client, by=principal, at=at)
        key, secret = issue_key(client, kind="hmac", by=administrator, at=at)
        return cls(client, key.code, secret)

    def authorization(self, method: str, path: str, query: str = "", body: bytes = b"") -> str:
        return signing.authorization(
            signing.HMAC_SM3, self.code, self.secret, method, path, query=query, body=body,
            timestamp=int(now().timestamp()), nonce=secrets.token_hex(8),
        )  # fmt: skip

    def get(self, path: str, query: str = "") -> HttpResponse:
        headers = {"Authorization": self.authorization("GET", path, query)}
        return Client().get(f"{path}?{query}" if query else path, headers=headers)

    def post(
        self, path: str, data: Any = None, query: str = "", *, raw: bytes | None = None, key: str = ""
    ) -> HttpResponse:
        body = raw if raw is not None else json.dumps(data or {}).encode()
        headers = {
            "Authorization": self.authorization("POST", path, query, body),
            "Idempotency-Key": key or secrets.token_hex(8),
        }
        kind = "application/json" if raw is None else "application/octet-stream"
        return Client().post(f"{path}?{query}" if query else path, body, content_type=kind, headers=headers)

    def act(self, case: dict[str, Any], action: str, **told: Any) -> HttpResponse:
        """Do one step to a guarantee as it was last read."""
        path = f"/api/v1/guarantees/{case['reference']}/actions/{action}"
        return self.post(path, {"version": case["version"], **told})
