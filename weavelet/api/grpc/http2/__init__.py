"""HTTP/2 as gRPC uses it, from the server's side (RFC 9113): `connection.py` is the protocol, without a socket.

`frames.py` has the numbers and the bytes, `headers.py` what a request's header block says, `messages.py` gRPC's
messages inside of a stream's data, `stream.py` what is known of one call, `sending.py` and `receiving.py` how much may
go out and come in. Nothing here knows Weaviate.
"""
