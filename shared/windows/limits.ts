// What one event may hold; what goes beyond is cut, and a tag says so, or the event is refused with the reason.

/** Elements inside one another, beyond which XML is refused; objects inside one another in event data, beyond which it is cut. */
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
/** The tag of an event whose XML ends too early; what was whole of it is there. */
export const CUT_OFF_TAG = 'foghorn_event_cut_off';

/** Values of an agent's document that nobody knows or that do not fit their place, as far as they are searchable. */
export const MAX_UNMAPPED = 512;
/** Objects inside one another among them; Elasticsearch takes 20. */
export const MAX_FLATTENED_DEPTH = 16;
