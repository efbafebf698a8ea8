"""Governance: who may decide what, on which evidence; the only maker of permission.

Purpose: make `Access` and `ChangeApproval`, and show whether what was promised came true.
Owns: the kernel, data governance, ICT governance.
Must never know: interfaces.
"""
