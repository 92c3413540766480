"""What TASKER thinks: one stage a file."""
