"""A trained generator by HTTP: one model, requests in batches, limits on all that comes in."""
