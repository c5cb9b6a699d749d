"""Where each of our fields stands in each message: the mapping table, and the only place that knows the XML's names.

Rows stand in the order of the schema; writing follows the order, reading the paths. A path is relative to the message's
own element. Kinds of values: text, day (ISO date), moment (UTC, Z), amount (分, written as a decimal with currency),
yes, chunks (a long text in at most five parts), and constants (ours to state, checked on reading).
Sources: ISO 20022 tsrv.*.001.01, the XSDs of 2014.
"""

from dataclasses import dataclass

COUNTRY_OF_ISSUE = "CN"
ID, NAME = 35, 140  # Max35Text, Max140Text


@dataclass(frozen=True)
class Place:
    """One row: the path, our field, what kind of value it is, whether it must be there, how long it may be."""

    path: str
    field: str = ""
    kind: str = "text"
    required: bool = True
    longest: int = 2_000
    constant: str = ""


@dataclass(frozen=True)
class Repeated:
    """Rows for each item of a list: `path` is repeated, `places` are relative to it."""

    path: str
    field: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Mapping:
    """One message: its identifier, the element that holds it, its rows."""

    identifier: str
    element: str
    rows: tuple[Place | Repeated, ...]
    label: str = ""

    @property
    def namespace(self) -> str:
        return f"urn:iso:std:iso:20022:tech:xsd:{self.identifier}"


def _party(path: str, field: str, *, required: bool = True) -> tuple[Place, ...]:
    """An organisation: its name, and its 统一社会信用代码 where it has one."""
    return (
        Place(f"{path}/Nm", f"{field}_name", required=required, longest=NAME),
        Place(f"{path}/Id/OrgId/Othr/Id", f"{field}_uscc", required=False, longest=ID),
        Place(f"{path}/Id/OrgId/Othr/SchmeNm/Prtry", f"{field}_uscc", "scheme", required=False, constant="USCC"),
    )


def _undertaking(path: str) -> tuple[Place, ...]:
    """Which guarantee is meant: number and issuer."""
    return (Place(f"{path}/Id", "number", longest=ID), *_party(f"{path}/Issr", "guarantor"))


_ISSUE, _AMEND, _END = "UdrtkgIssncDtls", "UdrtkgAmdmntDtls", "UdrtkgTermntnNtfctnDtls"
_DEMAND, _REFUSE, _TRADE, _STATUS = "UdrtkgDmndDtls", "DmndRfslNtfctnDtls", "TradStsAdvcDtls", "UdrtkgStsRptDtls"
_UNDERLYING = f"{_ISSUE}/UndrlygTx"


def _original(path: str, *, required: bool = True) -> tuple[Place, ...]:
    """Which message a status is about."""
    return (
        Place(f"{path}/MsgDefIdr", "original_kind", required=required, longest=ID),
        Place(f"{path}/Fr/OrgId/Nm", "original_from", required=required, longest=NAME),
        Place(f"{path}/To/OrgId/Nm", "original_to", required=required, longest=NAME),
        Place(f"{path}/BizMsgIdr", "original_message", required=required, longest=ID),
        Place(f"{path}/CreDt", "original_at", "moment", required=required),
    )


ISSUANCE = Mapping(
    "tsrv.001.001.01",
    "UdrtkgIssnc",
    (
        Place(f"{_ISSUE}/Id", "number", longest=ID),
        Place(f"{_ISSUE}/Nm", constant="DGAR"),  # demand guarantee, the nearest of the two; the nature says what it is
        Place(f"{_ISSUE}/Tp/Prtry/Id", "kind", longest=ID),
        Place(f"{_ISSUE}/Tp/Prtry/SchmeNm", constant="XINSHU-KIND"),
        Place(f"{_ISSUE}/IssncTp", constant="ISSU"),
        *_party(f"{_ISSUE}/Applcnt", "applicant"),
        *_party(f"{_ISSUE}/Issr", "guarantor"),
        *_party(f"{_ISSUE}/Bnfcry", "beneficiary"),
        Place(f"{_ISSUE}/DtOfIssnc", "issued_on", "day"),
        Place(f"{_ISSUE}/PlcOfIsse/Ctry", constant=COUNTRY_OF_ISSUE),
        Place(f"{_ISSUE}/UdrtkgAmt/Amt", "amount", "amount"),
        Place(f"{_ISSUE}/XpryDtls/XpryTerms/DtTm/Dt", "expires_on", "day"),
        Place(f"{_ISSUE}/GovncRulesAndLaw/RuleId/Prtry/Id", "nature", longest=ID),
        Place(f"{_ISSUE}/GovncRulesAndLaw/RuleId/Prtry/SchmeNm", constant="XINSHU-NATURE"),
        Place(f"{_UNDERLYING}/Tp/Prtry/Id", "project_kind", longest=ID),
        Place(f"{_UNDERLYING}/Tp/Prtry/SchmeNm", constant="XINSHU-PROJECT"),
        Place(f"{_UNDERLYING}/Id", "region_code", required=False, longest=ID),
        Repeated(f"{_UNDERLYING}/AddtlInf", "project_texts", (Place(".", "text"),)),  # its name, its number
        Place(f"{_ISSUE}/UdrtkgTermsAndConds/Txt", "wording", "chunks", longest=20_000),
        Place(f"{_ISSUE}/AddtlInf", "letter", required=False),  # SM3 of the sealed PDF
        Place("BkToBnfcryInf", "effective_on", "day"),
    ),
    "保函签发",
)
AMENDMENT = Mapping(
    "tsrv.005.001.01",
    "UdrtkgAmdmnt",
    (
        Place(f"{_AMEND}/SeqNb", "sequence", longest=4),
        Place(f"{_AMEND}/DtOfIssnc", "happened_on", "day"),
        *_undertaking(f"{_AMEND}/UdrtkgId"),
        Place(f"{_AMEND}/UdrtkgAmtAdjstmnt/AmtChc/IncrAmt", "increase", "amount", required=False),
        Place(f"{_AMEND}/UdrtkgAmtAdjstmnt/AmtChc/DcrAmt", "decrease", "amount", required=False),
        Place(f"{_AMEND}/NewXpryDtls/XpryTerms/DtTm/Dt", "expires_on", "day", required=False),
        Place(f"{_AMEND}/NewUdrtkgTermsAndConds/Txt", "wording", "chunks", required=False, longest=20_000),
        Place(f"{_AMEND}/BnfcryCnsntReqInd", "needs_consent", "yes"),
        Place(f"{_AMEND}/AddtlInf", "reason", required=False),
    ),
    "保函变更",
)
TERMINATION = Mapping(
    "tsrv.012.001.01",
    "UdrtkgTermntnNtfctn",
    (
        *_undertaking(f"{_END}/UdrtkgId"),
        Place(f"{_END}/TermntnDtls/FctvDt", "happened_on", "day"),
        Place(f"{_END}/TermntnDtls/Rsn/Cd", "cause", longest=4),  # WOEX expired, BUFI the beneficiary let it go
        Place(f"{_END}/TermntnDtls/AddtlInf", "reason", required=False),
    ),
    "保函终止",
)
DEMAND = Mapping(
    "tsrv.013.001.01",
    "UdrtkgDmnd",
    (
        Place(f"{_DEMAND}/Id", "demand", longest=ID),
        Place(f"{_DEMAND}/Tp", "demand_type", longest=4),  # PAYM, or PAEX: pay or extend
        *_undertaking(f"{_DEMAND}/UdrtkgId"),
        Place(f"{_DEMAND}/DmndAmt/Amt", "amount", "amount"),
        Place(f"{_DEMAND}/PresntnDtls/BnfcryPresntnDt", "happened_on", "day", required=False),
        Place(f"{_DEMAND}/ReqdXpryDt", "wanted_expiry", "day", required=False),
        Place(f"{_DEMAND}/DmndDcmnttn/CmpltInd", "complete", "yes"),
        Place(f"{_DEMAND}/DmndDcmnttn/DmndNrrtv", "statement", required=False, longest=20_000),
    ),
    "索赔",
)
REFUSAL = Mapping(
    "tsrv.016.001.01",
    "DmndRfslNtfctn",
    (
        *_undertaking(f"{_REFUSE}/UdrtkgId"),
        Place(f"{_REFUSE}/DmndDtls/Id", "demand", longest=ID),
        Place(f"{_REFUSE}/DmndDtls/SubmissnDtTm", "presented_at", "moment"),
        Place(f"{_REFUSE}/DmndDtls/Amt", "amount", "amount"),
        Place(f"{_REFUSE}/Sts", constant="REFUSED"),
        Repeated(
            f"{_REFUSE}/Dscrpncy",
            "discrepancies",
            (Place("Id", "number", longest=ID), Place("Nrrtv", "text", longest=20_000)),
        ),
        Place(f"{_REFUSE}/DspstnOfDocs", "documents", required=False),
    ),
    "拒付通知",
)
TRADE_STATUS = Mapping(
    "tsrv.018.001.01",
    "TradStsRpt",
    (
        *_original(f"{_TRADE}/OrgnlMsgDtls"),
        Place(f"{_TRADE}/Sts", "status", longest=4),  # ACTC accepted, PEND, RCVD received, REJT rejected
        Repeated(f"{_TRADE}/StsRsn/AddtlInf", "reasons", (Place(".", "text", longest=105),)),
        Place(f"{_TRADE}/AddtlInf", "receipt", required=False, longest=ID),
    ),
    "报文状态",
)
STATUS = Mapping(
    "tsrv.019.001.01",
    "UdrtkgStsRpt",
    (
        *_party(f"{_STATUS}/InitgPty", "reporter"),
        *_undertaking(f"{_STATUS}/UdrtkgId"),
        Place(f"{_STATUS}/StsCtgy", "category", longest=4),
        Place(f"{_STATUS}/Sts", "status", longest=4),  # ACCP accepted, REJT rejected, NCON, WTHD, AMTC, AMTU
        Repeated(f"{_STATUS}/StsRsn/AddtlInf", "reasons", (Place(".", "text", longest=105),)),
        *_original(f"{_STATUS}/OrgnlMsgDtls", required=False),
        Place(f"{_STATUS}/AddtlInf", "receipt", required=False),
    ),
    "保函状态",
)
MAPPINGS = {
    mapping.identifier: mapping for mapping in (ISSUANCE, AMENDMENT, TERMINATION, DEMAND, REFUSAL, TRADE_STATUS, STATUS)
}
CODES = {  # what the schema lets a code be
    "cause": {"REFU", "NOAC", "BUFI", "WOEX"},
    "demand_type": {"PAYM", "PAEX"},
    ("tsrv.018.001.01", "status"): {"ACTC", "PEND", "RCVD", "REJT"},
    ("tsrv.019.001.01", "status"): {"ACCP", "NCON", "REJT", "WTHD", "AMTC", "AMTU"},
}
