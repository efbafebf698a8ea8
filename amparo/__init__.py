"""Amparo: a social-protection management information system with executable governance."""
