"""Plug-ins that embed, rerank or write. They import `weavelet.schema` and `weavelet.errors`, nothing else of ours."""
