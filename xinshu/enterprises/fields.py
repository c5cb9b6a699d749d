"""Which fields an enterprise record has: one table, cut into parts. A field or part older than its days is looked at
again; an institution may set other days for a part (`models.Rhythm`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One part of a record: it grows old at a pace of its own, `days` unless the institution says otherwise."""

    code: str
    label: str
    days: int


REGISTRATION, CONTACT, QUALIFICATION, STAFF, FINANCE, TRACK = (
    "registration", "contact", "qualification", "staff", "finance", "track",
)  # fmt: skip
PARTS: dict[str, Part] = {
    part.code: part
    for part in (
        Part(REGISTRATION, "基本信息", 365),
        Part(CONTACT, "联系方式", 180),
        Part(QUALIFICATION, "资质", 365),
        Part(STAFF, "人员", 180),
        Part(FINANCE, "财务", 400),
        Part(TRACK, "业绩", 365),
    )
}


@dataclass(frozen=True)
class Field:
    """One field: `kind` says how it is read and shown, `days` after how long it is stale (None: never)."""

    code: str
    label: str
    part: str
    kind: str = "text"  # text, money (分), count, day (ISO), phone, uscc, person
    days: int | None = None
    required: bool = False

    @property
    def group(self) -> str:
        """What the part is called: the heading over its fields."""
        return PARTS[self.part].label


FIELDS: dict[str, Field] = {
    field.code: field
    for field in (
        #     code                    label                  part           kind      days  required
        Field("legal_name",           "企业名称",            REGISTRATION,  "text",   365,  True),
        Field("former_name",          "曾用名",              REGISTRATION,  "text"),
        Field("uscc",                 "统一社会信用代码",    REGISTRATION,  "uscc",   365,  True),
        Field("legal_representative", "法定代表人",          REGISTRATION,  "person", 365,  True),
        Field("registered_capital",   "注册资本（元）",      REGISTRATION,  "money",  365,  True),
        Field("established_on",       "成立日期",            REGISTRATION,  "day"),
        Field("address",              "注册地址",            REGISTRATION,  "text",   365,  True),
        Field("contact_name",         "经办人",              CONTACT,       "person", 365,  True),
        Field("contact_phone",        "经办人手机",          CONTACT,       "phone",  180,  True),
        Field("bank_account_name",    "开户银行",            CONTACT,       "text",   365),
        Field("qualification",        "施工资质",            QUALIFICATION, "text",   365,  True),
        Field("safety_licence",       "安全生产许可证号",    QUALIFICATION, "text",   365),
        Field("staff_count",          "从业人数",            STAFF,         "count",  365),
        Field("constructor_count",    "注册建造师人数",      STAFF,         "count",  180),
        Field("last_year_revenue",    "上年度营业收入（元）", FINANCE,      "money",  400),
        Field("total_assets",         "资产总额（元）",      FINANCE,       "money",  400),
        Field("total_liabilities",    "负债总额（元）",      FINANCE,       "money",  400),
        Field("projects_done",        "近三年完工项目数",    TRACK,         "count",  365),
        Field("largest_contract",     "近三年最大合同额（元）", TRACK,      "money",  365),
    )
}  # fmt: skip
NAMING = frozenset({"legal_name", "former_name", "uscc"})  # by what an enterprise is searched for


def codes_of(part: str) -> list[str]:
    """Return the codes of the fields of a part."""
    return [field.code for field in FIELDS.values() if field.part == part]
