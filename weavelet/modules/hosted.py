"""The modules of Weaviate whose services this server knows by name but does not call, and which are on by default.

A collection that names one of them is accepted, shown and updated as in Weaviate, with the same defaults; objects that
bring their own vectors are stored and found. Only asking such a module for a vector or a text is a `ModuleError`, which
says what to use instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Kind, Task, Written
from weavelet.modules.texts import PROPERTY_DEFAULTS
from weavelet.schema.collection import Collection, Settings, VectorConfig
from weavelet.schema.objects import Vector


@dataclass(frozen=True, slots=True)
class Hosted:
    """A module in name: its entry in `/v1/meta` and the defaults it gives a collection."""

    name: str
    kind: Kind
    title: str
    documentation: str
    class_defaults: Settings = field(default_factory=dict)
    property_defaults: Settings = field(default_factory=dict)

    def meta(self) -> Mapping[str, Any]:
        return {"name": self.title, "documentationHref": self.documentation}

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class HostedVectorizer(Hosted):
    """A vectorizer in name."""

    def check(self, collection: Collection, vector: VectorConfig) -> None:
        pass

    def vectorize(
        self, texts: Sequence[str], task: Task, settings: Settings, call: Call
    ) -> Sequence[Vector | ModuleError]:
        error = ModuleError(
            f"{self.name}: this server does not call {self.title}; give the objects their vectors, "
            "or use text2vec-transformers or text2vec-openai-compatible"
        )
        return [error] * len(texts)


@dataclass(frozen=True, slots=True)
class HostedGenerator(Hosted):
    """A generator in name."""

    def generate(self, prompt: str, settings: Settings, call: Call) -> Written:
        raise ModuleError(f"{self.name}: this server does not call {self.title}")


def _vectorizer(name: str, title: str, documentation: str, **defaults: Any) -> Hosted:
    kind = Kind.MULTIVECTORIZER if "multivec-" in name else Kind.VECTORIZER
    return HostedVectorizer(name, kind, title, documentation, defaults, PROPERTY_DEFAULTS)


def _generator(name: str, service: str, documentation: str) -> Hosted:
    return HostedGenerator(f"generative-{name}", Kind.GENERATOR, f"Generative Search - {service}", documentation)


_JINA = "https://jina.ai/embeddings/"
_NVIDIA = "https://docs.api.nvidia.com/nim/reference/retrieval-apis"
_COHERE = "https://docs.cohere.ai/embedding-wiki/"
_WEAVIATE = "https://docs.weaviate.io/cloud/embeddings"
_AWS_CHOICE = "https://docs.aws.amazon.com/decision-guides/latest/bedrock-or-sagemaker/bedrock-or-sagemaker.html"
_DATABRICKS = "https://docs.databricks.com/en/machine-learning/foundation-models/api-reference.html"
_JINA_URL = "https://api.jina.ai"

_VECTORIZERS = (
    _vectorizer("multi2multivec-jinaai", "JinaAI CLIP Multivec Module", _JINA,
                vectorizeClassName=False, baseURL=_JINA_URL, model="jina-embeddings-v4"),
    _vectorizer("multi2multivec-weaviate", "Weaviate Multivec Embedding Module", _WEAVIATE,
                vectorizeClassName=False, baseURL="", model="ModernVBERT/colmodernvbert"),
    _vectorizer("multi2vec-aws", "AWS CLIP Module", f"{_AWS_CHOICE}?icmpid=docs_homepage_featuredsvcs"),
    _vectorizer("multi2vec-cohere", "Cohere Multimodal Module", _COHERE),
    _vectorizer("multi2vec-google", "Google Multimodal Module",
                "https://cloud.google.com/vertex-ai/generative-ai/docs/embeddings/get-multimodal-embeddings"),
    _vectorizer("multi2vec-jinaai", "JinaAI CLIP Module", _JINA,
                vectorizeClassName=False, baseURL=_JINA_URL, model="jina-clip-v2"),
    _vectorizer("multi2vec-nvidia", "NVIDIA CLIP Module", _NVIDIA),
    _vectorizer("multi2vec-twelvelabs", "TwelveLabs Multi Modal Module",
                "https://docs.twelvelabs.io/v1.3/api-reference/create-embeddings",
                vectorizeClassName=False, baseURL="https://api.twelvelabs.io/v1.3", model="marengo3.0"),
    _vectorizer("multi2vec-voyageai", "VoyageAI Multi Modal Module", "https://docs.voyageai.com/docs/multimodal-embeddings",
                vectorizeClassName=False, baseURL="https://api.voyageai.com/v1", model="voyage-multimodal-3",
                truncate=True),
    _vectorizer("text2multivec-jinaai", "JinaAI Multivec Module", _JINA,
                vectorizeClassName=True, baseURL=_JINA_URL, model="jina-colbert-v2", dimensions=128),
    _vectorizer("text2vec-aws", "AWS Module",
                "https://docs.aws.amazon.com/bedrock/latest/userguide/titan-embedding-models.html",
                vectorizeClassName=False, service="bedrock"),
    _vectorizer("text2vec-databricks", "Databricks Foundation Models Module - Embeddings",
                f"{_DATABRICKS}#embedding-task", vectorizeClassName=True),
    _vectorizer("text2vec-digitalocean", "DigitalOcean Serverless Inference Module",
                "https://docs.digitalocean.com/reference/api/reference/serverless-inference/",
                vectorizeClassName=True, baseURL="https://inference.do-ai.run"),
    _vectorizer("text2vec-google", "Google Module",
                "https://cloud.google.com/vertex-ai/docs/generative-ai/embeddings/get-text-embeddings",
                vectorizeClassName=False),
    _vectorizer("text2vec-mistral", "Mistral Module", "https://docs.mistral.ai/api/#operation/createEmbedding",
                vectorizeClassName=True, baseURL="https://api.mistral.ai/v1/embeddings", model="mistral-embed"),
    _vectorizer("text2vec-morph", "Morph Module", "https://docs.morphllm.com/api-reference/endpoint/embedding",
                vectorizeClassName=False, baseURL="https://api.morphllm.com", model="morph-embedding-v3"),
    _vectorizer("text2vec-octoai", "OctoAI Module (deprecated)",
                "https://octo.ai/docs/text-gen-solution/getting-started",
                vectorizeClassName=True, model="thenlper/gte-large"),
    _vectorizer("text2vec-voyageai", "VoyageAI Module", "https://docs.voyageai.com/docs/embeddings",
                vectorizeClassName=True, baseURL="https://api.voyageai.com/v1", model="voyage-3", truncate=True),
    _vectorizer("text2vec-weaviate", "Weaviate Embedding Module", _WEAVIATE,
                vectorizeClassName=True, baseURL="", model="Snowflake/snowflake-arctic-embed-l-v2.0"),
)  # fmt: skip

_GENERATORS = (
    _generator("anthropic", "Anthropic", "https://docs.anthropic.com/en/api/getting-started"),
    _generator("anyscale", "Anyscale", "https://docs.anyscale.com/endpoints/overview"),
    _generator("aws", "AWS", "https://docs.aws.amazon.com/bedrock/latest/APIReference/welcome.html"),
    _generator("cohere", "Cohere", "https://docs.cohere.com/reference/chat"),
    _generator("contextualai", "Contextual AI", "https://docs.contextual.ai/api-reference/generate/generate"),
    _generator("databricks", "Databricks", f"{_DATABRICKS}#completion-task"),
    _generator("friendliai", "FriendliAI", "https://docs.friendli.ai/openapi/create-chat-completions"),
    _generator("google", "Google", "https://cloud.google.com/vertex-ai/docs/generative-ai/chat/test-chat-prompts"),
    _generator("octoai", "OctoAI (deprecated)", "https://octo.ai/docs/text-gen-solution/getting-started"),
)

HOSTED: Mapping[str, Hosted] = {module.name: module for module in (*_VECTORIZERS, *_GENERATORS)}

CALLED: frozenset[str] = frozenset(
    {
        "generative-deepseek",
        "generative-mistral",
        "generative-nvidia",
        "generative-openai",
        "generative-xai",
        "reranker-cohere",
        "reranker-contextualai",
        "reranker-jinaai",
        "reranker-nvidia",
        "reranker-voyageai",
        "text2vec-cohere",
        "text2vec-huggingface",
        "text2vec-jinaai",
        "text2vec-nvidia",
        "text2vec-openai",
    }
)
"""Modules in front of a hosted service that this server does call: on by default as well."""

API_BASED: frozenset[str] = frozenset(HOSTED) | CALLED

FORMER_NAMES: Mapping[str, str] = {
    "generative-palm": "generative-google",
    "multi2vec-palm": "multi2vec-google",
    "text2colbert-jinaai": "text2multivec-jinaai",
    "text2vec-palm": "text2vec-google",
}
"""What some modules were once called, and clients still call them: they answer to it where they run."""
