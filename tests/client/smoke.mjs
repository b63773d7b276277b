// The calls people make first, with the official client: what each answers, as one JSON object on standard output.
// Arguments: the server's HTTP and gRPC ports.

import weaviate, { configure, dataType, Filters, generateUuid5, vectors } from 'weaviate-client';

const [port, grpcPort] = process.argv.slice(2);
const found = {};
const titles = (reply) => reply.objects.map((object) => object.properties.title);

const client = await weaviate.connectToLocal({ port: Number(port), grpcPort: Number(grpcPort) });
found.ready = await client.isReady();
found.version = (await client.getMeta()).version;

const name = 'Dish';
await client.collections.delete(name);
const dishes = await client.collections.create({
  name,
  properties: [
    { name: 'title', dataType: dataType.TEXT },
    { name: 'kind', dataType: dataType.TEXT, tokenization: 'field' },
    { name: 'servings', dataType: dataType.INT },
  ],
  references: [{ name: 'goesWith', targetCollection: name }],
  vectorizers: vectors.text2VecTransformers({ sourceProperties: ['title'] }),
  reranker: configure.reranker.transformers(),
});
found.exists = await client.collections.exists(name);
found.properties = (await dishes.config.get()).properties.map((property) => property.name);

const all = ['beetroot soup', 'tomato soup', 'beetroot salad', 'pancakes with honey', 'hot chocolate'];
const inserted = await dishes.data.insertMany(
  all.map((title, servings) => ({
    id: generateUuid5(title),
    properties: { title, kind: title.split(' ').at(-1), servings },
  })),
);
found.errors = inserted.hasErrors;
found.length = await dishes.length();

found.nearText = titles(await dishes.query.nearText('beetroot soup', { limit: 1 }));
found.bm25 = titles(await dishes.query.bm25('tomato', { returnMetadata: ['score'] }));
found.hybrid = titles(await dishes.query.hybrid('pancakes honey', { limit: 1 }));
const reranked = await dishes.query.hybrid('soup', { limit: 5, rerank: { property: 'title', query: 'beetroot salad' } });
found.reranked = titles(reranked)[0];
found.rerankScores = reranked.objects.map((object) => typeof object.metadata?.rerankScore);

const where = Filters.and(
  dishes.filter.byProperty('kind').equal('soup'),
  dishes.filter.byProperty('servings').greaterThan(0),
);
found.filtered = titles(await dishes.query.fetchObjects({ filters: where }));
found.sorted = titles(await dishes.query.fetchObjects({ sort: dishes.sort.byProperty('title', false), limit: 2 }));

const counted = await dishes.aggregate.overAll({
  returnMetrics: dishes.metrics.aggregate('servings').integer(['sum', 'maximum', 'mean']),
});
found.aggregate = [counted.totalCount, counted.properties.servings];
const groups = await dishes.aggregate.groupBy.overAll({ groupBy: { property: 'kind' } });
found.groups = groups.map((group) => [group.groupedBy.value, group.totalCount]).sort();

const id = generateUuid5(all[0]);
await dishes.data.update({ id, properties: { servings: 12 } });
await dishes.data.referenceAdd({ fromUuid: id, fromProperty: 'goesWith', to: generateUuid5(all[1]) });
const shown = await dishes.query.fetchObjectById(id, {
  includeVector: true,
  returnReferences: [{ linkOn: 'goesWith', returnProperties: ['title'] }],
});
found.updated = shown.properties.servings;
found.vector = shown.vectors.default.length > 0;
found.goesWith = titles(shown.references.goesWith);
const grouped = await dishes.query.nearText('soup', {
  groupBy: { property: 'kind', numberOfGroups: 2, objectsPerGroup: 2 },
});
found.groupedBy = Object.keys(grouped.groups).length;

const seen = [];
for await (const object of dishes.iterator()) seen.push(object.properties.title);
found.iterated = seen.sort();

const rehearsal = await dishes.data.deleteMany(dishes.filter.byProperty('kind').equal('soup'), { dryRun: true });
const deleted = await dishes.data.deleteMany(dishes.filter.byProperty('kind').equal('soup'));
found.deleted = [rehearsal.matches, deleted.successful, await dishes.length()];

const rooms = await client.collections.create({ name: 'Room', multiTenancy: configure.multiTenancy({ enabled: true }) });
await rooms.tenants.create([{ name: 'one' }, { name: 'two', activityStatus: 'INACTIVE' }]);
await rooms.withTenant('one').data.insert({ text: 'here' });
found.tenants = Object.values(await rooms.tenants.get()).map((tenant) => [tenant.name, tenant.activityStatus]).sort();
found.inTenant = await rooms.withTenant('one').length();
found.refused = await rooms.withTenant('two').length().catch((error) => error.message.includes('not active'));

await client.alias.create({ collection: name, alias: 'Meal' });
found.throughAlias = await client.collections.use('Meal').length();
await client.alias.delete('Meal');
await client.collections.delete('Room');
await client.collections.delete(name);
found.left = (await client.collections.listAll()).length;
await client.close();
console.log(JSON.stringify(found));
