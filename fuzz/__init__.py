"""Fuzzing: a million inputs at the codec and at the gateway (`scripts/fuzz`). No part of the package."""
