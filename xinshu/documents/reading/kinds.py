"""Which documents are read, which fields each has, and by what a document shows its kind."""

# ruff: noqa: E501  (a table is read across)

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from xinshu.documents.reading.lines import Sheet
from xinshu.documents.reading.values import ACCOUNT, COUNT, DAY, MONEY, NAME, NUMBER, PERSON, RESIDENT, TEXT, UNIT, USCC


@dataclass(frozen=True)
class FieldOf:
    """One field of a document: its code, what people call it, how it is read, and behind which labels it stands."""

    code: str
    label: StrOrPromise
    kind: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of document. `marks`: (pattern, weight) over the bare text; `heads`: weight three when in a title row."""

    code: str
    label: StrOrPromise
    heads: tuple[str, ...]
    marks: tuple[str, ...]
    fields: tuple[FieldOf, ...]
    statement: bool = False

    def field(self, code: str) -> FieldOf | None:
        return next((field for field in self.fields if field.code == code), None)


F = FieldOf
_STATEMENT = (
    F("legal_name", _("编制单位"), NAME, ("编制单位", "单位名称")),
    F("period_end", _("报表日期"), DAY),
    F("unit", _("金额单位"), UNIT),
)
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("licence", _("营业执照"), (r"营业执照",), (r"统一社会信用代码", r"注册资本", r"法定代表人", r"登记机关", r"经营范围"), (
            F("legal_name", _("企业名称"), NAME, ("名称", "企业名称", "称")),
            F("uscc", _("统一社会信用代码"), USCC, ("统一社会信用代码", "注册号")),
            F("enterprise_type", _("类型"), TEXT, ("类型", "公司类型", "型")),
            F("legal_representative", _("法定代表人"), PERSON, ("法定代表人", "负责人", "执行事务合伙人", "经营者")),
            F("registered_capital", _("注册资本"), MONEY, ("注册资本", "出资额")),
            F("established_on", _("成立日期"), DAY, ("成立日期", "注册日期")),
            F("address", _("住所"), TEXT, ("住所", "营业场所", "主要经营场所")),
        )),
        Kind("identity", _("居民身份证"), (r"公民身份号码", r"居民身份证"), (r"姓名", r"民族", r"住址", r"签发机关", r"出生"), (
            F("name", _("姓名"), PERSON, ("姓名",)),
            F("number", _("身份证号码（已遮盖）"), RESIDENT),
            F("issuer", _("签发机关"), NAME, ("签发机关",)),
            F("valid_until", _("有效期至"), DAY, ("有效期限",)),
        )),
        Kind("award", _("中标通知书"), (r"中标通知书|成交通知书",), (r"中标人|中标价|中标金额", r"招标人", r"工期", r"签订(?:承包)?合同"), (
            F("project", _("工程名称"), TEXT, ("工程名称", "项目名称", "标段名称")),
            F("project_number", _("招标编号"), NUMBER, ("招标编号", "项目编号", "标段编号", "招标项目编号")),
            F("buyer", _("招标人"), NAME, ("招标人", "建设单位", "采购人")),
            F("winner", _("中标人"), NAME, ("中标人", "中标单位", "成交供应商")),
            F("amount", _("中标价"), MONEY, ("中标价", "中标金额", "中标总价", "成交金额")),
            F("contract_days", _("工期（天）"), COUNT, ("工期", "中标工期")),
            F("awarded_on", _("通知日期"), DAY, ("日期", "签发日期")),
        )),
        Kind("invoice", _("增值税发票"), (r"增值税[\u4e00-\u9fff]*发票|电子发票",), (r"价税合计", r"纳税人识别号", r"开票日期", r"购买方", r"税率"), (
            F("invoice_type", _("发票类型"), TEXT),
            F("invoice_code", _("发票代码"), NUMBER, ("发票代码",)),
            F("invoice_number", _("发票号码"), NUMBER, ("发票号码",)),
            F("issued_on", _("开票日期"), DAY, ("开票日期",)),
            F("check_code", _("校验码"), NUMBER, ("校验码",)),
            F("machine", _("机器编号"), NUMBER, ("机器编号",)),
            F("buyer_name", _("购买方名称"), NAME),
            F("buyer_code", _("购买方识别号"), USCC),
            F("seller_name", _("销售方名称"), NAME),
            F("seller_code", _("销售方识别号"), USCC),
            F("net", _("金额合计"), MONEY),
            F("rate", _("税率"), TEXT),
            F("tax", _("税额合计"), MONEY),
            F("total", _("价税合计"), MONEY),
            F("payee_person", _("收款人"), TEXT, ("收款人",)),
            F("drawer", _("开票人"), TEXT, ("开票人",)),
            F("remark", _("备注"), TEXT),
        )),
        Kind("contract", _("合同"), (r"合同(?:书|协议书)?$", r"施工合同"), (r"发包人|甲方", r"承包人|乙方", r"合同价", r"签订", r"工期"), (
            F("contract_number", _("合同编号"), NUMBER, ("合同编号", "编号")),
            F("project", _("工程名称"), TEXT, ("工程名称", "项目名称")),
            F("party_a", _("发包人"), NAME, ("发包人", "甲方", "建设单位")),
            F("party_b", _("承包人"), NAME, ("承包人", "乙方", "施工单位")),
            F("amount", _("合同金额"), MONEY, ("签约合同价为", "签约合同价", "合同总价", "合同价款", "合同金额", "合同总金额")),
            F("starts_on", _("开工日期"), DAY, ("计划开工日期", "开工日期")),
            F("ends_on", _("竣工日期"), DAY, ("计划竣工日期", "竣工日期")),
            F("contract_days", _("工期（天）"), COUNT, ("工期总日历天数", "合同工期", "总工期")),
            F("signed_on", _("签订日期"), DAY, ("签订时间", "签订日期", "签约日期")),
        )),
        Kind("certificate", _("资质证书"), (r"资质证书", r"安全生产许可证"), (r"资质类别", r"证书编号|编号", r"发证机关", r"有效期", r"详细地址|单位地址"), (
            F("legal_name", _("企业名称"), NAME, ("企业名称", "单位名称")),
            F("uscc", _("统一社会信用代码"), USCC, ("统一社会信用代码",)),
            F("legal_representative", _("法定代表人"), PERSON, ("法定代表人", "主要负责人")),
            F("address", _("地址"), TEXT, ("详细地址", "单位地址", "注册地址")),
            F("certificate_number", _("证书编号"), NUMBER, ("证书编号",)),
            F("qualification", _("资质类别及等级"), TEXT, ("资质类别及等级", "资质等级", "许可范围")),
            F("valid_until", _("有效期至"), DAY, ("有效期至", "有效期")),
        )),
        Kind("receipt", _("银行回单"), (r"(?:电子)?回单",), (r"付款人|付款方", r"收款人|收款方", r"账号", r"摘要|用途", r"流水号"), (
            F("payer", _("付款人"), NAME, ("付款人名称", "付款人户名", "付款人全称", "付款方户名")),
            F("payer_account", _("付款账号（已遮盖）"), ACCOUNT, ("付款人账号", "付款账号")),
            F("payee", _("收款人"), NAME, ("收款人名称", "收款人户名", "收款人全称", "收款方户名")),
            F("payee_account", _("收款账号（已遮盖）"), ACCOUNT, ("收款人账号", "收款账号")),
            F("amount", _("金额"), MONEY, ("金额", "交易金额")),
            F("paid_on", _("交易日期"), DAY, ("交易日期", "记账日期", "日期")),
            F("serial", _("流水号"), NUMBER, ("交易流水号", "流水号", "回单编号")),
            F("purpose", _("摘要"), TEXT, ("摘要", "用途", "附言")),
        )),
        Kind("balance", _("资产负债表"), (r"资产负债表",), (r"资产总计", r"流动资产", r"负债合计", r"所有者权益|股东权益"), _STATEMENT, True),
        Kind("income", _("利润表"), (r"利润表|损益表",), (r"营业收入", r"营业利润", r"利润总额", r"净利润"), _STATEMENT, True),
        Kind("cash", _("现金流量表"), (r"现金流量表",), (r"经营活动", r"筹资活动", r"现金流入小计", r"现金及现金等价物"), _STATEMENT, True),
    )
}  # fmt: skip
UNKNOWN = "other"


def kind_label(code: str) -> StrOrPromise:
    """Return what people call a kind of document."""
    return KINDS[code].label if code in KINDS else _("其他文件")


def classify(sheets: Sequence[Sheet]) -> tuple[str, float]:
    """Return the kind of a document and how sure that is (0 to 1); UNKNOWN where nothing speaks for any."""
    head = [re.sub(r"[\s()《》]", "", line) for sheet in sheets[:2] for line in sheet.text.split("\n")[:9]]
    text = "\n".join(sheet.text for sheet in sheets[:4])
    scores = {}
    for kind in KINDS.values():
        titled = any(re.search(pattern, line) and len(line) <= 30 for pattern in kind.heads for line in head)
        named = titled or any(re.search(pattern, text, re.MULTILINE) for pattern in kind.heads)
        marks = sum(bool(re.search(pattern, text)) for pattern in kind.marks) / len(kind.marks)
        scores[kind.code] = 0.5 * titled + 0.15 * named + 0.35 * marks
    best, second = sorted(scores, key=lambda code: -scores[code])[:2]
    if scores[best] < 0.3:
        return UNKNOWN, 1 - scores[best]
    return best, round(min(0.99, scores[best] * (1 - 0.5 * scores[second] / scores[best]) + 0.15), 3)
