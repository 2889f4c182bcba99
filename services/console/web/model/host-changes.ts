// Events that say that something on a host was changed. Pure. Sources: the providers' own event
// tables as Windows lists them (`wevtutil gp`).
import type { EventView } from '../api/types.ts';

const CHANGES: Readonly<Record<string, readonly string[]>> = {
  // A service changed its state, its start type, or was installed.
  'Service Control Manager': ['7036', '7040', '7045'],
  // A product was installed, removed or updated.
  MsiInstaller: ['1033', '1034', '1035', '11707', '11724'],
  // An update was installed, or failed.
  'Microsoft-Windows-WindowsUpdateClient': ['19', '20', '43'],
  // The log began and ended with the system; an unexpected end.
  EventLog: ['6005', '6006', '6008'],
  User32: ['1074'],
  'Microsoft-Windows-Kernel-Power': ['41'],
};

/** Whether the event is such a change. */
export function isChange({ provider = '', eventId = '' }: Pick<EventView, 'provider' | 'eventId'>): boolean {
  return CHANGES[provider]?.includes(eventId) === true;
}
