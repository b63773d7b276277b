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
