"""Which fields an enterprise record has: one table. A field older than its days must be looked at again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One field: `kind` says how it is read and shown, `days` after how long it is stale (None: never)."""

    code: str
    label: str
    group: str
    kind: str = "text"  # text, money (分), phone, uscc, person
    days: int | None = None
    required: bool = False


BASIC, CONTACT, FINANCE = "基本信息", "联系方式", "资质与经营"

FIELDS: dict[str, Field] = {
    field.code: field
    for field in (
        #     code                    label                 group    kind      days  required
        Field("legal_name",           "企业名称",         BASIC,   "text",   365,  True),
        Field("uscc",                 "统一社会信用代码", BASIC,   "uscc",   365,  True),
        Field("legal_representative", "法定代表人",       BASIC,   "person", 365,  True),
        Field("registered_capital",   "注册资本（元）",   BASIC,   "money",  365,  True),
        Field("address",              "注册地址",         BASIC,   "text",   365,  True),
        Field("contact_name",         "经办人",           CONTACT, "person", 365,  True),
        Field("contact_phone",        "经办人手机",       CONTACT, "phone",  180,  True),
        Field("bank_account_name",    "开户银行",         CONTACT, "text",   365),
        Field("qualification",        "施工资质",         FINANCE, "text",   365,  True),
        Field("safety_licence",       "安全生产许可证号", FINANCE, "text",   365),
        Field("last_year_revenue",    "上年度营业收入（元）", FINANCE, "money", 400),
    )
}  # fmt: skip
