"""What can be done with subscriptions and with what they find."""
