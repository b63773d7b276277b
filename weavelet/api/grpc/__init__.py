"""The gRPC door: `weaviate.v1.Weaviate` and the health check, over a listener of our own.

`service.methods(app)` are the methods, each a function from bytes to bytes (`calls.py`), and `listener.Listener` serves
them: its sockets are there, the protocol is in `http2/`. Each of the others turns one part of the messages into the
engine's values or back.

`weavelet_pb2.py` is generated from `weavelet.proto` and kept in the repository. It is compiled with the oldest
supported protobuf, because generated code runs with its own release and every later one. From the repository's root:

    python -m venv /tmp/protoc && /tmp/protoc/bin/pip install grpcio-tools==1.72.1
    /tmp/protoc/bin/python -m grpc_tools.protoc -I . --python_out=. --pyi_out=. weavelet/api/grpc/weavelet.proto
"""
