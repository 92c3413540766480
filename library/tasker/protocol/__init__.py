"""Documents, and how stages exchange them."""
