"""How a server and its inference containers are deployed: read from compose files and Helm values, and written anew.

`plan` has the values, `reading` and `writing` the formats. Nothing here imports more than the model catalogue.
"""
