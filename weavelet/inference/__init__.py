"""Our own inference container: the HTTP shapes of the ones people run beside Weaviate, ONNX inside, no torch.

It needs the extra `embedded` (onnxruntime and tokenizers); `is_installed` says whether that is there. Stands alone:
imports nothing of ours but errors.
"""

from importlib.util import find_spec


def is_installed() -> bool:
    """Whether the packages that run models are installed."""
    return all(find_spec(name) is not None for name in ("onnxruntime", "tokenizers"))
