// What was put into a form.

/** The text of each field by its name; empty for one that is not there. */
export function fieldsOf(form: HTMLFormElement): (name: string) => string {
  const given = new FormData(form);
  return (name) => {
    const value = given.get(name);
    return typeof value === 'string' ? value : '';
  };
}
