"""What can be done: registration, membership, accounts (lock and unlock), sessions (sign in, switch, sign out)."""
