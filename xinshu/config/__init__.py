"""Settings, addresses and start-up: the one room that knows everyone."""
