"""What `make bench` measures at a million users, kept up in a light form at 50,000: plans, numbers of statements, ratios. No times."""
