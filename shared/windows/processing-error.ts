// `ProcessingErrorData`: what kept the machine from rendering an event.
// Source: https://learn.microsoft.com/windows/win32/wes/eventschema-processingerrordatatype-complextype.
import type { WindowsEvent } from '../contracts/windows-event.ts';
import { scalarText, whole } from './json/fields.ts';

/**
 * The code as a number, as Winlogbeat has it, and the item in words; missing fields, zero and
 * non-numbers are left out.
 */
export function processingError(code: unknown, item: unknown): Pick<WindowsEvent, 'errorCode' | 'errorMessages'> {
  const errorCode = whole(code, 0xff_ff_ff_ff) ?? 0;
  const name = scalarText(item)?.trim() ?? '';
  return {
    ...(errorCode === 0 ? {} : { errorCode }),
    ...(name === '' ? {} : { errorMessages: [`The data item ${name} could not be processed by the sender.`] }),
  };
}
