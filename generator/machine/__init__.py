"""What this machine and this installation offer: fonts, models, templates, packages."""
