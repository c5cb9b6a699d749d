"""企业画像 (portraits): what is known of a firm on one page and in one report; every sentence with source and day.

Words: chapter 章, sentence 句, evidence 依据, as-of day 截至日, event 大事, report 企业报告, issue log 出具记录.
The room knows no business: upper rooms write their chapters (chapters.py), each from what the reader may see.
"""
