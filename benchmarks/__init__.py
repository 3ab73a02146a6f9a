"""What is claimed about speed, measured: every figure is a ratio to another way in the same run."""
