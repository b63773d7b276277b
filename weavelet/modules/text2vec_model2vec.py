"""text2vec-model2vec: vectors from a model2vec container at MODEL2VEC_INFERENCE_API.

It speaks the protocol of the transformers container; its models know no pooling, and the class name stays out of the
text unless it is asked for.
"""

from typing import ClassVar

from weavelet.modules.text2vec_transformers import Text2VecTransformers
from weavelet.schema.collection import Settings


class Text2VecModel2Vec(Text2VecTransformers):
    """The vectorizer named `text2vec-model2vec`."""

    name = "text2vec-model2vec"
    class_defaults: ClassVar[Settings] = {"vectorizeClassName": False}
    variables = "MODEL2VEC"
    may_embed = False
