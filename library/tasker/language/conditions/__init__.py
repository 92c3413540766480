"""The condition language: `expression` parses and evaluates; the other modules are its parts."""
