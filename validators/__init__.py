"""What TASKER refuses before anything runs: a workflow in, the same workflow with findings out."""
