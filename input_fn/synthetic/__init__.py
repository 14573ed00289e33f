"""Made-up facades, so that nothing has to be downloaded."""
