"""The commands, a module each: their options, and what they do with them."""
