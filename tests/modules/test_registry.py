"""Which modules run, which one serves a collection, and what they say of themselves."""

import logging
from importlib.metadata import entry_points

import pytest

from weavelet.errors import InvalidQuery, ModuleError
from weavelet.modules.base import Call, Kind, Module, ModuleSettings, Task
from weavelet.modules.generative_dummy import GenerativeDummy
from weavelet.modules.hosted import API_BASED, FORMER_NAMES, HOSTED
from weavelet.modules.registry import GROUP, Registry, RegistrySettings
from weavelet.modules.reranker_dummy import RerankerDummy
from weavelet.modules.testing import FakeContainer, Told, check_vectorizer, scoring_container, transformers_container
from weavelet.modules.text2vec_bigram import Text2VecBigram
from weavelet.schema.collection import Collection

URLS = {"TRANSFORMERS_INFERENCE_API": "http://t2v", "RERANKER_INFERENCE_API": "http://reranker"}


@pytest.fixture
def registry():
    running = []

    def start(*enabled: str, found=None, **settings) -> Registry:
        running.append(Registry.start(RegistrySettings(enabled=enabled, **settings), found))
        return running[-1]

    yield start
    for one in running:
        one.close()


def of(**modules) -> Collection:
    return Collection(name="C", modules={name.replace("_", "-"): settings for name, settings in modules.items()})


def test_what_is_enabled_runs_and_hosted_services_with_it(registry) -> None:
    names = registry("text2vec-transformers", "reranker-dummy").names
    assert names[:2] == ("text2vec-transformers", "reranker-dummy")
    assert set(names) == API_BASED | FORMER_NAMES.keys() | {"text2vec-transformers", "reranker-dummy"}
    assert "reranker-nvidia" in names


def test_hosted_services_can_be_switched_off(registry) -> None:
    assert registry("reranker-dummy", api_based=False).names == ("reranker-dummy",)
    assert registry("text2vec-cohere", api_based=False).names == ("text2vec-cohere",)


def test_an_unknown_name_is_warned_of_and_left_out(registry, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        assert registry("reranker-transfromers", "no-such", api_based=False).names == ()
    assert "'reranker-transfromers', it is left out; did you mean reranker-transformers?" in caplog.text
    assert "'no-such'" in caplog.text


def test_a_name_that_is_asked_for_twice_runs_once(registry) -> None:
    assert registry("reranker-dummy", "reranker-dummy", api_based=False).names == ("reranker-dummy",)


def test_a_module_may_have_a_time_limit_of_its_own() -> None:
    given = {}

    def factory(settings: ModuleSettings) -> RerankerDummy:
        given[settings.timeout_variable] = settings.timeout_seconds
        return RerankerDummy(settings)

    found = {"reranker-dummy": lambda: factory, "reranker-other": lambda: factory}
    timeouts = {"MODULES_CLIENT_TIMEOUT_RERANKER_DUMMY": 2.5}
    Registry.start(RegistrySettings(enabled=tuple(found), api_based=False, timeouts=timeouts), found).close()
    assert given == {"MODULES_CLIENT_TIMEOUT_RERANKER_DUMMY": 2.5, "MODULES_CLIENT_TIMEOUT": 50.0}


def test_a_module_answers_to_an_alias_with_the_aliass_own_defaults(registry) -> None:
    aliases = {"text2vec-contextionary": "text2vec-transformers"}
    started = registry(aliases=aliases, api_based=False)
    assert started.vectorizer("text2vec-contextionary") is started.vectorizer("text2vec-transformers")
    assert started.rules()["text2vec-contextionary"].class_defaults == {"vectorizeClassName": True}
    assert started.rules()["text2vec-transformers"].class_defaults["poolingStrategy"] == "masked_mean"


def test_the_default_vectorizer_must_run(registry) -> None:
    with pytest.raises(ModuleError, match='default vectorizer module: no module with name "text2vec-x" present'):
        registry(default_vectorizer="text2vec-x")
    registry("text2vec-bigram", default_vectorizer="text2vec-bigram")


def test_an_alias_of_nothing_is_refused(registry) -> None:
    with pytest.raises(ModuleError, match='module alias a=b: no module with name "b" present'):
        registry(aliases={"a": "b"})


def test_a_module_that_contradicts_itself_stops_the_start_with_its_name(registry) -> None:
    environment = {**URLS, "TRANSFORMERS_QUERY_INFERENCE_API": "http://q"}
    with pytest.raises(ModuleError, match='init module "text2vec-transformers": either variable'):
        registry("text2vec-transformers", environment=environment)


def test_rules_tell_kinds_and_defaults(registry) -> None:
    rules = registry("text2vec-transformers", "reranker-transformers", "generative-dummy").rules()
    assert rules["text2vec-transformers"].class_defaults == {
        "poolingStrategy": "masked_mean",
        "vectorizeClassName": True,
    }
    assert rules["text2vec-transformers"].property_defaults == {"skip": False, "vectorizePropertyName": False}
    assert rules["text2vec-transformers"].check is not None
    assert (rules["reranker-transformers"].kind, rules["reranker-transformers"].class_defaults) == ("reranker", {})
    assert rules["generative-dummy"].kind == "generative"
    assert rules["text2multivec-jinaai"].kind == "multivectorizer"
    assert rules["text2vec-openai"].class_defaults["model"] == "text-embedding-3-small"


def test_the_only_reranker_serves_every_collection(registry) -> None:
    started = registry("reranker-dummy", api_based=False)
    assert started.reranker_for(of()).name == "reranker-dummy"
    assert started.serves(of(), Kind.RERANKER)
    assert not started.serves(of(), Kind.GENERATOR)


def test_of_several_rerankers_a_collection_names_its_own(registry) -> None:
    started = registry("reranker-dummy", "reranker-transformers")
    chosen = started.reranker_for(of(reranker_dummy={"a": 1}))
    assert (chosen.name, chosen.settings) == ("reranker-dummy", {"a": 1})
    assert not started.serves(of(), Kind.RERANKER)
    with pytest.raises(InvalidQuery, match=r"^unknown capability: rerank: the moduleConfig of collection C names no"):
        started.reranker_for(of())


def test_a_query_may_name_another_reranker(registry) -> None:
    started = registry("reranker-dummy", "reranker-transformers")
    assert started.reranker_for(of(reranker_dummy={}), "reranker-transformers").name == "reranker-transformers"
    assert started.reranker_for(of(reranker_dummy={}), "transformers").name == "reranker-transformers"
    assert started.generator_for(of(), "openai").name == "generative-openai"
    with pytest.raises(InvalidQuery, match='no reranker module with name "reranker-x" present; present are: reranker-'):
        started.reranker_for(of(), "reranker-x")


def test_of_two_configured_rerankers_the_one_weaviate_takes_is_taken(registry) -> None:
    started = registry("reranker-dummy", "reranker-transformers")
    both = of(reranker_dummy={}, reranker_transformers={})
    assert started.reranker_for(both).name == "reranker-dummy"


def test_a_configured_reranker_that_does_not_run_is_no_reranker(registry) -> None:
    started = registry("reranker-dummy", "reranker-transformers")
    assert not started.serves(of(reranker_nope={}), Kind.RERANKER)


def test_without_any_reranker_the_error_says_so(registry) -> None:
    with pytest.raises(InvalidQuery, match="rerank: no reranker module is enabled on this server"):
        registry(api_based=False).reranker_for(of())


def test_generators_are_found_like_rerankers(registry) -> None:
    started = registry("generative-dummy")
    chosen = started.generator_for(of(generative_dummy={"x": "y"}))
    written = chosen.module.generate("Describe soup", chosen.settings, Call())
    assert written.text == (
        "You want me to generate something based on the following prompt: Describe soup. With settings: x=y,. "
        "I'm sorry, I'm just a dummy and can't generate anything."
    )


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda r: r.vectorizer("nope"), 'no module with name "nope" present'),
        (
            lambda r: r.vectorizer("reranker-dummy"),
            'module "reranker-dummy" exists, but does not provide the Vectorizer',
        ),
        (lambda r: r.reranker("text2vec-bigram"), 'module "text2vec-bigram" exists, but does not provide the Reranker'),
        (lambda r: r.generator("reranker-dummy"), 'module "reranker-dummy" exists, but does not provide the Generator'),
    ],
)
def test_asking_for_what_is_not_there(registry, ask, problem: str) -> None:
    started = registry("reranker-dummy", "text2vec-bigram", api_based=False)
    with pytest.raises(ModuleError, match=problem):
        ask(started)


def test_meta_has_an_entry_for_each_module_and_an_error_where_one_fails(registry) -> None:
    def behave(asked) -> Told:
        if asked.url.startswith("http://t2v"):
            return Told({"error": "no"}, 500) if asked.path == "/meta" else transformers_container(asked)
        return scoring_container(asked)

    network = FakeContainer(behave).transport()
    enabled = ("text2vec-transformers", "reranker-transformers", "backup-filesystem")
    environment = {**URLS, "BACKUP_FILESYSTEM_PATH": "/var/backups"}
    meta = registry(*enabled, environment=environment, network=network).meta()
    assert set(meta) == API_BASED | set(enabled)
    assert meta["text2vec-transformers"] == {"error": "unexpected status code '500' of meta request to http://t2v/meta"}
    assert meta["reranker-transformers"] == {"model": "fake"}
    assert meta["backup-filesystem"] == {"backupsPath": "/var/backups"}
    assert meta["reranker-nvidia"] == {
        "name": "Reranker - NVIDIA",
        "documentationHref": "https://docs.api.nvidia.com/nim/reference/retrieval-apis",
    }
    assert meta["text2vec-cohere"] == {
        "name": "Cohere Module",
        "documentationHref": "https://docs.cohere.ai/embedding-wiki/",
    }


def test_states_tell_which_containers_are_up(registry) -> None:
    network = FakeContainer(lambda asked: Told(status=204 if "t2v" in asked.url else 503)).transport()
    started = registry("text2vec-transformers", "reranker-transformers", environment=URLS, network=network)
    vectorizer = started.vectorizer("text2vec-transformers")
    vectorizer.vectorize(["x"], Task.PASSAGE, {}, Call())
    states = started.states()
    assert states["text2vec-transformers"] == "ready"
    assert states["reranker-transformers"].startswith("starting: ")


class Strange:
    """A module of somebody else, with a fault."""

    name = "text2vec-strange"
    kind = Kind.OTHER
    closed = 0

    def __init__(self, settings) -> None:
        pass

    def meta(self):
        raise ZeroDivisionError("oops")

    def close(self) -> None:
        Strange.closed += 1
        raise OSError("cannot close")


def test_a_package_that_cannot_be_loaded_is_named() -> None:
    def load():
        raise ImportError("no module named torch")

    with pytest.raises(ModuleError, match='module "reranker-x" is installed but cannot be loaded: ImportError: no mod'):
        Registry.start(RegistrySettings(enabled=("reranker-x",), api_based=False), {"reranker-x": load})


def test_a_strangers_faults_stay_its_own(caplog) -> None:
    found = {"text2vec-strange": lambda: Strange, "reranker-dummy": lambda: RerankerDummy}
    started = Registry.start(RegistrySettings(enabled=tuple(found), aliases={"other": "text2vec-strange"}), found)
    assert started.meta()["text2vec-strange"] == {"error": "ZeroDivisionError: oops"}
    assert started.meta()["reranker-dummy"] == {"name": "Reranker - Dummy"}
    started.close()
    assert Strange.closed == 1
    assert "did not close" in caplog.text


@pytest.mark.parametrize("point", entry_points(group=GROUP), ids=lambda point: point.name)
def test_every_installed_module_starts_and_answers_to_its_name(point) -> None:
    module = point.load()(ModuleSettings({}))
    assert isinstance(module, Module)
    assert module.name == point.name
    module.close()


def test_a_hosted_service_is_known_but_not_called(registry) -> None:
    vectorizer = registry().vectorizer("text2vec-google")
    [error] = vectorizer.vectorize(["x"], Task.PASSAGE, {}, Call())
    assert isinstance(error, ModuleError)
    assert "this server does not call Google Module; give the objects their vectors" in str(error)


def test_a_module_answers_to_its_former_name(registry) -> None:
    running = registry()
    assert running.vectorizer("text2vec-palm") is running.vectorizer("text2vec-google")
    assert running.rules()["text2colbert-jinaai"].kind == "multivectorizer"
    assert "text2vec-palm" not in running.meta()
    assert "text2vec-palm" not in registry(api_based=False).names


def test_every_hosted_module_is_named_by_its_own_name() -> None:
    assert all(name == module.name for name, module in HOSTED.items())
    assert all(module.title and module.documentation.startswith("https://") for module in HOSTED.values())


def test_the_dummies_keep_to_their_protocols() -> None:
    check_vectorizer(Text2VecBigram(ModuleSettings({})))
    assert GenerativeDummy(ModuleSettings({})).meta() == {"name": "Generative Search - Dummy"}
