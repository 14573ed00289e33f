"""The objective: terms of the losses."""
