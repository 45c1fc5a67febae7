"""What the desk can do, whoever asks.

The face that doors call: `intake` (a mail), `requests` (the portal's form), `decide` (a click), `links` and `codes`
(what a customer holds), `lookups` (what staff and operators ask), `accounts`. Each takes a `Desk` first, keeps what it
decides in one transaction, and raises the errors of `handlers.model.errors`.
"""
