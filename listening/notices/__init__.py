"""News that leave as messages of chat tools and telephones: what mails say, and what would be too many mails."""
