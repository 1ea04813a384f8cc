"""News that leave as messages of chat tools and telephones, besides the mails that they are gathered from."""
