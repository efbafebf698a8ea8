"""Payments: from awards to money received, once and exactly.

Purpose: prepare, compare, approve, transmit and reconcile pay runs; take back what a bank returns.
Owns: pay runs with their immutable snapshots, entitlements, instructions, payment files, statement
lines.
Must never know: why an award exists (claims do), interfaces, governance.
"""
