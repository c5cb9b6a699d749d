"""Subscriptions (订阅): what a person wants to hear of among all announcements, found as each of them comes in.

subscription 订阅, keywords 关键词 (与 and, 或 or, 非 not), qualification 资质要求, customer tag 客户标签, region 地区,
trade 行业, kind of notice 公告类型, least score 最低分, score 匹配度, reason 理由, match 命中, trying out 试用,
not relevant 不相关, followed 已跟进, converted 已转化,
lesson 评价的影响 (what earlier answers do to a score, in words).

A subscription belongs to one person of a house. What it finds is seen by that person; the house's head sees counts.
"""
