// The limits of one event. Content beyond them is cut and the event tagged, or the event is refused
// with the reason.

/**
 * Elements inside one another, beyond which XML is refused; objects inside one another in event
 * data, beyond which it is cut.
 */
export const MAX_DEPTH = 32;
/** Objects and lists inside one another in a whole JSON document; a deeper one is refused. */
export const MAX_DOCUMENT_DEPTH = 64;
/** Elements in one event's XML. */
export const MAX_ELEMENTS = 20_000;
/** Name–value pairs of EventData or UserData. */
export const MAX_PAIRS = 512;
/** Characters of one value. */
export const MAX_VALUE_LENGTH = 65_536;
/** Characters of one name. */
export const MAX_NAME_LENGTH = 256;

/** The tag of an event whose data was cut. */
export const CUT_TAG = 'foghorn_event_data_cut';
/** The tag of an event whose XML ends too early; its complete elements are kept. */
export const CUT_OFF_TAG = 'foghorn_event_cut_off';

/** The most searchable values of an agent's document that are unknown or misplaced. */
export const MAX_UNMAPPED = 512;
/** The deepest nesting among them; Elasticsearch takes 20. */
export const MAX_FLATTENED_DEPTH = 16;
