"""Fetching articles from the network, politely and safely: what `flows/fetch.py` is made of."""
