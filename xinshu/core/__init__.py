"""Core (基石): what every context may lean on and what knows none of them.

clock 时钟, calendar 工作日历, money 金额, capitals 人民币大写, uscc 统一社会信用代码, lifecycle 生命周期,
refusal 拒绝 (a "no" that a person can read), actor 行为人 (whoever does something: a member, or the system itself).
"""
