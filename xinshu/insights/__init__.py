"""分层营销 (BH-33): segments of a house's customers, discounts worth proposing, what to recommend to whom, and figures.

Reads what the rooms below keep and owns none of it; its own are segments and proposals.
"""
