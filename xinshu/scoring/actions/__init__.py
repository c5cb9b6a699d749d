"""What can be done with training data, models, versions and scores."""
