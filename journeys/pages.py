"""Every page of Xinshu and who may open it: one table for the tests that look at all of them, and for pictures.

A page is an address, or a link on another page: `Look("...", "/guarantees/?state=returned", "tbody td a")` is what
opens when that link is followed. Links are followed instead of typed because references are random.
"""

from dataclasses import dataclass

STRANGER = "stranger"
BUSINESS = ("applicant", "manager", "reviewer", "director", "signer", "beneficiary", "department", "bank", "insurer")
PLATFORM = ("operator", "sysadmin", "secadmin", "auditor")
ADMINISTRATORS = ("sysadmin", "secadmin", "auditor")
MEMBERS = (*BUSINESS, "orgadmin", *PLATFORM)
EVERYBODY = (STRANGER, *MEMBERS)
APPLYING = ("applicant", "manager")
INSIDE = ("applicant", "manager", "reviewer", "signer")
FIRST = "#results tbody td a"  # the first row of a list


@dataclass(frozen=True)
class Look:
    """One page as some roles see it: at `path`, or behind the first `link` there with `then` put to its address."""

    url_name: str
    roles: tuple[str, ...]
    path: str
    link: str = ""
    then: str = ""
    name: str = ""

    @property
    def label(self) -> str:
        """What a picture of it is called."""
        return self.name or self.url_name.replace(":", "-")


def _state(state: str, *roles: str) -> Look:
    return Look("guarantees:detail", roles, f"/guarantees/?state={state}", FIRST, name=f"guarantees-detail-{state}")


def _steps(role: str, state: str) -> tuple[Look, ...]:
    """The wizard's steps on the role's own open case."""
    return tuple(
        Look(
            "guarantees:step",
            (role,),
            f"/guarantees/?state={state}",
            FIRST,
            f"apply/{name}/",
            f"guarantees-step-{name}",
        )
        for name in ("company", "terms", "files", "confirm")
    )


LOOKS = (
    # the public site
    Look("portal:home", (STRANGER, "applicant"), "/"),
    Look("portal:help", (STRANGER, "applicant"), "/help/"),
    Look("portal:help_page", (STRANGER, "signer"), "/help/verification/"),
    Look("guarantees:verify", (STRANGER, "beneficiary"), "/verify/"),
    Look("guarantees:verify_number", (STRANGER,), "/verify/LY20200101-ABCDEFGH/", name="guarantees-verdict-unknown"),
    Look("ledger:evidence", (STRANGER, "auditor"), "/evidence/"),
    Look("accounts:sign_in", (STRANGER,), "/sign-in/"),
    Look("accounts:register", (STRANGER,), "/register/"),
    Look("accounts:terms", (STRANGER, "applicant"), "/terms/"),
    Look("accounts:agreement", (STRANGER, "applicant"), "/terms/privacy/"),
    Look("accounts:former_agreement", (STRANGER,), "/terms/service/1/"),
    Look("accounts:progress", (STRANGER,), "/register/progress/"),
    Look("accounts:code_sign_in", (STRANGER,), "/sign-in/code/"),
    Look("accounts:quick", (STRANGER,), "/register/quick/"),
    Look("accounts:recover", (STRANGER,), "/recover/"),
    Look("accounts:sandbox", (STRANGER,), "/demo/sms/"),
    Look("web:components", (STRANGER, "manager"), "/components/"),
    Look("web:refusal", (STRANGER, "applicant"), "/no-such-page/", name="web-not-found"),
    # the desk
    Look("portal:workbench", MEMBERS, "/workbench/"),
    Look("messaging:list", MEMBERS, "/notices/"),
    Look("messaging:preferences", MEMBERS, "/notices/settings/"),
    Look("accounts:switch", ("applicant", "manager"), "/switch/"),
    Look("accounts:account", ("applicant", "sysadmin"), "/account/"),
    Look("accounts:password", ("applicant",), "/account/password/"),
    Look("accounts:second_factor", ("signer",), "/account/second-factor/"),
    Look("accounts:history", ("manager",), "/account/history/"),
    Look("accounts:consents", ("applicant", "secadmin"), "/account/consents/"),
    # guarantees
    Look("guarantees:list", BUSINESS, "/guarantees/"),
    Look("guarantees:list", ("reviewer",), "/guarantees/?q=没有这样的项目", name="guarantees-list-nothing"),
    Look("guarantees:new", APPLYING, "/guarantees/new/"),
    *_steps("applicant", "draft"),
    *_steps("manager", "returned"),
    _state("draft", "applicant"),
    _state("in_review", "manager", "reviewer"),
    _state("returned", "manager", "reviewer"),
    _state("fee_due", "applicant", "reviewer"),
    _state("to_issue", "applicant", "signer"),
    _state("in_force", *BUSINESS),
    _state("released", "applicant", "beneficiary"),
    _state("expired", "signer", "department"),
    _state("declined", "reviewer"),
    _state("withdrawn", "manager"),
    _state("lapsed", "applicant", "reviewer"),
    # lines and limits
    Look("books:lines", ("applicant", "manager", "reviewer", "signer"), "/credit-lines/"),
    Look("books:statement", ("applicant", "reviewer"), "/credit-lines/", FIRST),
    Look("books:limits", ("manager", "reviewer", "signer"), "/concentration/"),
    Look("books:group", ("manager", "reviewer"), "/concentration/", "tbody td a"),
    Look("books:reconciliation", ("manager", "reviewer", "signer", "auditor"), "/reconciliation/"),
    Look("portal:schedule", MEMBERS, "/schedule/"),
    Look("portal:documents", MEMBERS, "/documents/"),
    # approvals
    Look("work:plans", ("reviewer", "signer"), "/approvals/plans/"),
    Look("work:plan", ("reviewer", "signer"), "/approvals/plans/", "tbody td a"),
    Look("work:delegations", ("reviewer",), "/approvals/delegations/"),
    Look("work:short", ("orgadmin",), "/approvals/short/"),
    # projects and enterprises
    Look("projects:list", BUSINESS, "/projects/"),
    Look("projects:new", (*APPLYING, "beneficiary"), "/projects/new/"),
    Look("projects:detail", BUSINESS[:-2], "/projects/", FIRST),  # bank and insurer learn of projects by their letters
    Look("projects:edit", ("applicant", "manager"), "/projects/?view=mine", FIRST, "edit/"),
    Look("projects:award", ("applicant", "manager"), "/projects/?view=mine&state=registered", FIRST, "award/"),
    Look("enterprises:list", ("manager", "reviewer", "signer"), "/enterprises/"),
    Look("enterprises:detail", ("applicant",), "/enterprises/"),
    Look("enterprises:detail", ("manager", "reviewer"), "/enterprises/", FIRST),
    # other systems
    Look("integrations:clients", ("orgadmin",), "/integrations/"),
    Look("integrations:new", ("orgadmin",), "/integrations/new/"),
    Look("integrations:client", ("orgadmin",), "/integrations/", FIRST),
    Look("integrations:grant", ("orgadmin",), "/integrations/", FIRST, "grant/"),
    Look("integrations:limits", ("orgadmin",), "/integrations/", FIRST, "limits/"),
    Look("integrations:subscribe", ("orgadmin",), "/integrations/", FIRST, "subscribe/"),
    Look("integrations:calls", ("orgadmin",), "/integrations/calls/"),
    Look("integrations:subscriptions", ("orgadmin",), "/integrations/events/"),
    Look("integrations:subscription", ("orgadmin",), "/integrations/events/", FIRST),
    Look("integrations:docs", (STRANGER, "orgadmin"), "/api/v1/docs"),
    # the platform
    Look("accounts:registrations", ("operator",), "/registrations/"),
    Look("accounts:registration", ("operator",), "/registrations/", FIRST),
    Look("messaging:sent", ("operator",), "/operations/messages/"),
    Look("messaging:message", ("operator",), "/operations/messages/?view=suppressed", FIRST),
    Look("messaging:calls", ("operator",), "/operations/messages/calls/"),
    Look("messaging:channels", ("operator",), "/operations/channels/"),
    Look("messaging:templates", ("operator",), "/operations/templates/"),
    Look("messaging:template", ("operator",), "/operations/templates/guarantee.approved.applicant/sms/"),
    Look("operations:overview", ("sysadmin",), "/operations/"),
    Look("operations:trace", ("sysadmin",), "/operations/trace/"),
    Look("operations:trace", ("sysadmin",), "/operations/trace/?q=NOSUCHNUMBER", name="operations-trace-nothing"),
    Look("accounts:users", ADMINISTRATORS, "/users/"),
    Look("accounts:user", ADMINISTRATORS, "/users/reviewer/"),
    Look("accounts:new_user", ("sysadmin",), "/users/new/"),
    Look("accounts:change_details", ("sysadmin",), "/users/reviewer/details/"),
    Look("accounts:leave", ("sysadmin",), "/users/reviewer/leave/"),
    Look("accounts:roles", ("sysadmin",), "/users/reviewer/", "a[href*='/roles/']"),
    Look("accounts:role_changes", ADMINISTRATORS, "/role-changes/"),
    Look("accounts:tables", ADMINISTRATORS, "/role-tables/"),
    Look("accounts:table", ADMINISTRATORS, "/role-tables/", FIRST),
    Look("accounts:emergency", ADMINISTRATORS, "/emergency/"),
    Look("accounts:classification", ADMINISTRATORS, "/data-classes/"),
    Look("accounts:agreements", ("operator", "secadmin"), "/agreements/"),
    Look("accounts:agreement_version", ("operator", "secadmin"), "/agreements/", "tbody td a"),
    Look("ledger:deliveries", ("sysadmin",), "/operations/deliveries/"),
    Look("ledger:deliveries", ("sysadmin",), "/operations/deliveries/?view=done", name="ledger-deliveries-done"),
    Look("ledger:log", ("auditor",), "/log/"),
    Look("ledger:retention", ("auditor", "secadmin"), "/log/retention/"),
)

NOT_PAGES = {  # addresses without a page of their own, and what answers there instead
    "portal:healthz": "JSON for the supervisor",
    "operations:readyz": "JSON for the balancer",
    "operations:metrics": "text for Prometheus",
    "portal:robots": "text for robots",
    "portal:favicon": "an icon",
    "accounts:sign_out": "an act",
    "accounts:organisation_fields": "a fragment of the registration form (test_registration_journey)",
    "accounts:registration_progress": "behind a secret number (test_registration_journey)",
    "accounts:decide": "an act",
    "accounts:change_user": "an act",
    "accounts:second": "between password and workbench (accounts/tests/test_account_pages)",
    "accounts:bind": "between password and workbench (accounts/tests/test_account_pages)",
    "accounts:end_session": "an act",
    "accounts:end_others": "an act",
    "accounts:role_change": "exists once somebody proposed one (accounts/tests/test_account_pages)",
    "accounts:decide_roles": "an act",
    "accounts:version": "exists once somebody proposed one (accounts/tests/test_account_pages)",
    "accounts:decide_table": "an act",
    "accounts:lift": "an act",
    "accounts:block": "exists once something was stopped (integrations/tests/test_stops.py)",
    "accounts:block_report": "a file",
    "accounts:users_export": "a file",
    "accounts:consent": "between sign-in and workbench (accounts/tests/test_agreements.py)",
    "accounts:consent_file": "a file",
    "accounts:withdraw_consent": "an act",
    "accounts:draft_agreement": "an act",
    "accounts:edit_agreement": "exists once somebody began a draft (accounts/tests/test_agreements.py)",
    "accounts:agreement_act": "acts",
    "guarantees:totals": "a fragment of the register",
    "guarantees:export": "a file",
    "guarantees:progress": "what a waiting page asks",
    "guarantees:evidence": "a file",
    "guarantees:act": "acts",
    "guarantees:signing": "acts",
    "books:export_lines": "a file",
    "books:export_statement": "a file",
    "books:export_limits": "a file",
    "books:capital": "an act",
    "books:new_group": "an act",
    "books:join": "an act",
    "books:leave": "an act",
    "work:new_plan": "an act",
    "work:plan_act": "acts",
    "work:appoint": "an act",
    "work:own_day": "an act",
    "work:delegation_act": "an act",
    "projects:attach": "an act",
    "documents:file": "a file",
    "ledger:checkpoint": "a file",
    "ledger:offline": "a file",
    "ledger:log_export": "a file",
    "ledger:retention_act": "acts",
    "ledger:clear": "an act",
    "ledger:retention_case": "needs a rule, which no demo has: ledger/tests/test_retention.py",
    "ledger:log_lines": "a file",
    "ledger:log_evidence": "a file",
    "ledger:retry": "an act",
    "ledger:verify": "an act",
    "messaging:read_all": "an act",
    "messaging:address": "acts",
    "messaging:device": "an act of the app",
    "messaging:decide": "an act",
    "messaging:change_template": "acts",
    "messaging:from_aliyun": "a provider's door (test_callbacks)",
    "messaging:from_tencent": "a provider's door (test_callbacks)",
    "messaging:from_wechat": "a provider's door (test_callbacks)",
    "messaging:mark": "an act",
    "api:api-root": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:guarantee": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:guarantee_act": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:guarantee_letter": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:guarantee_materials": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:guarantees": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:guarantees_new": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:indicators": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:me": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:openapi-json": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:project": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:project_act": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:project_materials": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:projects": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:projects_new": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:schema": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:verify": "the interface: JSON for other systems (faults/test_interface.py)",
    "api:verify_letter": "the interface: JSON for other systems (faults/test_interface.py)",
    "integrations:calls_export": "a file",
    "integrations:client_act": "acts",
    "integrations:new_key": "an act whose answer is shown once (integrations/tests/test_views.py)",
    "integrations:replay": "an act",
    "integrations:revoke": "an act",
    "integrations:subscription_act": "acts",
    "web:organisations": "a fragment of the account menu",
}
