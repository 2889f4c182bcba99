// The head of an incident: what it is and what can be done at once.
import type { JSX } from 'preact';
import type { ActKind } from '../act-panel.tsx';
import type { Act } from '../acts.ts';
import type { IncidentView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { flagsOf, portOf, titleWithoutHost } from '../model/incident-text.ts';
import { momentText, spanText } from '../model/time-text.ts';
import { hostPath, incidentPath, silencePath } from '../routes.ts';
import { Copy, OutLink } from '../ui/boxes.tsx';
import { Moment, SeverityMark, StateMark } from '../ui/marks.tsx';

/** What the buttons and keys do. */
export interface HeadActs {
  run(act: Act): void;
  ask(kind: ActKind): void;
  acknowledge(): void;
  assignMe(): void;
}

interface HeadProps {
  readonly incident: IncidentView;
  readonly acts: HeadActs;
  /** Its events in Kibana, where there is one. */
  readonly kibana: string | undefined;
}

/** The head. */
export function Head({ incident, acts, kibana }: HeadProps): JSX.Element {
  const { now, zone } = usePage();
  const { id, severity, host, summary } = incident;
  const port = portOf(incident);
  return (
    <header class="incident-head">
      <p class="marks">
        <SeverityMark severity={severity} />
        <StateMark incident={incident} />
        {flagsOf(incident, now, (at) => momentText(at, now, zone)).map(({ text, meaning }) => (
          <span class="flag" key={text} title={meaning}>
            {text}
          </span>
        ))}
      </p>
      <h1>{titleWithoutHost(incident)}</h1>
      <p class="where">
        <a href={hostPath(host)}>{host}</a> {port !== undefined && <span>port {port}</span>}
        <Copy text={host} label="Copy host" />
        <Copy text={new URL(incidentPath(id), location.href).href} label="Copy link" />
        {kibana !== undefined && <OutLink url={kibana} title="Open in Kibana" />}
      </p>
      {summary !== undefined && <p class="summary">{summary}</p>}
      <Facts incident={incident} />
      <Buttons incident={incident} acts={acts} />
    </header>
  );
}

function Facts({ incident }: { readonly incident: IncidentView }): JSX.Element {
  const { now } = usePage();
  const { state, opened, resolved, episode, episodeCount, totalCount, lastSeen, assignee, acknowledgedBy } = incident;
  const { resolvedBy, clearedBy, senders } = incident;
  const end = resolved === undefined || state !== 'resolved' ? now : Date.parse(resolved);
  return (
    <dl class="facts">
      <Fact name={state === 'resolved' ? 'Was open for' : 'Open for'}>{spanText(end - Date.parse(opened))}</Fact>
      <Fact name="Opened">
        <Moment at={opened} />
      </Fact>
      <Fact name="Events">
        {episodeCount.toLocaleString('en')}
        {totalCount > episodeCount && ` (${totalCount.toLocaleString('en')} in ${episode} episodes)`}, last{' '}
        <Moment at={lastSeen} />
      </Fact>
      <Fact name="Owner">{assignee ?? 'nobody'}</Fact>
      {acknowledgedBy !== undefined && <Fact name="Acknowledged by">{acknowledgedBy}</Fact>}
      {resolvedBy !== undefined && state === 'resolved' && (
        <Fact name="Resolved by">
          {resolvedBy}
          {clearedBy !== undefined && `: ${clearedBy}`}
        </Fact>
      )}
      {senders !== undefined && senders.length > 0 && <Fact name="Sent by">{senders.join(', ')}</Fact>}
    </dl>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: JSX.Element['props']['children'];
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Buttons({ incident, acts }: Omit<HeadProps, 'kibana'>): JSX.Element | null {
  const { person } = usePage();
  const { state } = incident;
  if (!person.mayOperate) return <p class="muted">Read only: your token lacks the scope operate.</p>;
  const asking = (kind: ActKind, text: string, key: string): JSX.Element => (
    <button type="button" onClick={() => acts.ask(kind)}>
      {text} <kbd>{key}</kbd>
    </button>
  );
  return (
    <div class="buttons act-buttons" role="toolbar" aria-label="What to do with this incident">
      <span class="quick" hidden={state === 'resolved'}>
        {' '}
        {state === 'open' && (
          <button type="button" class="primary" onClick={acts.acknowledge}>
            Acknowledge <kbd>a</kbd>
          </button>
        )}
        {state !== 'resolved' && (
          <>
            <button type="button" onClick={acts.assignMe}>
              Assign to me <kbd>i</kbd>
            </button>
            {asking('snooze', 'Snooze', 'z')}
          </>
        )}
      </span>
      <span class="more">
        {asking('note', 'Note', 'n')}
        {state !== 'resolved' && asking('resolve', 'Resolve', 'e')}
        {state === 'resolved' && (
          <button type="button" onClick={() => acts.run({ kind: 'reopen' })}>
            Reopen
          </button>
        )}
        {state !== 'resolved' && (
          <a class="button" href={silencePath(incident)}>
            Silence … <kbd>s</kbd>
          </a>
        )}
      </span>
    </div>
  );
}
