// Who was notified of the incident, who will be and when, and who is not and why.
import type { JSX } from 'preact';
import { OUTCOME_TEXTS } from '../../../../shared/contracts/delivery-outcome.ts';
import type { IncidentView, Notifications } from '../api/types.ts';
import { Moment } from '../ui/marks.tsx';

type Receiver = Notifications['receivers'][number];

interface NotifiedProps {
  readonly incident: IncidentView;
  readonly notifications: Notifications;
}

/** See above. */
export function Notified({ incident, notifications }: NotifiedProps): JSX.Element | null {
  const { receivers, escalations, passed } = notifications;
  const { silencedBy = [] } = incident;
  if (receivers.length + escalations.length + passed.length + silencedBy.length === 0) return null;
  return (
    <section class="notified" aria-labelledby="notified">
      <h2 id="notified">Notifications</h2>
      {silencedBy.length > 0 && (
        <p class="risk">
          {silencedBy.length === 1 ? 'A silence keeps' : `${silencedBy.length} silences keep`} messages about it back:{' '}
          <a href="/silences">silences</a>.
        </p>
      )}
      <ul class="causes">
        {receivers.map((receiver) => (
          <ReceiverLine key={receiver.receiver} {...receiver} />
        ))}
        {escalations.map(({ step, at, receivers: whom, isDone }) => (
          <li key={step}>
            Escalation {step} to <strong>{whom.join(', ')}</strong>{' '}
            {isDone ? (
              'done'
            ) : (
              <>
                at <Moment at={at} /> while nobody acknowledges it
              </>
            )}
          </li>
        ))}
      </ul>
      {passed.length > 0 && (
        <details>
          <summary>Who is not notified, and why</summary>
          <ul class="remarks">
            {passed.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function ReceiverLine({ receiver, route, outcome, at, reason, error, nextReminder }: Receiver): JSX.Element {
  return (
    <li>
      <strong>{receiver}</strong> {OUTCOME_TEXTS[outcome]}{' '}
      {at !== undefined && (
        <>
          at <Moment at={at} />
        </>
      )}
      {nextReminder !== undefined && (
        <>
          , again at <Moment at={nextReminder} /> if it is still open
        </>
      )}
      {error !== undefined && <span class="risk"> {error}</span>}
      {[reason, route]
        .filter((text) => text !== undefined && text !== '')
        .map((text) => (
          <span class="muted" key={text}>
            {' '}
            {text}
          </span>
        ))}
    </li>
  );
}
