// Events that say that something was changed on a host: the first question about a fault is what
// changed before it. Providers and ids as Windows has them. Pure.
import type { Json } from './filter-fields.ts';

/** Events of one provider; without ids all of them. */
interface ChangeEvents {
  readonly providers: readonly string[];
  readonly eventIds?: readonly number[];
}

const CHANGE_EVENTS: readonly ChangeEvents[] = [
  // Services: installed, start type changed, started and stopped.
  { providers: ['Service Control Manager', 'Microsoft-Windows-Service Control Manager'], eventIds: [7045, 7040, 7036] },
  { providers: ['Microsoft-Windows-Security-Auditing'], eventIds: [4697, 4946, 4947, 4948, 4950] },
  { providers: ['MsiInstaller'] },
  { providers: ['Microsoft-Windows-WindowsUpdateClient'], eventIds: [19, 20, 43, 44] },
  { providers: ['Microsoft-Windows-Servicing'], eventIds: [2, 4] },
  // Restarts: planned, log started, stopped, unexpected, not shut down cleanly.
  { providers: ['User32', 'USER32'], eventIds: [1074, 1076] },
  { providers: ['EventLog'], eventIds: [6005, 6006, 6008] },
  { providers: ['Microsoft-Windows-Kernel-Power'], eventIds: [41, 109] },
  // Settings and rules of the firewall.
  {
    providers: ['Microsoft-Windows-Windows Firewall With Advanced Security'],
    eventIds: [2002, 2003, 2004, 2005, 2006, 2008, 2033, 2052, 2071, 2073, 2097, 2099],
  },
  // The configuration of IIS, where its auditing is on.
  { providers: ['Microsoft-Windows-IIS-Configuration'], eventIds: [29, 50] },
];

/** The query of these events. */
export const CHANGES: Json = {
  bool: {
    should: CHANGE_EVENTS.map(({ providers, eventIds }) => ({
      bool: {
        filter: [
          { bool: { should: providers.map(byProvider), minimum_should_match: 1 } },
          ...(eventIds === undefined ? [] : [{ terms: { 'event.code': eventIds.map(String) } }]),
        ],
      },
    })),
    minimum_should_match: 1,
  },
};

function byProvider(value: string): Json {
  return { term: { 'event.provider': { value, case_insensitive: true } } };
}
