// The pages' snippets in JavaScript: what each call answers, as one JSON object on standard output.
// Arguments: the server's HTTP and gRPC ports, and the films as JSON.

import weaviate, { configure, reconfigure, vectors } from 'weaviate-client';

const [port, grpcPort, films] = process.argv.slice(2);
const found = {};
const titles = (reply) => reply.objects.map((object) => object.properties.title);

const client = await weaviate.connectToLocal({ port: Number(port), grpcPort: Number(grpcPort) });
found.ready = await client.isReady();

const name = 'DemoScript';
await client.collections.delete(name);
const collection = await client.collections.create({
  name,
  vectorizers: vectors.text2VecTransformers({ name: 'film', sourceProperties: ['title', 'description'] }),
  reranker: configure.reranker.transformers(),
});
found.config = (await collection.config.get()).reranker?.name;

const inserted = await collection.data.insertMany(JSON.parse(films));
found.errors = Object.keys(inserted.errors).length;

found.nearText = titles(await collection.query.nearText('ghosts and a miser at Christmas', { limit: 1 }));
found.hybrid = titles(await collection.query.hybrid('a mafia family', { limit: 1 }));

const rerank = { property: 'title', query: 'A Christmas Carol' };
const reranked = await collection.query.bm25('christmas', { limit: 2, rerank });
found.reranked = reranked.objects.map((object) => [object.properties.title, object.metadata?.rerankScore]);

const without = await collection.query.nearText('a toy for Christmas', { limit: 2, rerank: { property: 'description' } });
found.withoutQuery = titles(without);

await collection.config.update({ reranker: reconfigure.reranker.nvidia({ model: 'any/model' }) });
found.exchanged = (await collection.config.get()).reranker?.name;

await client.collections.delete(name);
await client.close();
console.log(JSON.stringify(found));
