// The names in Windows' own event data for the fields of ECS that pySigma's pipeline `ecs_windows`
// puts in their place: the way back, because an event that no module of Winlogbeat has worked on
// has the former. By the rule's category.
import { type Expression, mapTests, type Test, test } from './expression.ts';

const DATA = 'winlog.event_data.';

/** The same in every category. */
const ALWAYS: Readonly<Record<string, string>> = {
  'process.parent.executable': 'ParentImage',
  'process.parent.command_line': 'ParentCommandLine',
  'process.parent.name': 'ParentProcessName',
  'process.parent.pid': 'ParentProcessId',
  'process.pid': 'ProcessId',
  'process.working_directory': 'CurrentDirectory',
  'process.pe.original_file_name': 'OriginalFileName',
  'process.pe.description': 'Description',
  'process.pe.product': 'Product',
  'process.pe.company': 'Company',
  'process.pe.file_version': 'FileVersion',
  'file.pe.original_file_name': 'OriginalFileName',
  'file.pe.description': 'Description',
  'file.pe.product': 'Product',
  'file.pe.company': 'Company',
  'file.name': 'PipeName',
  'file.code_signature.signed': 'Signed',
  'file.code_signature.status': 'SignatureStatus',
  'registry.path': 'TargetObject',
  'destination.domain': 'DestinationHostname',
  'dns.question.name': 'QueryName',
  'network.transport': 'Protocol',
  'network.protocol': 'DestinationPortName',
  'service.name': 'ServiceName',
  'user.domain': 'SubjectDomainName',
  'user.id': 'SubjectUserSid',
  'winlog.logon.id': 'TargetLogonId',
};

/** Where the log that a rule is for has names of its own. */
const OF_CATEGORY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sysmon: {
    'process.executable': 'Image',
    'process.command_line': 'CommandLine',
    'file.path': 'TargetFilename',
    'destination.ip': 'DestinationIp',
    'destination.port': 'DestinationPort',
    'source.ip': 'SourceIp',
    'source.port': 'SourcePort',
    'source.domain': 'SourceHostname',
    'user.name': 'User',
  },
  builtin: {
    'process.executable': 'ProcessName',
    'process.command_line': 'CommandLine',
    'file.path': 'FileName',
    'destination.ip': 'DestAddress',
    'destination.port': 'DestPort',
    'source.ip': 'IpAddress',
    'source.port': 'IpPort',
    'source.domain': 'WorkstationName',
    'user.name': 'SubjectUserName',
  },
  image_load: { 'file.path': 'ImageLoaded' },
  driver_load: { 'file.path': 'ImageLoaded' },
  process_access: { 'process.executable': 'SourceImage' },
  create_remote_thread: { 'process.executable': 'SourceImage' },
  powershell: {
    'powershell.file.script_block_text': 'ScriptBlockText',
    'powershell.file.script_block_id': 'ScriptBlockId',
    'process.command_line': 'HostApplication',
    'powershell.command.value': 'CommandLine',
  },
  powershell_module: { 'powershell.file.script_block_text': 'Payload' },
};

/** The same search in Windows' own names. `categories` are the folders that the rule lies in. */
export function inRawNames(expression: Expression, categories: readonly string[]): Expression {
  const log = categories.some((one) => one === 'builtin') ? 'builtin' : 'sysmon';
  const names = Object.assign({}, ALWAYS, ...[log, ...categories].map((one) => OF_CATEGORY[one] ?? {})) as Readonly<
    Record<string, string>
  >;
  return mapTests(expression, (one) => renamed(one, names));
}

function renamed(one: Test, names: Readonly<Record<string, string>>): Expression {
  const field = one.field.replace(/\.(?:caseless|text)$/u, '');
  if (field === 'network.direction') return test(`${DATA}Initiated`, 'is', String(one.value === 'egress'), true);
  const name = names[field];
  return name === undefined ? one : { ...one, field: DATA + name };
}
