// Links from an incident to Kibana: what stands in them can be read back, whatever a host is
// called.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kibanaLinks } from '../../../../services/console/read/kibana-links.ts';
import { DASHBOARDS } from '../../../../deploy/dashboards/kibana/saved-objects.ts';
import { VIEWS } from '../../../../deploy/dashboards/kibana/panel.ts';

const SUBJECT = {
  host: 'media01.example.org',
  faultClass: 'address-in-use',
  from: '2026-03-01T10:00:00.000Z',
  to: '2026-03-01T10:20:00.000Z',
};
const TIME = "_g=(time:(from:'2026-03-01T10:00:00.000Z',to:'2026-03-01T10:20:00.000Z'))";
const KIBANA = 'https://kibana.example.org:5601/s/soc/';

const readable = (address: string): string => decodeURIComponent(address);

test('the events of the host and the dashboard of conflicts, both of that time, in that space', () => {
  const { events, dashboard } = kibanaLinks(KIBANA, SUBJECT);
  const query = `query:(language:kuery,query:'host.name: "media01.example.org"')`;
  const view = `dataSource:(dataViewId:'${VIEWS.events.id}',type:dataView)`;
  assert.equal(readable(events), `https://kibana.example.org:5601/s/soc/app/discover#/?${TIME}&_a=(${view},${query})`);
  assert.equal(
    readable(dashboard),
    `https://kibana.example.org:5601/s/soc/app/dashboards#/view/foghorn-port-conflicts?${TIME}&_a=(${query})`,
  );
});

test('the dashboards are among those that are imported', () => {
  for (const faultClass of ['address-in-use', 'log-not-written', undefined]) {
    const { dashboard } = kibanaLinks(KIBANA, { ...SUBJECT, faultClass });
    const id = /#\/view\/(?<id>[\w-]+)\?/u.exec(dashboard)?.groups?.['id'];
    assert.ok(
      DASHBOARDS.some((one) => one.id === id),
      dashboard,
    );
  }
});

test('a name with quotation marks, Rison’s own marks or half a character stays inside its text', () => {
  const { events } = kibanaLinks(KIBANA, { ...SUBJECT, host: `a'),b:!('"\\\ud800` });
  assert.ok(
    readable(events).endsWith(String.raw`query:'host.name: "a!'),b:!!(!'\"\\` + `\ufffd"'))`),
    readable(events),
  );
  assert.doesNotMatch(events.slice(KIBANA.length), /["<>\\ ]/u);
});
