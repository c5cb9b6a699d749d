"""Pages of the watch: cases, alerts, firms, rules, screenings."""
