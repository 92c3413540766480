"""What each kind of document looks like, as JSON schema with examples: KIND.json."""
