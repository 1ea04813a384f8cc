"""How dates and numbers look, by language, where Django's own way is not ours."""
