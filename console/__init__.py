"""The command line's door: the same handlers when Slack is down, and what only an operator does."""
