"""What a task file means, statically."""
