"""数据交换: every exchange of all houses in one list, for whoever audits: calls, events, exports and files, messages.

Nothing is written a second time for it: four sources, each with its own table and index, are searched in SQL and merged
by moment, a page at a time. Whoever audits sees who gave what to whom, in which form and with which end, never values;
what would tell of a bidder before bids are opened stays shut (ledger.veils), as it does in the log.
"""
