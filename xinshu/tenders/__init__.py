"""Tenders (招标公告): notices from anywhere, what they say, whom they concern, and what business came of it.

announcement 公告, kind of notice 公告类型, source 来源, version 版本 (a source that edits adds one, none is lost),
fact 要素 (with its place in the text; sure 确定 or unsure 待核), lot 标段, buyer 招标人, agency 招标代理,
winner 中标人, consortium member 联合体成员, candidate 中标候选人, match 匹配 (whose name it is, and why),
opportunity 商机 (one award for one house and one firm), pushed 已推送, opened 已查看, begun 已发起申请,
submitted 已提交, issued 已出函, not relevant 不相关, followed 跟进中, converted 已转化, funnel 转化漏斗,
taken back 撤回,
told again 另见 (two sources tell one award: both are kept, one is pushed),
worth 分数 (why an award concerns the house, in points), answer 反馈 (followed or not relevant; counts in later scores).

An announcement is public. Who was told of it, and what became of it, is the business of that house alone.
"""
