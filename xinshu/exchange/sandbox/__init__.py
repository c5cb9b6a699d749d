"""A receiving system for trials and tests: speaks both interfaces, and can be slow, deaf or wrong on request."""
