"""Pages: one's subscriptions, writing one, what one found, the counts of a house."""
