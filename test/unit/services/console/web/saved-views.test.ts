// Views that people name, as the browser keeps them, and what the palette offers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offersFor } from '../../../../../services/console/web/model/palette.ts';
import { savedViewsIn, withoutView, withView } from '../../../../../services/console/web/model/saved-views.ts';

test('a view is kept by its name, and a second one of the name takes its place', () => {
  const media = { name: 'media', address: '/incidents?q=host:media*' };
  const edge = { name: 'edge', address: '/incidents?q=host:edge*' };
  const both = withView(withView([], media), edge);
  assert.deepEqual(both, [edge, media], 'by name');
  assert.deepEqual(savedViewsIn(JSON.stringify(both)), both);
  const later = { ...media, address: '/incidents?q=port:80' };
  assert.deepEqual(withView(both, later), [edge, later]);
  assert.deepEqual(withoutView(both, 'edge'), [media]);
});

test('what is no view of this console is left out', () => {
  for (const kept of [null, '', 'nothing', '{}', '[null, 1, "a", {}]'])
    assert.deepEqual(savedViewsIn(kept), [], `${kept}`);
  for (const address of ['javascript:alert(1)', 'https://example.org/', '//example.org/', String.raw`/\example.org`])
    assert.deepEqual(savedViewsIn(JSON.stringify([{ name: 'x', address }])), [], address);
});

test('the palette offers what the page can do, views, and where the words may lead', () => {
  const views = [{ name: 'media, open', address: '/incidents?q=host:media*' }];
  const texts = (typed: string): readonly string[] =>
    offersFor(typed, { actions: ['palette', 'acknowledge', 'goSilences', 'silence'], views }).map(({ text }) => text);
  assert.deepEqual(texts(''), ['Acknowledge', 'Go to the silences', 'Silence', 'media, open']);
  assert.deepEqual(texts(' GO sil'), ['Go to the silences', 'Incidents: GO sil']);
  assert.deepEqual(texts('media01'), ['Incidents: media01', 'Host media01']);
  assert.deepEqual(texts('host:media*'), ['Incidents: host:media*']);
  assert.deepEqual(texts('hots:a'), [], 'no filter');
});
