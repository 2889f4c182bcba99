// What a person has set for this browser. A browser that keeps nothing gives the defaults.

/** The switches and their defaults. */
const DEFAULTS = { utc: false, keys: true } as const;

/** A switch. */
export type Preference = keyof typeof DEFAULTS;

/** Whether it is on. */
export function preference(name: Preference): boolean {
  try {
    const kept = localStorage.getItem(`foghorn.${name}`);
    return kept === null ? DEFAULTS[name] : kept === 'on';
  } catch {
    return DEFAULTS[name];
  }
}

/** Sets it for the next time too, where the browser keeps it. */
export function setPreference(name: Preference, isOn: boolean): void {
  try {
    localStorage.setItem(`foghorn.${name}`, isOn ? 'on' : 'off');
  } catch {
    // Then it holds until the page is closed.
  }
}
