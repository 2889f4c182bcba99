// Bodies that make a careless reader slow: each shape grows with a number, and what reads it may
// grow no faster than the body.

/** A family of bodies; `make` gives the one with `count` of what the family is made of. */
export interface Shape {
  readonly name: string;
  /** Bytes that one of its parts takes, about, so that a size can be asked for. */
  readonly bytesPerPart: number;
  make(count: number): Buffer;
}

const system =
  '<System><Provider Name="WMServer"/><EventID>309</EventID><TimeCreated SystemTime="2026-03-01T10:00:00.0000000Z"/>' +
  '<EventRecordID>4711</EventRecordID><Channel>Application</Channel><Computer>MEDIA01</Computer></System>';
const head = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">${system}`;
const whole = (inside: string): string => `${head}${inside}</Event>`;
const beat = (fields: string): string => `{"winlog":{"provider_name":"WMServer","event_id":"309"},${fields}}`;
const numbered = (count: number, write: (place: number) => string, between = ''): string =>
  Array.from({ length: count }, (_, place) => write(place)).join(between);

function xml(name: string, part: string, body: (parts: string) => string): Shape {
  return { name, bytesPerPart: part.length, make: (count) => Buffer.from(body(part.repeat(count))) };
}

/**
 * What opens and never closes, what closes and never opened, and what closes once at the very end.
 */
const UNCLOSED: readonly Shape[] = [
  '<UserData ',
  '</UserData ',
  '<UserData <Event ',
  '<UserData/ ',
  '<x:UserData ',
  '<Event ',
  '<Events ',
  '</Event ',
  '</Events ',
  '<Event><UserData ',
  '<Event><RenderingInfo ',
  '<RenderingInfo',
  '</RenderingInfo',
  '<',
  '<<Event',
  '&',
  '&#',
  '&#x',
  '&lt',
  '"',
  "='",
  '<!--',
  '-->',
  '--',
  '<![CDATA[',
  ']]>',
  ']]',
  '<?',
  '?>',
  '<?xml ',
  '<!DOCTYPE ',
  '<!DOCTYPE a [',
  '<!ENTITY a "',
  '<a b="',
  '<a b=" <',
  '<a:',
  ':',
  ' ',
  '\r\n',
  '\t',
  '\u0001',
  '\ud800',
  '\u0000<',
].flatMap((part) => [
  xml(`${JSON.stringify(part)} again and again`, part, (parts) => parts),
  xml(`${JSON.stringify(part)} again and again in an event that does not end`, part, (parts) => `${head}${parts}`),
  xml(`${JSON.stringify(part)} again and again in an event that ends`, part, (parts) => whole(parts)),
  xml(`${JSON.stringify(part)} again and again with a > behind`, part, (parts) => `${head}${parts}>`),
  xml(`${JSON.stringify(part)} again and again in event data`, part, (parts) =>
    whole(`<EventData><Data Name="a">${parts}</Data></EventData>`),
  ),
  xml(`${JSON.stringify(part)} again and again in an attribute`, part, (parts) =>
    whole(`<EventData><Data Name="${parts}">1</Data></EventData>`),
  ),
  xml(
    `${JSON.stringify(part)} again and again in a rendering cut off`,
    part,
    (parts) => `${head}<RenderingInfo Culture="en-US"><Message>${parts}`,
  ),
]);

const XML_TREES: readonly Shape[] = [
  xml('nested elements', '<a>', (parts) => whole(`<EventData>${parts}</EventData>`)),
  xml('nested events', '<Event>', (parts) => parts),
  xml('nested user data', '<UserData>', (parts) => whole(parts)),
  xml('closed user data', '<UserData></UserData>', (parts) => whole(parts)),
  xml('empty elements', '<a/>', (parts) => whole(`<EventData>${parts}</EventData>`)),
  xml('sections', '<EventData><Data>1</Data></EventData>', (parts) => whole(parts)),
  xml('equal data', '<Data Name="a">1</Data>', (parts) => whole(`<EventData>${parts}</EventData>`)),
  xml('equal attributes', ' a="1"', (parts) => whole(`<EventData><Data${parts}>1</Data></EventData>`)),
  xml('whole events', whole(''), (parts) => parts),
  xml('empty events', '<Event/>', (parts) => parts),
  xml('comments', '<!-- -->', (parts) => whole(parts)),
  xml('marked sections', '<![CDATA[x]]>', (parts) => whole(`<EventData><Data>${parts}</Data></EventData>`)),
  xml('instructions', '<?a b?>', (parts) => whole(parts)),
  xml('references', '&#65;', (parts) => whole(`<EventData><Data>${parts}</Data></EventData>`)),
  {
    name: 'a long name above many elements',
    bytesPerPart: 16,
    make: (count) =>
      Buffer.from(
        whole(`<UserData><x><a Name="${'n'.repeat(count * 8)}">${'<b>1</b>'.repeat(count)}</a></x></UserData>`),
      ),
  },
  {
    name: 'a long name above many attributes',
    bytesPerPart: 20,
    make: (count) =>
      Buffer.from(
        whole(
          `<UserData><x><a Name="${'n'.repeat(count * 10)}" ${numbered(count, (place) => `a${place}="1"`, ' ')}/></x></UserData>`,
        ),
      ),
  },
  {
    name: 'many attributes',
    bytesPerPart: 10,
    make: (count) =>
      Buffer.from(whole(`<EventData><Data ${numbered(count, (place) => `a${place}="1"`, ' ')}>1</Data></EventData>`)),
  },
  {
    name: 'many namespaces',
    bytesPerPart: 16,
    make: (count) =>
      Buffer.from(
        whole(`<EventData><Data ${numbered(count, (place) => `xmlns:a${place}="b"`, ' ')}>1</Data></EventData>`),
      ),
  },
  {
    name: 'many prefixed attributes',
    bytesPerPart: 14,
    make: (count) =>
      Buffer.from(whole(`<EventData><Data ${numbered(count, (place) => `p${place}:a="1"`, ' ')}>1</Data></EventData>`)),
  },
  {
    name: 'many names of data',
    bytesPerPart: 27,
    make: (count) =>
      Buffer.from(whole(`<EventData>${numbered(count, (place) => `<Data Name="n${place}">1</Data>`)}</EventData>`)),
  },
  {
    name: 'line ends behind many data',
    bytesPerPart: 16,
    make: (count) => Buffer.from(whole(`<EventData><Data>x${'\r\n'.repeat(count * 8)}</Data></EventData>`)),
  },
];

function json(name: string, part: string, body: (parts: string) => string): Shape {
  return { name, bytesPerPart: part.length, make: (count) => Buffer.from(body(part.repeat(count))) };
}

const JSON_SHAPES: readonly Shape[] = [
  ...['{', '[', '}', ']', ',', '"', '\\', '{"a":', '[{', '{}', '{}\n', '\n', '0,', '"a",', '\\"', '[],', '{},'].flatMap(
    (part) => [
      json(`${JSON.stringify(part)} again and again, as lines`, part, (parts) => parts),
      json(`${JSON.stringify(part)} again and again behind a bracket`, part, (parts) => `[${parts}`),
      json(`${JSON.stringify(part)} again and again in an object of lines`, part, (parts) => `{\n${parts}\n}`),
      json(`${JSON.stringify(part)} again and again behind a quote`, part, (parts) => `["${parts}`),
    ],
  ),
  ...[' ', '<', '<?xml ', '<?xml>', '&', '\\n', '\\r\\n', '\\u0001', '/Operational', '-', '1', '.', 'a.'].flatMap(
    (part) => [
      json(`${part} again and again in a message`, part, (parts) => `{"message":"<?xml ${parts}<Event"}`),
      json(`${part} again and again in XML that is carried`, part, (parts) => `{"message":"<Event>${parts}"}`),
      json(`${part} again and again in a time`, part, (parts) => beat(`"@timestamp":"2026-03-01T10:00:00.${parts}"`)),
      json(
        `${part} again and again in a channel`,
        part,
        (parts) => `{"EventID":1,"Channel":"${parts}","Hostname":"h","TimeCreated":"${parts}"}`,
      ),
      json(`${part} again and again in a name`, part, (parts) => beat(`"a${parts}":1`)),
      json(
        `${part} again and again in keywords`,
        part,
        (parts) =>
          `{"body":{"event_id":{"id":1},"provider":{"name":"x"},"keywords":["0x${parts}"],"computer":"${parts}"}}`,
      ),
    ],
  ),
  {
    name: 'a long name above many names',
    bytesPerPart: 24,
    make: (count) =>
      Buffer.from(
        `{"winlog":{"event_id":"309","event_data":{"${'n'.repeat(count * 12)}":{${numbered(count, (place) => `"n${place}":1`, ',')}}}}}`,
      ),
  },
  {
    name: 'a long name above many attributes of evtx_dump',
    bytesPerPart: 24,
    make: (count) =>
      Buffer.from(
        `{"Event":{"System":{"EventID":309},"UserData":{"x":{"${'n'.repeat(count * 12)}":{"#attributes":{${numbered(count, (place) => `"n${place}":1`, ',')}}}}}}}`,
      ),
  },
  {
    name: 'elements of evtx_dump',
    bytesPerPart: 30,
    make: (count) =>
      Buffer.from(
        `{"Event":{"System":{"EventID":309},"EventData":{"Data":[${numbered(count, (place) => `{"@Name":"n${place}","#text":"1"}`, ',')}]},"UserData":{${numbered(count, (place) => `"n${place}":{"@a":1}`, ',')}}}}`,
      ),
  },
  {
    name: 'dotted names',
    bytesPerPart: 30,
    make: (count) =>
      Buffer.from(`{${numbered(count, (place) => `"winlog.event_data.n${place}":"1"`, ',')},"winlog.event_id":309}`),
  },
  {
    name: 'dotted names of many parts',
    bytesPerPart: 130,
    make: (count) =>
      Buffer.from(`{${numbered(count, (place) => `"${'a.'.repeat(60)}n${place}":"1"`, ',')},"winlog.event_id":309}`),
  },
  {
    name: 'a name twice, plain and dotted',
    bytesPerPart: 30,
    make: (count) =>
      Buffer.from(
        beat(
          `"a":{${numbered(count, (place) => `"n${place}":1`, ',')}},${numbered(count, (place) => `"a.m${place}":1`, ',')}`,
        ),
      ),
  },
  {
    name: 'OTLP lists',
    bytesPerPart: 40,
    make: (count) =>
      Buffer.from(
        `{"body":{"kvlistValue":{"values":[${numbered(count, (place) => `{"key":"k${place}","value":{"intValue":1}}`, ',')}]}}}`,
      ),
  },
  {
    name: 'insertion strings',
    bytesPerPart: 8,
    make: (count) =>
      Buffer.from(
        `{"provider_name":"x","event_id":1,"computer":"c","string_inserts":[${numbered(count, (place) => `"${place}"`, ',')}]}`,
      ),
  },
  {
    name: 'tags and rules',
    bytesPerPart: 24,
    make: (count) =>
      Buffer.from(
        beat(
          `"tags":[${numbered(count, (place) => `"t${place}"`, ',')}],"rule":[${'{"ruleset":["a"]},'.repeat(count)}{}]`,
        ),
      ),
  },
  {
    name: 'whole numbers as names',
    bytesPerPart: 14,
    make: (count) =>
      Buffer.from(beat(`"x":{${numbered(count, (place) => `"${1_000_000_000 + place * 131_072}":1`, ',')}}`)),
  },
];

/** Every shape, plain. */
export const SHAPES: readonly Shape[] = [...UNCLOSED, ...XML_TREES, ...JSON_SHAPES];
