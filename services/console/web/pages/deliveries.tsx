// What was not delivered, by receiver, and trying it again.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { FailedDelivery } from '../api/types.ts';
import { usePage } from '../context.ts';
import { asApiError, useResource } from '../resource.ts';
import { incidentPath } from '../routes.ts';
import { EmptyBox, ErrorBox, Loading } from '../ui/boxes.tsx';
import { Moment } from '../ui/marks.tsx';
import { TableHead } from '../ui/table-head.tsx';

const PATH = '/api/v1/deliveries';
const LIMIT = 1000;

interface DeliveryList {
  readonly total: number;
  readonly deliveries: readonly FailedDelivery[];
}

/** The page. */
export function Deliveries(): JSX.Element {
  const { data, error, reload } = useResource(PATH, async (signal) =>
    ask<DeliveryList>(`${PATH}?limit=${LIMIT}`, { signal }),
  );
  const receivers = [...new Set(data?.deliveries.map(({ receiver }) => receiver))];
  return (
    <div class="page">
      <header class="page-head">
        <h1>Not delivered</h1>
        {data !== undefined && data.total > 0 && (
          <p class="muted">
            {data.total.toLocaleString('en')} in the last 30 days
            {data.total > data.deliveries.length && `, the latest ${data.deliveries.length} below`}
          </p>
        )}
      </header>
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data === undefined && error === undefined && <Loading what="deliveries" />}
      {data?.total === 0 && (
        <EmptyBox title="Everything was delivered">
          <p>Nothing failed for good in the last 30 days that did not arrive since.</p>
        </EmptyBox>
      )}
      {receivers.map((receiver) => (
        <Receiver
          key={receiver}
          receiver={receiver}
          deliveries={(data?.deliveries ?? []).filter((delivery) => delivery.receiver === receiver)}
          reload={reload}
        />
      ))}
    </div>
  );
}

interface ReceiverProps {
  readonly receiver: string;
  readonly deliveries: readonly FailedDelivery[];
  reload(): void;
}

const INDEXED_MS = 3000;

function Receiver({ receiver, deliveries, reload }: ReceiverProps): JSX.Element {
  const { person } = usePage();
  const [word, setWord] = useState('');
  const [chosen, setChosen] = useState<string>();
  const errors = new Map<string, number>();
  for (const delivery of deliveries) errors.set(errorOf(delivery), (errors.get(errorOf(delivery)) ?? 0) + 1);
  const shown = deliveries.filter((delivery) => chosen === undefined || errorOf(delivery) === chosen);
  const redrive = async (deliveryId?: string): Promise<void> => {
    try {
      const body = { receiver, ...(deliveryId === undefined ? {} : { deliveryId }) };
      const { detail = 'It is tried again.' } = await ask<{ readonly detail?: string }>(`${PATH}/redrive?wait=10000`, {
        method: 'POST',
        body,
      });
      setWord(detail);
      setTimeout(reload, INDEXED_MS);
    } catch (error) {
      setWord(asApiError(error).message);
    }
  };
  return (
    <section aria-label={receiver}>
      <header class="page-head">
        <h2>
          {receiver} <span class="muted">{deliveries.length.toLocaleString('en')}</span>
        </h2>
        {person.mayOperate && (
          <button type="button" onClick={() => void redrive()}>
            Try all again
          </button>
        )}
        <p role="status">{word}</p>
      </header>
      {errors.size > 1 && <Errors errors={errors} chosen={chosen} onChoose={setChosen} />}
      <table class="table">
        <TableHead names={['When', 'About', 'Error']} hasActions />
        <tbody>
          {shown.map(({ id, at, error, reason, incidents, incidentId, host }) => (
            <tr key={id}>
              <td data-name="When">
                <Moment at={at} />
              </td>
              <th scope="row" data-name="About">
                {incidentId === undefined ? 'unknown' : <a href={incidentPath(incidentId)}>{host ?? incidentId}</a>}
                {incidents > 1 && ` and ${incidents - 1} more`}
              </th>
              <td data-name="Error">{errorOf({ error, reason })}</td>
              <td class="actions">
                {person.mayOperate && (
                  <button type="button" onClick={() => void redrive(id)}>
                    Try again
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function errorOf({ error, reason }: Pick<FailedDelivery, 'error' | 'reason'>): string {
  return error === '' ? reason : error;
}

interface ErrorsProps {
  readonly errors: ReadonlyMap<string, number>;
  readonly chosen: string | undefined;
  onChoose(error: string | undefined): void;
}

/** A click shows the deliveries with one error; a second one all again. */
function Errors({ errors, chosen, onChoose }: ErrorsProps): JSX.Element {
  return (
    <p class="choice errors" role="group" aria-label="Error">
      {[...errors]
        .toSorted(([, left], [, right]) => right - left)
        .map(([error, count]) => (
          <button
            type="button"
            key={error}
            aria-pressed={chosen === error}
            onClick={() => onChoose(chosen === error ? undefined : error)}
          >
            <span>{error}</span> {count.toLocaleString('en')}
          </button>
        ))}
    </p>
  );
}
