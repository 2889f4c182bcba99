import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeNext } from '../../cluster/load.ts';

test('no two events of a load are the same one, also when repetitions have record ids of later events', () => {
  const indexes = [0, 100_000, 200_000].flatMap((from) => Array.from({ length: 1000 }, (_, place) => from + place));
  const made = indexes.map((index) => makeNext('fleet', index));
  assert.equal(new Set(made.map(({ event, record }) => `${event.host} ${record}`)).size, indexes.length);
  const news = made.filter(({ isNews }) => isNews);
  assert.equal(new Set(news.map(({ event }) => event.host)).size, news.length);
  assert.ok(made.some(({ event, isNews }) => event.isFault && !isNews));
});
