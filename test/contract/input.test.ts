// What every input keeps to, whatever its protocol: it confirms when Kafka has the events and not
// before, it passes on when there is no room, it stops. A kind without a subject does not compile.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { choosePort } from '../../deploy/local/ports.ts';
import { collectorSchema } from '../../services/collector/config.ts';
import { bulkInput } from '../../services/collector/inputs/bulk/bulk.ts';
import { hecInput } from '../../services/collector/inputs/hec/hec.ts';
import { httpInput } from '../../services/collector/inputs/http/http.ts';
import { startKafkaInput } from '../../services/collector/inputs/kafka/kafka.ts';
import { lumberjackInput } from '../../services/collector/inputs/lumberjack/lumberjack.ts';
import { otlpInput } from '../../services/collector/inputs/otlp/otlp.ts';
import { syslogInput } from '../../services/collector/inputs/syslog/syslog.ts';
import type { InputParts } from '../../services/collector/inputs/input.ts';
import type { InputKind } from '../../services/collector/inputs/inputs.ts';
import { createIntake } from '../../services/collector/intake.ts';
import { declareCollectorMetrics } from '../../services/collector/metrics.ts';
import type { OutRecord, RecordPosition } from '../../shared/contracts/record.ts';
import type { GroupReading } from '../../shared/kafka/group-reader.ts';
import { Unavailable } from '../../shared/runtime/errors.ts';
import { createRegistry } from '../../shared/runtime/metrics.ts';
import type { Running } from '../../shared/runtime/running.ts';
import { isReady } from '../support/collector-input.ts';
import { quietLog, recordedLog } from '../support/log.ts';
import { openLumberjack, windowOf } from '../support/lumberjack.ts';
import { sendSyslog } from '../support/syslog.ts';
import { until } from '../support/until.ts';

/** What a sender learns, in the words of all protocols. */
type Answer = 'stored' | 'come again' | 'never' | 'cut off';

interface Subject {
  /**
   * It keeps a sender waiting while there is no room or no Kafka, and takes what it sends in parts,
   * instead of asking it to come again.
   */
  readonly keepsWaiting: boolean;
  /** Who sends where it is not the address of this machine. */
  readonly sender?: string;
  start(parts: InputParts): Promise<Running>;
  send(...events: readonly string[]): Promise<Answer>;
}

const NOW_MS = 1_700_000_000_000;
const metrics = () => declareCollectorMetrics(createRegistry('test'));

/** Posts the events, joined by `separator`. */
async function post(url: string, events: readonly string[], separator: string): Promise<Answer> {
  return await postBody(url, { body: events.join(separator) });
}

async function postBody(url: string, init: RequestInit): Promise<Answer> {
  try {
    const { status, headers } = await fetch(url, { method: 'POST', ...init });
    if (status === 200) return 'stored';
    return headers.has('retry-after') ? 'come again' : 'never';
  } catch {
    return 'cut off';
  }
}

const INPUTS: Readonly<Record<InputKind, () => Promise<Subject>>> = {
  http: async () => {
    const port = await choosePort();
    const settings = { ...collectorSchema.parse({}).collector.http, port };
    return {
      keepsWaiting: false,
      start: async (parts) => await httpInput.start(settings, parts),
      send: async (...events) => await post(`http://127.0.0.1:${port}/v1/events`, events, '\n'),
    };
  },
  hec: async () => {
    const port = await choosePort();
    const settings = { ...collectorSchema.parse({}).collector.hec, port };
    return {
      keepsWaiting: false,
      start: async (parts) => await hecInput.start(settings, parts),
      send: async (...events) => await post(`http://127.0.0.1:${port}/services/collector/event`, events, ''),
    };
  },
  bulk: async () => {
    const port = await choosePort();
    const settings = { ...collectorSchema.parse({}).collector.bulk, port };
    return {
      keepsWaiting: false,
      start: async (parts) => await bulkInput.start(settings, parts),
      send: async (...events) =>
        await post(
          `http://127.0.0.1:${port}/_bulk`,
          events.map((event) => `{"create":{}}\n${event}\n`),
          '',
        ),
    };
  },
  otlp: async () => {
    const port = await choosePort();
    const settings = { ...collectorSchema.parse({}).collector.otlp, port };
    return {
      keepsWaiting: false,
      start: async (parts) => await otlpInput.start(settings, parts),
      send: async (...events) =>
        await postBody(`http://127.0.0.1:${port}/v1/logs`, {
          headers: { 'content-type': 'application/json' },
          body: `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${events.join(',')}]}]}]}`,
        }),
    };
  },
  lumberjack: async () => {
    const port = await choosePort();
    const settings = { ...collectorSchema.parse({}).collector.lumberjack, port };
    return {
      keepsWaiting: true,
      start: async (parts) => await lumberjackInput.start(settings, parts),
      send: async (...events) => {
        try {
          const { socket, acknowledged, isClosed } = await openLumberjack(port);
          // A compressed window needs more than the little room that these tests leave.
          socket.write(windowOf(events, { isPacked: false }));
          const isStored = (): boolean => acknowledged().includes(events.length);
          await until('an answer', () => isStored() || isClosed());
          socket.destroy();
          return isStored() ? 'stored' : 'cut off';
        } catch {
          return 'cut off';
        }
      },
    };
  },
  kafka: async () => {
    const settings = { ...collectorSchema.parse({}).collector.kafka, topics: ['agents'] };
    let handle: GroupReading['handle'] | undefined;
    let offset = 0;
    return await Promise.resolve({
      keepsWaiting: true,
      sender: 'agents',
      start: async (parts: InputParts) =>
        await Promise.resolve(
          startKafkaInput(settings, parts, (_, reading) => {
            ({ handle } = reading);
            return { ready: async () => await Promise.resolve(undefined), stop: async () => await Promise.resolve() };
          }),
        ),
      // A batch whose handling resolves is committed; another is read again.
      send: async (...events: readonly string[]) => {
        const records = events.map((event) => ({
          key: null,
          value: Buffer.from(event),
          headers: {},
          timestampMs: NOW_MS,
          offset: String(offset++),
        }));
        const batch = { topic: 'agents', partition: 0, records };
        return await (
          handle?.(batch, new AbortController().signal) ?? Promise.reject(new Error('it does not read'))
        ).then(
          (): Answer => 'stored',
          (): Answer => 'cut off',
        );
      },
    });
  },
  syslog: async () => {
    const port = await choosePort();
    const settings = { ...collectorSchema.parse({}).collector.syslog, port };
    return {
      keepsWaiting: true,
      start: async (parts) => await syslogInput.start(settings, parts),
      // Without acknowledgements, the end of the other side says that all was stored.
      send: async (...events) =>
        (await sendSyslog(port, events.map((event) => `${event}\n`).join(''))) ? 'stored' : 'cut off',
    };
  },
};

/** A Kafka that answers on request. */
function slowKafka() {
  const records: OutRecord[] = [];
  const open: { answer(): void; fail(): void }[] = [];
  const send = async (sent: readonly OutRecord[]): Promise<readonly RecordPosition[]> =>
    await new Promise((resolve, reject) => {
      records.push(...sent);
      open.push({
        answer: () => resolve(sent.map((_, index) => ({ partition: 0, offset: String(index) }))),
        fail: () => reject(new Unavailable('Kafka', 'gone')),
      });
    });
  return { producer: { send, ready: isReady }, records, open };
}

interface StartOptions {
  readonly maxInFlightBytes?: number;
  readonly log?: InputParts['log'];
}

async function start(t: TestContext, subject: Subject, { log = quietLog, ...limits }: StartOptions = {}) {
  const kafka = slowKafka();
  const intake = createIntake({
    producer: kafka.producer,
    metrics: metrics(),
    maxInFlightBytes: 1_000_000,
    maxRecordBytes: 100_000,
    deliverTimeoutMs: 60_000,
    ...limits,
  });
  const running = await subject.start({ intake, metrics: metrics(), log, now: () => NOW_MS });
  t.after(async () => {
    // What nobody answered would keep its timer, and the process with it.
    for (const request of kafka.open) request.fail();
    await running.stop(AbortSignal.abort());
  });
  return { ...kafka, running };
}

for (const [kind, make] of Object.entries(INPUTS)) {
  test(`${kind}: events arrive byte for byte, with where and when they came`, async (t) => {
    const subject = await make();
    const { records, open, running } = await start(t, subject);
    assert.equal(await running.ready(), undefined);
    const odd = '{"event":{"n":9007199254740993.10, "t":"\\u00fcü"}}';
    const answer = subject.send(odd, '{"event":{"a":1}}');
    await until('Kafka was asked', () => open.length === 1);
    open[0]?.answer();
    assert.equal(await answer, 'stored');
    assert.deepEqual(
      records.map(({ value }) => String(value)),
      [odd, '{"event":{"a":1}}'],
    );
    for (const { headers, topic } of records) {
      assert.equal(topic, 'raw');
      assert.equal(headers?.['input'], kind);
      assert.equal(headers?.['received'], String(NOW_MS));
      assert.equal(headers?.['sender'], subject.sender ?? '127.0.0.1');
    }
  });

  test(`${kind}: nothing is confirmed before Kafka has it`, async (t) => {
    const subject = await make();
    const { open } = await start(t, subject);
    let isAnswered = false;
    const answer = subject.send('{"event":{"a":1}}').finally(() => {
      isAnswered = true;
    });
    await until('Kafka was asked', () => open.length === 1);
    // A second request that went all the way shows that there was time enough to answer the first.
    const second = subject.send('{"event":{"b":1}}');
    await until('Kafka was asked again', () => open.length === 2);
    open[1]?.answer();
    assert.equal(await second, 'stored');
    assert.equal(isAnswered, false);
    open[0]?.answer();
    assert.equal(await answer, 'stored');
  });

  test(`${kind}: without room the sender comes again or waits, and Kafka is left alone; later there is room`, async (t) => {
    const subject = await make();
    const { open } = await start(t, subject, { maxInFlightBytes: 3500 });
    const first = subject.send(`{"event":"${'x'.repeat(1000)}"}`);
    await until('Kafka was asked', () => open.length === 1);
    const event = `{"event":"${'x'.repeat(1000)}"}`;
    const second = subject.send(event);
    if (!subject.keepsWaiting) assert.equal(await second, 'come again');
    // Whatever has no room to wait in is answered at once, so that one asked later shows that
    // nothing more reaches Kafka.
    else assert.equal(await Promise.race([second, subject.send('broken frame of no input'.repeat(500))]), 'cut off');
    assert.equal(open.length, 1);
    open[0]?.answer();
    assert.equal(await first, 'stored');
    const again = subject.keepsWaiting ? second : subject.send(event);
    await until('Kafka was asked again', () => open.length === 2);
    open[1]?.answer();
    assert.equal(await again, 'stored');
  });

  test(`${kind}: what can never fit is refused for good or ends its connection, or its sender would wait for ever`, async (t) => {
    const subject = await make();
    const { open } = await start(t, subject, { maxInFlightBytes: 3500 });
    const never = subject.keepsWaiting ? 'cut off' : 'never';
    assert.equal(await subject.send(`{"event":"${'x'.repeat(3000)}"}`), never);
    assert.equal(open.length, 0);
    const many = subject.send(...Array.from({ length: 20 }, () => '{}'));
    if (!subject.keepsWaiting) assert.equal(await many, 'never', 'many tiny ones');
    else {
      const answering = setInterval(() => open.forEach((request) => request.answer()), 1);
      t.after(() => clearInterval(answering));
      assert.equal(await many, 'stored', 'many tiny ones, in parts');
      assert.ok(open.length > 1);
    }
  });

  test(`${kind}: Kafka gone: the sender comes again or waits, and nothing stays taken`, async (t) => {
    const subject = await make();
    const { open } = await start(t, subject, { maxInFlightBytes: 3500 });
    const send = async () => await subject.send(`{"event":"${'x'.repeat(1000)}"}`);
    let waiting: Promise<Answer> | undefined;
    for (let round = 0; round < 5; round += 1) {
      const answer = waiting ?? send();
      await until('Kafka was asked', () => open.length === round + 1);
      open[round]?.fail();
      if (subject.keepsWaiting) waiting = answer;
      else assert.equal(await answer, 'come again');
    }
    const last = waiting ?? send();
    await until('Kafka was asked again', () => open.length === 6);
    open[5]?.answer();
    assert.equal(await last, 'stored');
    const next = send();
    await until('there is room', () => open.length === 7);
    open[6]?.answer();
    assert.equal(await next, 'stored');
  });

  test(`${kind}: a stop answers what is under way, and takes nothing more`, async (t) => {
    const subject = await make();
    const { open, running } = await start(t, subject);
    const answer = subject.send('{"event":{"a":1}}');
    await until('Kafka was asked', () => open.length === 1);
    let isStopped = false;
    const stopping = running.stop(AbortSignal.timeout(60_000)).finally(() => {
      isStopped = true;
    });
    assert.equal(await subject.send('{"event":{"late":1}}'), 'cut off');
    assert.equal(isStopped, false, 'it waits for what is under way');
    open[0]?.answer();
    assert.equal(await answer, 'stored');
    await stopping;
    assert.equal(open.length, 1);
    assert.notEqual(await running.ready(), undefined);
  });

  test(`${kind}: a stop does not wait beyond its deadline`, async (t) => {
    const subject = await make();
    const { open, running } = await start(t, subject);
    const answer = subject.send('{"event":{"a":1}}');
    await until('Kafka was asked', () => open.length === 1);
    const deadline = new AbortController();
    const stopping = running.stop(deadline.signal);
    deadline.abort();
    await stopping;
    assert.equal(await answer, 'cut off');
  });

  // The one that reads has no connections of senders.
  if (kind === 'kafka') continue;
  test(`${kind}: the life of a connection is one line in the log`, async (t) => {
    const subject = await make();
    const { log, lines } = recordedLog();
    const { open, running } = await start(t, subject, { log });
    const answer = subject.send('{"event":{"a":1}}', '{"event":{"b":1}}');
    await until('Kafka was asked', () => open.length === 1);
    open[0]?.answer();
    assert.equal(await answer, 'stored');
    await running.stop(AbortSignal.abort());
    const lives = () => lines.filter((line) => line['seconds'] !== undefined);
    await until('the line', () => lives().length > 0);
    assert.equal(lives().length, 1);
    const [life] = lives();
    const { input, address, sender, stored, refused, reason } = life ?? {};
    assert.deepEqual([input, address, sender, stored, refused], [kind, '127.0.0.1', '127.0.0.1', 2, 0]);
    assert.match(String(reason), /^(?:ended_by_sender|ended_here|broken)$/u);
    assert.ok(Number(life?.['receivedBytes']) >= 34, String(life?.['receivedBytes']));
  });
}
