// The console: who is there, what is around every page, and the page of the address.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useActs } from './acts.ts';
import { PageContext, type Person } from './context.ts';
import { IncidentPage } from './incident/incident.tsx';
import { Inbox } from './inbox/inbox.tsx';
import { useStream } from './live.ts';
import { UTC, type Zone } from './model/time-text.ts';
import { Login } from './login.tsx';
import { Catalogue } from './pages/catalogue.tsx';
import { Deliveries } from './pages/deliveries.tsx';
import { Digest } from './pages/digest.tsx';
import { Handover } from './pages/handover.tsx';
import { Host } from './pages/host.tsx';
import { Silences } from './pages/silences.tsx';
import { Sources } from './pages/sources.tsx';
import { preference, setPreference } from './preferences.ts';
import { useAddress } from './router.ts';
import { type Route, routeOf } from './routes.ts';
import { useSession } from './session.ts';
import { Frame } from './frame.tsx';
import { EmptyBox, ErrorBox, Loading } from './ui/boxes.tsx';

/** Everything. */
export function App(): JSX.Element {
  const session = useSession();
  const { path } = useAddress();
  const { data, error, reload } = session;
  if (data !== undefined && (path === '/login' || data.person === undefined))
    return <Login session={data} onDone={reload} />;
  if (data?.person !== undefined) return <Inside person={data.person} onLogout={reload} />;
  return error === undefined ? <Loading what="who you are" /> : <ErrorBox error={error} onRetry={reload} />;
}

const TICK_MS = 5000;
const OWN_ZONE: Zone = { name: Intl.DateTimeFormat().resolvedOptions().timeZone };

function Inside({ person, onLogout }: { readonly person: Person; readonly onLogout: () => void }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  const [isUtc, setUtc] = useState(() => preference('utc'));
  const live = useStream(true);
  const acts = useActs(person.actor);
  const route = routeOf(useAddress().path);
  useEffect(() => live.listen(acts.settle), [live.listen, acts.settle]);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const onUtc = (isOn: boolean): void => {
    setPreference('utc', isOn);
    setUtc(isOn);
  };
  return (
    <PageContext.Provider value={{ person, zone: isUtc ? UTC : OWN_ZONE, now, live, acts }}>
      <Frame route={route} isUtc={isUtc} onUtc={onUtc} onLogout={onLogout}>
        <PageOf route={route} />
      </Frame>
    </PageContext.Provider>
  );
}

function PageOf({ route }: { readonly route: Route }): JSX.Element {
  if (route.page === 'inbox') return <Inbox />;
  if (route.page === 'incident') return <IncidentPage key={route.id} id={route.id} />;
  if (route.page === 'host') return <Host key={route.name} name={route.name} />;
  if (route.page === 'digest') return <Digest key={route.id} id={route.id} />;
  if (route.page === 'silences') return <Silences isNew={route.isNew} />;
  if (route.page === 'deliveries') return <Deliveries />;
  if (route.page === 'sources') return <Sources />;
  if (route.page === 'handover') return <Handover />;
  if (route.page === 'catalogue') return <Catalogue entry={route.entry} />;
  return (
    <EmptyBox title="There is no such page">
      <a href="/">To the incidents</a>
    </EmptyBox>
  );
}
