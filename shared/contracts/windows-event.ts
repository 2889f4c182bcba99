// One Windows event, whatever form it came in: what the readers produce and the matcher, the
// renderer and the ECS writer take.

/**
 * The form an event was read from, recognised by its content; recorded in the document as
 * `foghorn.form`.
 */
export type EventForm =
  | 'event-xml'
  | 'winlogbeat'
  | 'nxlog'
  | 'fluent-bit'
  | 'vector'
  | 'opentelemetry'
  | 'openwec'
  | 'evtx-json'
  | 'mordor'
  | 'powershell'
  | 'telegraf'
  | 'alloy'
  | 'evtxecmd'
  | 'azure'
  | 'wazuh'
  | 'snare'
  | 'splunk';

/** Attributes of `System/Execution` that only traces have, as Winlogbeat names them. */
export type TraceField = 'processor_id' | 'session_id' | 'kernel_time' | 'user_time' | 'processor_time';

/** The account an event names in `System/Security`. */
export interface EventUser {
  readonly identifier?: string;
  readonly name?: string;
  readonly domain?: string;
  readonly type?: string;
}

/**
 * Name–value pairs of `UserData`, with the local name of the element that held them. Nested
 * elements become dotted names.
 */
export interface UserData {
  readonly xmlName: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * One Windows event. Zero and empty are absent, as Winlogbeat has it. Names (`levelName`,
 * `taskName`, …) are there only where the form brought them. Source of the fields: the event
 * schema, https://learn.microsoft.com/windows/win32/wes/eventschema-schema.
 */
export interface WindowsEvent {
  readonly form: EventForm;
  /** Empty where a damaged record names none: the event then matches nothing. */
  readonly providerName: string;
  readonly providerGuid?: string;
  /** Low 16 bits; a classic id's high word is `qualifiers`. */
  readonly eventId: number;
  readonly qualifiers?: number;
  readonly version?: number;
  readonly level?: number;
  readonly levelName?: string;
  readonly task?: number;
  readonly taskName?: string;
  readonly opcode?: number;
  readonly opcodeName?: string;
  /** The 64-bit mask; two bits of it are the audit outcome. */
  readonly keywordMask?: bigint;
  readonly keywordNames?: readonly string[];
  /** RFC 3339 UTC with all digits the form had, e.g. `2026-03-01T10:00:00.1234567Z`. */
  readonly timeCreated?: string;
  /**
   * The time as the host's clock showed it, e.g. `2026-03-01T10:00:00`, of a form that does not say
   * in which zone. `timeCreated` is then by another clock, or absent.
   */
  readonly localTime?: string;
  /** Decimal; a string because record ids are 64-bit. */
  readonly recordId?: string;
  readonly activityId?: string;
  readonly relatedActivityId?: string;
  readonly processId?: number;
  readonly threadId?: number;
  /** What an event of a trace (.etl) says besides of its execution, by Winlogbeat's names. */
  readonly trace?: Readonly<Partial<Record<TraceField, number>>>;
  readonly channel?: string;
  readonly computer?: string;
  readonly user?: EventUser;
  readonly message?: string;
  /**
   * Insertion data in order. Unnamed values are `paramN`, N = position among all children, counting
   * from 1.
   */
  readonly eventData?: Readonly<Record<string, string>>;
  /**
   * Those of `eventData` that an agent's document has as lists, where `eventData` has JSON for
   * matching; the document keeps the lists.
   */
  readonly eventLists?: ReadonlyMap<string, readonly unknown[]>;
  /**
   * What only some forms say beside the items: the name of the EventData element as `xml_name`,
   * binary and debug data, the payload of what could not be processed.
   */
  readonly moreData?: Readonly<Record<string, string>>;
  readonly userData?: UserData;
  /** `ProcessingErrorData` and what went wrong while the event was rendered or read in part. */
  readonly errorCode?: number;
  readonly errorMessages?: readonly string[];
  /** Tags for what had to be repaired or cut, e.g. `foghorn_rendering_cut_off`. */
  readonly tags?: readonly string[];
  /**
   * The agent's own ECS fields of a document that already was one (Winlogbeat, Elastic Agent):
   * carried over where Foghorn has no better word.
   */
  readonly ecs?: Readonly<Record<string, unknown>>;
  /**
   * What such a document says a second time, with its dotted names: by path, what another value or
   * an object took the place of.
   */
  readonly ecsAside?: Readonly<Record<string, unknown>>;
  /** Whether each field of `ecs` was found at its own place when the document was read. */
  readonly isEcsOrdinary?: boolean;
}

/**
 * The outcome of reading: an event, or why there is none. `detail` says what, where (line, column
 * or path) and never holds the whole payload.
 */
export type ReadResult =
  | { readonly kind: 'event'; readonly event: WindowsEvent }
  | {
      readonly kind: 'bad';
      readonly reason: 'unknown_format' | 'invalid_xml' | 'invalid_json' | 'invalid_event';
      readonly detail: string;
    };
