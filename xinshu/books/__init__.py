"""Books (账簿): double entry. Every credit line and every fee is a transfer between two accounts.

account 账户, transfer 转账, debit 借, credit 贷, pending 预占, post 入账, void 撤销, unit 单位 (CNY in 分, LINE in 分
of line), credit line 授信额度, reserved 已预占, occupied 已占用, available 可用, fee 保费, overdrawn 额度不足,
customer group 集团客户, concentration 集中度, ceiling 限额, exposure 已用, excess 超限, net assets 净资产, hold 预占,
statement 对账单, reconciliation 对账, difference 差异.

After TigerBeetle's accounts and two-phase transfers: the sum of debits equals the sum of credits, always.
"""
