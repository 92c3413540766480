"""What a task file means before it runs: fields, findings, variables, conditions, and the index of a workflow."""
