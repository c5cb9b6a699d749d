"""What can be done: clients and their keys, subscriptions and what is sent to them."""
