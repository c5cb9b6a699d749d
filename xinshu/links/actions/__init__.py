"""What is done with links: sent, opened by code, vouched for, revoked, renewed."""
