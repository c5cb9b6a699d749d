"""The pages of rules, for the people of a house."""
