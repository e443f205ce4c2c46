"""Implementations under test that come with the tool: one backend a file.

A module here is a backend if its name does not start with an underscore. It offers
`DEVICES`, a tuple of device names (empty if it has no choice of device), and
`create(device)`, which returns the backend or raises `BackendUnavailableError`.
"""
