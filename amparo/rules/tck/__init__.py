"""Runs the DMN Technology Compatibility Kit and reports in the kit's own format.

Owns: reading test files, comparing values, counting per stratum. It judges the engine from
outside, so nothing else in the engine may import it.
"""
