"""Two members of one firm and one of another, an operator, and the sandbox."""

from functools import partial
from importlib import import_module

import pytest

from xinshu.accounts.models import Member, Organisation, User
from xinshu.accounts.tests.browsers import signed_in
from xinshu.core.clock import moment, today


@pytest.fixture
def at():
    return moment(today(), 9)


@pytest.fixture
def firm(db):
    return Organisation.objects.create(name="云州恒达路桥工程有限公司", kind=Organisation.Kind.ENTERPRISE)


def _member(organisation, username, *roles):
    user = User.objects.create_user(username, "xinshu-demo", name=username)
    return Member.objects.create(user=user, organisation=organisation, roles=list(roles))


@pytest.fixture
def clerk(firm):
    return _member(firm, "clerk", "applicant")


@pytest.fixture
def colleague(firm):
    return _member(firm, "colleague", "beneficiary")


@pytest.fixture
def stranger(db):
    other = Organisation.objects.create(name="江北宏远市政建设有限公司", kind=Organisation.Kind.ENTERPRISE)
    return _member(other, "stranger", "applicant")


@pytest.fixture
def page_of(client):
    """Sign somebody in, in the test's one browser."""
    return partial(signed_in, browser=client)


@pytest.fixture
def operator(db):
    house = Organisation.objects.create(name="云州信枢运营有限公司", kind=Organisation.Kind.OPERATOR)
    return _member(house, "operator", "operator")


@pytest.fixture
def sandbox(settings, tmp_path):
    """All providers, on ports of their own; the platform is set up to talk to them."""
    offered = import_module("xinshu.config.channels")  # the floor above knows which provider wants which keys
    providers, sandbox_keys = offered.PROVIDERS, offered.sandbox_keys
    from xinshu.messaging.sandbox.server import Sandbox

    running = Sandbox(sandbox_keys(), tmp_path / "sandbox")
    running.start()
    here = f"http://127.0.0.1:{running.port}"
    made = {}
    for channel, (provider, *_others) in providers.items():
        made[channel] = {"provider": provider, **sandbox_keys()[provider]}
        if "url" in made[channel]:
            made[channel]["url"] = f"{here}/{provider}"
    made["mail"] |= {"port": str(running.smtp_port), "authority": str(running.authority)}
    settings.MESSAGING = made
    yield running
    running.stop()


@pytest.fixture
def by_tencent(sandbox, settings):
    """SMS by the other provider."""
    sandbox_keys = import_module("xinshu.config.channels").sandbox_keys
    keys = sandbox_keys()["tencent"] | {"url": f"http://127.0.0.1:{sandbox.port}/tencent"}
    settings.MESSAGING = settings.MESSAGING | {"sms": {"provider": "tencent", **keys}}
    return sandbox
