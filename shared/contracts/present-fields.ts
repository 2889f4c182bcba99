// Objects without the fields that nothing is known of.

type Known<T> = Exclude<T, undefined | null>;

/** `T` with each field that may be undefined or null as one that may be missing. */
type Present<T> = {
  [Key in keyof T as T[Key] extends Known<T[Key]> ? Key : never]: T[Key];
} & { [Key in keyof T as T[Key] extends Known<T[Key]> ? never : Key]?: Known<T[Key]> };

/** The fields that are neither undefined nor null. */
export function presentFields<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as Present<T>;
}
