"""Changes of a living guarantee (变更) before people: forms, the approval desk, the panel on its page, news."""
