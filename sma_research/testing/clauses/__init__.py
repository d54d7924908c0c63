"""The clauses of the backend contract, by what they are about."""
