"""Interfaces: the doors of the product: pages, API, command line, background jobs, files.

Purpose: let people and systems use the rooms below; they alone read the clock.
Owns: pages, commands, jobs, file formats. They hold no rules and no facts.
Must never know: each other; web, api, cli and worker share files only.
"""
