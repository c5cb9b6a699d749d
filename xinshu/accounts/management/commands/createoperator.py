"""Open the first accounts of the platform's operator, before anybody can approve a registration."""

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from xinshu.accounts.actions.agreements import publish_shipped
from xinshu.accounts.actions.levels import install_levels
from xinshu.accounts.actions.membership import create_organisation, join_organisation, open_account
from xinshu.accounts.actions.registration import USER_NAME
from xinshu.accounts.models import Organisation, User
from xinshu.accounts.passwords import weaknesses
from xinshu.core import clock, uscc
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Refusal

ROLES = ("operator", "sysadmin", "secadmin", "auditor")  # one account each: the three administrators check each other
VARIABLE = "XINSHU_PASSWORD"


class Command(BaseCommand):
    help = f"Open an account of the operator: {', '.join(ROLES)}. The password is asked for, or read from {VARIABLE}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=ROLES)
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--organisation", required=True, help="the operator's full name")
        parser.add_argument("--uscc", required=True, help="the operator's 统一社会信用代码")

    def handle(self, *, role: str, username: str, name: str, organisation: str, uscc: str, **_options: Any) -> None:
        username = username.lower()
        if not USER_NAME.fullmatch(username):
            raise CommandError(
                "The user name takes 4 to 30 letters, digits, dots and hyphens, and begins with a letter."
            )
        password = make_password(_password(User(username=username, name=name)))
        try:
            self._open(username, password, name, role, organisation, uscc)
        except Refusal as refusal:
            raise CommandError("".join([refusal.message, *refusal.fields.values()])) from refusal
        self.stdout.write(f"{username} may sign in as {role} of {organisation}.")

    @transaction.atomic
    def _open(self, username: str, password: str, name: str, role: str, organisation_name: str, code: str) -> None:
        at, code, first = clock.now(), uscc.normalise(code), not User.objects.exists()
        organisation = Organisation.objects.filter(uscc=code).first()
        if organisation is None:
            organisation = create_organisation(
                organisation_name, Organisation.Kind.OPERATOR, code=code, by=SYSTEM, at=at
            )
        elif organisation.kind != Organisation.Kind.OPERATOR:
            raise CommandError(f"{organisation.name} is on the platform as something else than its operator.")
        user = open_account(username, password, name=name, by=SYSTEM, at=at)
        join_organisation(user, organisation, [role], by=SYSTEM, at=at)
        publish_shipped(at)  # nobody registers without terms to agree to
        if first:  # what has been running so far is asked nothing before two of its people say so
            install_levels(at=at)


def _password(user: User) -> str:
    password = os.environ.get(VARIABLE, "")
    if not password:
        password = getpass("Password: ")
        if getpass("Password again: ") != password:
            raise CommandError("The two passwords differ.")
    if weak := weaknesses(password, user):
        raise CommandError(weak)
    return password
