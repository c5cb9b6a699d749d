"""Work: who has to do what by when. Approvals as data, delegations, to-dos, time limits.

Glossary: 审批方案 plan (one organisation's levels for one kind of case, versioned), 审批 approval (a run of a plan for
one case), 级 level, 签 signature, 席 seat (whose signature it is), 经手 hand (who writes it: the seat, or a delegate),
回避组 apart (levels that must be signed by different people), 承办人 keeper (whoever made the case), 加签 added level,
委托 delegation, 缺人 short (signatures that nobody is left to give), 指定代签人 stand-in,
计时暂停 stopped clock, 待办 to-do.
"""
