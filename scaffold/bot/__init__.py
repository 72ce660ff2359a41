"""The bot: passes over the services, again and again or on webhooks, and what it tells."""
