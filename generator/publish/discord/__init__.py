"""The week's messages in a Discord channel, each posted once."""
