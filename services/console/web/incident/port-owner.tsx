// The owner of the port in what Windows printed of its sockets. The text stays in the page.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { IncidentView } from '../api/types.ts';
import { usePage } from '../context.ts';
import { nextCommand, type Owner, ownerText, portHolders } from '../model/netstat.ts';
import { Command } from '../ui/boxes.tsx';

interface PortOwnerProps {
  readonly incident: IncidentView;
  readonly port: number;
  reload(): void;
}

/** See above: a box to paste into, and what is found in it. */
export function PortOwner(props: PortOwnerProps): JSX.Element {
  const { port } = props;
  const [text, setText] = useState('');
  return (
    <details class="netstat">
      <summary>Paste the output to find the owner of port {port}</summary>
      <label>
        Output of netstat -a -o -n, netstat -a -b -n or Get-NetTCPConnection, with that of tasklist /svc below if you
        have it. It stays in this page.
        <textarea
          rows={5}
          spellcheck={false}
          autocomplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <div role="status">{text.trim() !== '' && <Found {...props} text={text} />}</div>
    </details>
  );
}

function Found({ text, port, ...rest }: PortOwnerProps & { readonly text: string }): JSX.Element {
  const held = portHolders(text, port);
  if (held.kind === 'owners') return <Owners {...rest} owners={held.owners} />;
  if (held.kind === 'none')
    return (
      <p>
        None of {held.sockets.toLocaleString('en')} sockets has port {port}. The holder may have ended since.
      </p>
    );
  return (
    <p class="risk">
      {held.kind === 'names'
        ? 'The ports are printed as names. Run it with -n, so that they are numbers.'
        : 'No line is one of netstat or Get-NetTCPConnection. Paste their lines as they were printed.'}
    </p>
  );
}

const FOLLOW_MS = 600;

function Owners({
  owners,
  incident,
  reload,
}: Omit<PortOwnerProps, 'port'> & { readonly owners: readonly Owner[] }): JSX.Element {
  const { acts, person } = usePage();
  const [kept, setKept] = useState<string>();
  const note = `${owners.map(ownerText).join('; ')}.`;
  const isKept = kept === note;
  const keep = (): void => {
    if (isKept) return;
    setKept(note);
    void acts.run({ kind: 'note', text: note }, incident, () => setTimeout(reload, FOLLOW_MS));
  };
  return (
    <>
      <ul class="causes">
        {owners.map((owner) => (
          <OwnerLine key={ownerText(owner)} owner={owner} />
        ))}
      </ul>
      {person.mayOperate && (
        <button type="button" onClick={keep} aria-disabled={isKept}>
          {isKept ? 'Kept as a note' : 'Keep it as a note'}
        </button>
      )}
    </>
  );
}

function OwnerLine({ owner }: { readonly owner: Owner }): JSX.Element {
  const command = nextCommand(owner);
  return (
    <li>
      <p>
        <strong>{ownerText(owner)}</strong>.
      </p>
      {command !== undefined && <Command text={command} />}
    </li>
  );
}
