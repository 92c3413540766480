"""The parts of the configuration that are needed where there is a file: reading it, its shape, its layers."""
