"""The commands of `python -m pocketaws`, a module each: options, and what is done with them."""
