"""What people see of a run: lines, live view, followed outputs, reports of validation."""
