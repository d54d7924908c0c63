"""Backends that misbehave, for the tests of whoever must survive them."""
