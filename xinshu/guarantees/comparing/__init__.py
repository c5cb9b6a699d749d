"""比一比: which guarantors suit a guarantee, at what price and how fast, in an order that anybody can count again."""
