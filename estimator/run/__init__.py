"""A training run: its plan, its folder, its reports, its failures."""
