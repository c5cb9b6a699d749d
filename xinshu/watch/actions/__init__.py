"""What can be done: rules, cases, alerts, events, screenings."""
