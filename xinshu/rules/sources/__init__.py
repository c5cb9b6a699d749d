"""Data sources outside the platform: one Protocol, a sandbox, asking with cache and breaker, every call kept."""
