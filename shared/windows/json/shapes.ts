// The JSON shapes in the order in which they are tried: the more specific ones first.
import type { ReadResult } from '../../contracts/windows-event.ts';
import { isEvtxDump, readEvtxDump } from './evtx-dump.ts';
import type { Json } from './fields.ts';
import { isFluentBit, readFluentBit } from './fluent-bit.ts';
import { isMordor, readMordor } from './mordor.ts';
import { isNxlog, readNxlog } from './nxlog.ts';
import { isOldWinlog, readOldWinlog } from './old-winlog.ts';
import { isOtel, readOtel } from './otel.ts';
import { isPowerShell, readPowerShell } from './powershell.ts';
import { isAzure, readAzure } from './azure.ts';
import { isAlloy, readAlloy } from './alloy.ts';
import { isEvtxEcmd, readEvtxEcmd } from './evtxecmd.ts';
import { isGelf, readGelf } from './gelf.ts';
import { isTelegraf, readTelegraf } from './telegraf.ts';
import { isVector, readVector } from './vector.ts';
import { isWazuh, readWazuh } from './wazuh.ts';
import { isWinlogbeat6, readWinlogbeat6 } from './winlogbeat-6.ts';
import { isWinlogbeat, readWinlogbeat } from './winlogbeat.ts';
import { isXmlCarrier, readXmlCarrier } from './xml-carrier.ts';

/** One shape: its test and its reader. */
export interface Shape {
  readonly isThis: (value: Json) => boolean;
  readonly read: (value: Json) => ReadResult;
}

/** The first that recognises an object reads it. */
export const SHAPES: readonly Shape[] = [
  { isThis: isWinlogbeat, read: readWinlogbeat },
  { isThis: isWinlogbeat6, read: readWinlogbeat6 },
  { isThis: isEvtxDump, read: readEvtxDump },
  { isThis: isOtel, read: readOtel },
  { isThis: isVector, read: readVector },
  { isThis: isAzure, read: readAzure },
  { isThis: isFluentBit, read: readFluentBit },
  { isThis: isOldWinlog, read: readOldWinlog },
  { isThis: isNxlog, read: readNxlog },
  { isThis: isMordor, read: readMordor },
  { isThis: isPowerShell, read: readPowerShell },
  { isThis: isWazuh, read: readWazuh },
  { isThis: isTelegraf, read: readTelegraf },
  { isThis: isAlloy, read: readAlloy },
  { isThis: isEvtxEcmd, read: readEvtxEcmd },
  { isThis: isGelf, read: readGelf },
  { isThis: isXmlCarrier, read: readXmlCarrier },
];
