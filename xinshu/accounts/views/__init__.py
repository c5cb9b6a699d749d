"""Who may ask: doors (sign-in, registration), further doors (codes), one's own account, people, rules, emergency."""
