"""How often police officers accused of misconduct are dismissed, by what they are accused of."""

__version__ = "0.1.0"
