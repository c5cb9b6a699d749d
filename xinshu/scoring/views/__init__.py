"""The pages of models, for the people of a house."""
