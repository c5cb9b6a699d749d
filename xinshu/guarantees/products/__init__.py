"""Products (保函产品): a guarantor puts a type on its shelf, with conditions, price, limits, validity and papers."""
