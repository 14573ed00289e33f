"""Trained generators of other programs: read, renamed and written as a run of this one."""
