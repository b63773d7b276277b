from reranker_tei import RerankerTei

from weavelet.modules.testing import check_reranker, in_front_of, tei_container


def test_it_is_a_reranker():
    check_reranker(RerankerTei(in_front_of(tei_container, RERANKER_TEI_URL="http://tei")))
