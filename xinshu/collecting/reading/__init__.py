"""Reading what a platform shows: bytes become listed notices and their texts. No network, no database."""
