"""The deployments of Weaviate's documentation, word for word."""

RERANKER_COMPOSE = """
services:
  weaviate:
    # Other Weaviate configuration
    environment:
      RERANKER_INFERENCE_API: http://reranker-transformers:8080  # Set the inference API endpoint
  reranker-transformers:  # Set the name of the inference container
    image: cr.weaviate.io/semitechnologies/reranker-transformers:cross-encoder-ms-marco-MiniLM-L-6-v2
    environment:
      ENABLE_CUDA: 0  # Set to 1 to enable
"""
VECTORS_COMPOSE = """
services:
  weaviate:
    # Other Weaviate configuration
    environment:
      ENABLE_MODULES: text2vec-transformers # Enable this module
      TRANSFORMERS_INFERENCE_API: http://text2vec-transformers:8080  # Set the inference API endpoint
  text2vec-transformers:  # Set the name of the inference container
    image: cr.weaviate.io/semitechnologies/transformers-inference:sentence-transformers-multi-qa-MiniLM-L6-cos-v1
    environment:
      ENABLE_CUDA: 0  # Set to 1 to enable
"""
RERANKER_VALUES = """
modules:

  reranker-transformers:

    enabled: true
    tag: cross-encoder-ms-marco-MiniLM-L-6-v2
    repo: semitechnologies/reranker-transformers
    registry: cr.weaviate.io
    envconfig:
      enable_cuda: true
"""
VECTORS_VALUES = """
modules:

  text2vec-transformers:

    enabled: true
    tag: sentence-transformers-paraphrase-multilingual-MiniLM-L12-v2
    repo: semitechnologies/transformers-inference
    registry: cr.weaviate.io
    envconfig:
      enable_cuda: true
"""
PAIR_VALUES = """
modules:
  text2vec-transformers:
    enabled: false
    passageQueryServices:
      passage:
        enabled: true
        tag: facebook-dpr-ctx_encoder-single-nq-base
      query:
        enabled: true
        tag: facebook-dpr-question_encoder-single-nq-base
"""
LOCALAI_MODEL = """
name: jina-reranker-v1-base-en
backend: rerankers
parameters:
  model: cross-encoder

# optionally:
# type: flashrank
# diffusers:
#  pipeline_type: en # to specify the english language
"""
LOCALAI_MODEL_WHOLE = """
name: jina-reranker-v1-base-en
backend: rerankers
parameters:
  model: cross-encoder
type: flashrank
diffusers:
  pipeline_type: en # to specify the english language
"""
LOCALAI_REQUEST = {
    "model": "jina-reranker-v1-base-en",
    "query": "Organic skincare products for sensitive skin",
    "documents": [
        "Eco-friendly kitchenware for modern homes",
        "Biodegradable cleaning supplies for eco-conscious consumers",
        "Organic cotton baby clothes for sensitive skin",
        "Natural organic skincare range for sensitive skin",
        "Tech gadgets for smart homes: 2024 edition",
        "Sustainable gardening tools and compost solutions",
        "Sensitive skin-friendly facial cleansers and toners",
        "Organic food wraps and storage solutions",
        "All-natural pet food for dogs with allergies",
        "Yoga mats made from recycled materials",
    ],
    "top_n": 3,
}
IMAGE_TAGS = {
    "single": (
        "distilbert-base-uncased",
        "sentence-transformers-paraphrase-multilingual-MiniLM-L12-v2",
        "sentence-transformers-multi-qa-MiniLM-L6-cos-v1",
        "sentence-transformers-multi-qa-mpnet-base-cos-v1",
        "sentence-transformers-all-mpnet-base-v2",
        "sentence-transformers-all-MiniLM-L12-v2",
        "sentence-transformers-paraphrase-multilingual-mpnet-base-v2",
        "sentence-transformers-all-MiniLM-L6-v2",
        "sentence-transformers-multi-qa-distilbert-cos-v1",
        "sentence-transformers-gtr-t5-base",
        "sentence-transformers-gtr-t5-large",
        "google-flan-t5-base",
        "google-flan-t5-large",
        "baai-bge-small-en-v1.5",
        "baai-bge-base-en-v1.5",
    ),
    "pair": (
        "facebook-dpr-ctx_encoder-single-nq-base",
        "facebook-dpr-question_encoder-single-nq-base",
        "vblagoje-dpr-ctx_encoder-single-lfqa-wiki",
        "vblagoje-dpr-question_encoder-single-lfqa-wiki",
        "biu-nlp-abstract-sim-sentence",
        "biu-nlp-abstract-sim-query",
    ),
    "snowflake": (
        "snowflake-snowflake-arctic-embed-xs",
        "snowflake-snowflake-arctic-embed-s",
        "snowflake-snowflake-arctic-embed-m",
        "snowflake-snowflake-arctic-embed-l",
    ),
    "onnx": (
        "sentence-transformers-all-MiniLM-L6-v2-onnx",
        "baai-bge-small-en-v1.5-onnx",
        "baai-bge-base-en-v1.5-onnx",
        "baai-bge-m3-onnx",
        "snowflake-snowflake-arctic-embed-xs-onnx",
        "snowflake-snowflake-arctic-embed-s-onnx",
        "snowflake-snowflake-arctic-embed-m-onnx",
        "snowflake-snowflake-arctic-embed-l-onnx",
    ),
}
"""The tags of Weaviate's images of transformers-inference."""
