"""Pure rules of the contact list: reasons and their weight, who is given whom, words."""
