"""What a letter says (函件文本), pure: clauses, texts with places, their values, and what may not stand in them."""
