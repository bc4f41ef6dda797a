"""Documents and the schedule → the pages of a site."""
