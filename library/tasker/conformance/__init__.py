"""The conformance kit, `tasker runner-test`: what docs/PROTOCOL.md asks of a runner, as checks of any executable."""
