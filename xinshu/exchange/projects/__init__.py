"""项目同步: what sources tell of projects, beside what people typed; and what the platform tells receivers of them.

record 同步记录 (what one source says of one project), arrival 来文 (one delivery), difference 差异, rule 取用规则,
lot 标段 (a line of messages is one lot and one receiving system).

Bidder secrecy: nothing leaves about a project before its existence betrays nobody; never who registered it. Where a
source speaks of a lot that bidders have registered too, only the registrants themselves see it beside their own.
"""
