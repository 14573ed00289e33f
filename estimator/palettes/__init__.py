"""Palettes of label maps: read from files, found in data, settled for a run."""
