"""Billing (对账): what was paid for guarantees, told to the tax office, to the parties and to the bank's own statement.

order 订单 (a guarantees.Payment), invoice 发票 (电子发票，数电票), red letter 红字发票 (what cancels an invoice),
statement 对账单, bank line 银行流水, match 勾对.
"""
