"""Collecting (公告采集): announcements of public bidding platforms are fetched and handed to `tenders`.

source 来源, recipe 采集方法 (address, paging, selectors: data, not code; every content is a version), try 试采
(reads one list page and one notice, keeps nothing), switched on 启用, run 采集 (one pass over a source's list),
item 条目 (one notice of a list and what became of it), overlap 回看天数 (how far back every run looks again),
host 站点 (its robots rules, and when it may be asked again), alarm 告警, kept page 留存页面, health 健康, sweep 清理.

A source is read politely or not at all: robots rules, one request to a host at a time, nothing inside our own network.
"""
