// What is around every page: the way to the others, whether it is live, who is there, what was
// done.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from './context.ts';
import { Help } from './help.tsx';
import { fullMoment } from './model/time-text.ts';
import type { KeyAction } from './model/keys.ts';
import { Palette } from './palette.tsx';
import { navigate } from './router.ts';
import type { Route } from './routes.ts';
import { copyText } from './ui/boxes.tsx';
import { logOut } from './session.ts';
import { Horn } from './ui/horn.tsx';
import { actionsNow, useKeys } from './ui/keys.ts';
import { LiveButton, LostBar, ProgressBar } from './ui/status.tsx';

interface FrameProps {
  readonly route: Route;
  readonly isUtc: boolean;
  readonly children: ComponentChildren;
  onUtc(isUtc: boolean): void;
  onLogout(): void;
}

const LINKS = [
  { page: 'inbox', href: '/', text: 'Incidents' },
  { page: 'silences', href: '/silences', text: 'Silences' },
  { page: 'deliveries', href: '/deliveries', text: 'Not delivered' },
  { page: 'sources', href: '/sources', text: 'Sources' },
  { page: 'catalogue', href: '/catalogue', text: 'Catalogue' },
  { page: 'handover', href: '/handover', text: 'Handover' },
] as const;

/** See above. */
export function Frame({ route, isUtc, children, onUtc, onLogout }: FrameProps): JSX.Element {
  const { live, acts } = usePage();
  const [isHelp, setHelp] = useState(false);
  const [offered, setOffered] = useState<readonly KeyAction[]>();
  useKeys({
    help: () => setHelp(true),
    palette: () => setOffered((before) => before ?? actionsNow()),
    live: () => live.pause(live.state !== 'paused'),
    copyLink: () => void copyText(location.href),
    undo: acts.undo,
    goInbox: () => navigate('/'),
    goSilences: () => navigate('/silences'),
    goDeliveries: () => navigate('/deliveries'),
    goCatalogue: () => navigate('/catalogue'),
    goSources: () => navigate('/sources'),
    goHandover: () => navigate('/handover'),
  });
  useEffect(() => {
    document.title = titleOf(route);
  }, [route.page]);
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Horn /> Foghorn
        </a>
        <nav aria-label="Pages">
          {LINKS.map(({ page, href, text }) => (
            <a key={page} href={href} aria-current={route.page === page ? 'page' : undefined}>
              {text}
            </a>
          ))}
        </nav>
        <Status isUtc={isUtc} onUtc={onUtc} onHelp={() => setHelp(true)} onLogout={onLogout} />
      </header>
      <LostBar />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <ProgressBar />
      {isHelp && <Help onClose={() => setHelp(false)} />}
      {offered !== undefined && <Palette actions={offered} onClose={() => setOffered(undefined)} />}
    </>
  );
}

function titleOf({ page }: Route): string {
  const text = LINKS.find((link) => link.page === page)?.text;
  return text === undefined ? 'Foghorn' : `${text} – Foghorn`;
}

interface StatusProps {
  readonly isUtc: boolean;
  onUtc(isUtc: boolean): void;
  onHelp(): void;
  onLogout(): void;
}

function Status({ isUtc, onUtc, onHelp, onLogout }: StatusProps): JSX.Element {
  const { now, zone, person } = usePage();
  const [time = '', name = ''] = fullMoment(new Date(now).toISOString(), zone).split(' ').slice(1);
  return (
    <div class="status">
      <LiveButton />
      <button type="button" class="clock" onClick={() => onUtc(!isUtc)} title="Click: local time or UTC">
        {time.slice(0, 5)} {name}
      </button>
      <span class="actor" title={person.mayOperate ? 'may look and change' : 'may look'}>
        {person.actor}
        {!person.mayOperate && ' (read only)'}
      </span>
      {person.isInSession ? (
        <button type="button" onClick={() => void logOut().then(onLogout)}>
          Log out
        </button>
      ) : (
        person.actor === 'local' && (
          <a class="log-in" href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>
            Say who you are
          </a>
        )
      )}
      <button type="button" onClick={onHelp} aria-label="List of keys" title="List of keys">
        ?
      </button>
    </div>
  );
}
