"""Browsers of the tests in which somebody is signed in, without the walk through the form."""

from django.test import Client

from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Member


def signed_in(member: Member, browser: Client | None = None) -> Client:
    """Sign `member` in and return the browser: the one handed in, else one of their own."""
    browser = browser or Client()
    browser.force_login(member.user)
    session = browser.session
    session[CHOSEN] = member.pk
    session.save()
    return browser
