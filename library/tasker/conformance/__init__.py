"""The conformance kit: what docs/PROTOCOL.md asks of a runner, as checks that can be run against any executable."""
