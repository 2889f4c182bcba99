// What one event may hold; what goes beyond is cut, and a tag says so.

/** Elements or objects inside one another. */
export const MAX_DEPTH = 32;
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
