"""One run: prepare, start the stages, carry the conversation, resume, end."""
