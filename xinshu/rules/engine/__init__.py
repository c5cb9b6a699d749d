"""The pure engine: facts in, three-valued answers with evidence out. No database, no clock, no network."""
