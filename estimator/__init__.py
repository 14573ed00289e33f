"""Entry points, options, devices and the run itself."""
