// `foghorn route …`: shows the routing tree, and who would be notified of an incident with these
// labels, and why.
import { loadConfig, readConfigSource } from '../../../shared/runtime/config.ts';
import { problemsInMatcher, type KnownLabels } from '../../../shared/matchers/label-check.ts';
import { parseMatcher } from '../../../shared/matchers/matcher.ts';
import { checkNotifier, labelsOfFile } from '../../notifier/check.ts';
import { notifierSchema } from '../../notifier/config.ts';
import { receiverTraitsOf } from '../../notifier/policy/receiver-traits.ts';
import { showDuration } from '../../../shared/runtime/duration.ts';
import { type ExplainedTarget, explainRoute } from '../../notifier/policy/explain.ts';
import type { Labels } from '../../../shared/matchers/matcher.ts';
import { withOwnLabels } from '../../notifier/policy/lint.ts';
import { createPolicy, type Policy, showRoutes } from '../../notifier/policy/policy.ts';
import { didYouMean } from '../../../shared/runtime/nearest.ts';
import { readArguments } from '../arguments.ts';
import { type Command, type CommandIo, UsageError } from '../command.ts';
import { momentOf } from '../incidents/moment.ts';

/** The verb. */
export const routeCommand: Command = {
  summary: 'show the routes, and test who would be notified of what',
  usage: [
    'foghorn route [--config FILE] show | test [--at TIME] KEY=VALUE …',
    '',
    '  show            the routing tree',
    '  test            who would be notified of an incident with these labels, and why; ends with 1 when nobody would, and',
    '                  when no incident has such a label or value. Labels are',
    '                  rule (or alertname), class, severity, host, provider, event_id, channel, address and the',
    "                  entry's parameters such as port",
    '  --at TIME       at another moment than now, e.g. 2026-03-01T22:00:00Z',
    '  --config FILE   the configuration (./foghorn.yaml, or FOGHORN_CONFIG); environment variables count too',
  ].join('\n'),
  run: async (args, io) => {
    const { values, positionals } = readArguments(
      args,
      { config: { type: 'string', short: 'c' }, at: { type: 'string' } },
      { at: ['test'] },
    );
    const [action = '', ...pairs] = positionals;
    if (!(action === 'show' && pairs.length === 0) && !(action === 'test' && pairs.length > 0))
      throw new UsageError(`Say route show, or route test KEY=VALUE ….${didYouMean(action, ['show', 'test'])}`);
    const source = readConfigSource(values.config);
    let known: KnownLabels | undefined;
    const { notifier } = loadConfig(notifierSchema, source, {
      check: (raw) => {
        known = withOwnLabels(raw.input['notifier'], labelsOfFile(raw).known);
        return checkNotifier(raw);
      },
    });
    const policy = createPolicy(notifier, notifier.receivers.map(receiverTraitsOf));
    if (action === 'show') {
      for (const line of showRoutes(policy.root)) io.out(line);
      return 0;
    }
    const labels = readLabels(pairs);
    const odd = known === undefined ? [] : oddities(labels, known);
    for (const line of odd) io.err(line);
    const code = test(policy, { labels, nowMs: readTime(values.at, io.err) }, io);
    return odd.length > 0 ? 1 : code;
  },
};

function test(
  policy: Policy,
  { labels, nowMs }: { readonly labels: Labels; readonly nowMs: number },
  io: CommandIo,
): number {
  const { targets, passed, escalations, labels: full } = explainRoute(policy, labels, nowMs);
  const shown = Object.entries(full).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  io.out(`labels: ${shown.join(' ')}`);
  for (const target of targets) for (const line of linesOf(target)) io.out(line);
  for (const { afterMs, receivers } of escalations)
    io.out(`not acknowledged after ${showDuration(afterMs)}: ${receivers.join(', ')}`);
  for (const reason of passed) io.out(`not notified: ${reason}`);
  if (targets.length === 0) io.out('Nobody would be notified.');
  return targets.length === 0 ? 1 : 0;
}

/** Names and values that no incident has. */
function oddities(labels: Labels, known: KnownLabels): readonly string[] {
  return Object.entries(labels).flatMap(([name, value]) => {
    const parsed = parseMatcher(`${JSON.stringify(name)}=${JSON.stringify(value)}`);
    if (parsed.kind === 'bad')
      return name === 'network' ? ['network is for matchers; give address=…'] : [parsed.detail];
    return problemsInMatcher(parsed.matcher, known).map(({ text }) => text);
  });
}

function linesOf({ receiver, reason, how, now }: ExplainedTarget): readonly string[] {
  const held = now.kind === 'notify' ? [] : [`  held back at that moment: ${now.reason}`];
  return [`${receiver}: ${how}`, `  by ${reason}`, ...held];
}

function readLabels(pairs: readonly string[]): Labels {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`${pair} is no KEY=VALUE.`);
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      return [name, value];
    }),
  );
}

function readTime(text: string | undefined, say: (line: string) => void): number {
  const nowMs = Date.now();
  return text === undefined ? nowMs : Date.parse(momentOf(text, { option: '--at', side: 'ahead', nowMs, say }));
}
