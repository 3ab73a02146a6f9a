"""The API's routes, by what they are for. A generation has some of them."""
