"""What staff see and click in Slack: cards, buttons, the look-up command, and their delivery."""
