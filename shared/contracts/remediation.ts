// A catalogue entry as text for one event: every placeholder filled in, ready for a message, a page
// or a document.

/** How bad a fault is; PagerDuty's four words, which Slack, mail and Kibana readers know too. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;
/** See `SEVERITIES`. */
export type Severity = (typeof SEVERITIES)[number];

/** As many steps of one list as a short message shows. */
export const MAX_KEY_STEPS = 3;

/** One thing to do: where, how, with which right and at which risk. */
export interface RemediationStep {
  readonly text: string;
  /** Where to do it, e.g. `on media01`. */
  readonly where?: string;
  readonly command?: string;
  readonly privilege?: string;
  readonly risk?: string;
  readonly undo?: string;
  /** One of the few that a short message shows. */
  readonly isKey?: true;
}

/** One way to repair the fault: a headline and its steps. */
interface RemediationOption {
  readonly title: string;
  readonly when?: string;
  readonly steps: readonly RemediationStep[];
}

/** A likely cause and how to find out whether it is the one. */
export interface RemediationCause {
  readonly text: string;
  readonly check?: string;
  readonly command?: string;
  /** Applies to this event's own values, e.g. its port; the others apply to any. */
  readonly isSpecific?: true;
  readonly isKey?: true;
  /** Who has the port or the file then, in a few words. */
  readonly holder?: string;
}

/** A link to the source or to further reading. */
export interface Reference {
  readonly title: string;
  readonly url?: string;
}

/**
 * What the entry is about: the event's source and the product and versions that the vendor's
 * article names.
 */
export interface RemediationSubject {
  readonly provider: string;
  readonly eventIds: readonly number[];
  readonly symbolicName?: string;
  readonly product?: string;
  /** E.g. `9.5` or `9.5 to 9.6`. */
  readonly productVersions?: string;
  readonly appliesTo?: readonly string[];
  /** The server role, and the aspect of it under which the vendor files the event. */
  readonly role?: string;
  readonly aspect?: string;
}

/** Another event that has to do with this fault, and how. */
export interface RelatedEvent {
  readonly provider: string;
  readonly eventIds: readonly number[];
  readonly relation: 'same-fault' | 'same-family' | 'names-cause' | 'consequence' | 'recovery';
  /** How near to this event it has to be to count, milliseconds. */
  readonly withinMs?: number;
  readonly text: string;
  /** Of one that names the cause: who has the port or the file then, in a few words. */
  readonly holder?: string;
}

/** What routing, counting and a list need of a remediation. */
interface RemediationHead {
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly title: string;
  readonly faultClass: string;
  readonly severity: Severity;
}

/**
 * A remediation as alerts and incidents carry it: whoever reads it fills in the text of the entry
 * with these values.
 */
export interface UnfilledRemediation extends RemediationHead {
  /** The entry's id in `foghorn.catalog`. */
  readonly entry: string;
  /** The entry's name of the provider; the event may have come under another. */
  readonly provider: string;
  /** Empty where the event names no host. */
  readonly host: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** The whole remediation of one event, text already filled in. */
export interface Remediation extends RemediationHead {
  readonly summary: string;
  readonly about?: RemediationSubject;
  /** What the fault means, beyond the summary. */
  readonly explanation?: string;
  readonly causes: readonly RemediationCause[];
  readonly options: readonly RemediationOption[];
  readonly verification: readonly RemediationStep[];
  readonly notes: readonly string[];
  /** What proves that the fault is gone, strongest first. */
  readonly clearing?: readonly string[];
  readonly related?: readonly RelatedEvent[];
  readonly references: readonly Reference[];
  /** The day a person last checked the entry, `2026-01-31`. */
  readonly reviewed?: string;
}
