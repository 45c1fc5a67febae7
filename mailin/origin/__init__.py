"""What a mail proves about the domain it says it comes from: SPF, DKIM, DMARC, ARC, and the word of our own border.

What needs the mail's bytes is done where mails are read (`clues`), what waits for the DNS in the desk's event loop
(`checks`), and what it all is worth is decided elsewhere (`handlers.rules.origins`). docs/origin.md is the map.
"""
