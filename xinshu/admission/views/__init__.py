"""The pages of tags, questionnaires and gates: of a house, and of the firms that answer and apply."""
