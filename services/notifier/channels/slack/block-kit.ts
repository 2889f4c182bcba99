// The few blocks of Slack's Block Kit that messages are made of, and their limits. Event text
// stands where Slack parses no markup.
// https://docs.slack.dev/reference/block-kit/blocks

/** Text that Slack shows as it is, apart from the three characters it has entities for. */
export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  /** `:fire:` stays what it is. */
  readonly emoji: false;
}

/**
 * A piece of rich text, as it is or as a link. Slack does not parse it, so it contains no mentions,
 * other links or markup.
 */
export type Run =
  | ({ readonly text: string; readonly style?: RunStyle } & (
      | { readonly type: 'text' }
      | { readonly type: 'link'; readonly url: string }
    ))
  | Mention
  | Moment;

/**
 * A time that each reader sees in the zone of their own.
 * https://docs.slack.dev/reference/block-kit/block-elements/date-element
 */
interface Moment {
  readonly type: 'date';
  /** Unix seconds. */
  readonly timestamp: number;
  readonly format: string;
  readonly fallback: string;
  readonly style?: RunStyle;
}

/** A person or a user group, who is notified. Made of settings, never of an event. */
type Mention =
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string };

interface RunStyle {
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly code?: boolean;
}

type RunGroup = 'rich_text_section' | 'rich_text_preformatted' | 'rich_text_quote';

/** A paragraph, a command, a quotation, or a list of paragraphs. */
export type RichElement =
  | { readonly type: RunGroup; readonly elements: readonly Run[] }
  | {
      readonly type: 'rich_text_list';
      readonly style: 'bullet' | 'ordered';
      /** Of an ordered list: how many numbers come before the first. */
      readonly offset?: number;
      readonly elements: readonly { readonly type: 'rich_text_section'; readonly elements: readonly Run[] }[];
    };

/** A button; with `url` it opens a page, with `value` it comes back to the console. */
export interface Button {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly style?: 'primary' | 'danger';
  readonly value?: string;
  readonly url?: string;
  readonly confirm?: Confirmation;
}

/**
 * A list to choose from; the chosen value comes back to the console.
 * https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
 */
export interface Menu {
  readonly type: 'static_select';
  readonly action_id: string;
  readonly placeholder: PlainText;
  readonly options: readonly { readonly text: PlainText; readonly value: string }[];
}

/**
 * A line to type in; what was typed comes back to the console. Slack keeps it in the line until the
 * block has another id.
 * https://docs.slack.dev/reference/block-kit/blocks/input-block
 */
interface InputBlock {
  readonly type: 'input';
  readonly block_id: string;
  readonly dispatch_action: true;
  readonly label: PlainText;
  readonly element: {
    readonly type: 'plain_text_input';
    readonly action_id: string;
    readonly max_length: number;
    readonly dispatch_action_config: { readonly trigger_actions_on: readonly ['on_enter_pressed'] };
  };
}

/**
 * The question that Slack shows before it accepts a press.
 * https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
 */
export interface Confirmation {
  readonly title: PlainText;
  readonly text: PlainText;
  readonly confirm: PlainText;
  readonly deny: PlainText;
}

/** A block. */
export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: PlainText }
  | { readonly type: 'rich_text'; readonly elements: readonly RichElement[] }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'actions'; readonly elements: readonly (Button | Menu)[] }
  | InputBlock;

const MAX_BLOCKS = 50;
/**
 * Slack refuses somewhat above 13,000 characters in all, by
 * https://github.com/slackapi/bolt-js/issues/2509; here the whole JSON is counted.
 */
const MAX_CHARACTERS = 12_500;
const MAX_RICH_CHARACTERS = 2900;
/** About the name or the time that is shown. */
const MENTION_CHARACTERS = 30;
const TIMES = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC)/u;
const DATE_FORMAT = '{date_short_pretty} {time_secs}';
const TIME = new RegExp(`^${TIMES.source}$`, 'u');
const LIMITS = {
  header: 150,
  section: 3000,
  context: 2000,
  button: 75,
  confirmation: 300,
  confirmationButton: 30,
} as const;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const ELLIPSIS = '…';

/**
 * Text with Slack's three entities, then cut to `maxCharacters`: neither an entity nor a character
 * outside the basic plane is ever halved.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escapeThenCut(text: string, maxCharacters: number): string {
  let whole = '';
  let cut = '';
  for (const character of text) {
    whole += ENTITIES[character] ?? character;
    if (whole.length > maxCharacters) return `${cut}${ELLIPSIS}`;
    if (whole.length <= maxCharacters - ELLIPSIS.length) cut = whole;
  }
  return whole;
}

/** Plain text for a place with a limit. Empty text would be refused: a dash takes its place. */
export function plainText(text: string, place: keyof typeof LIMITS): PlainText {
  return { type: 'plain_text', text: escapeThenCut(text, LIMITS[place]) || '-', emoji: false };
}

/** A paragraph of rich text. */
export function paragraph(...runs: readonly Run[]): RichElement {
  return { type: 'rich_text_section', elements: runs };
}

/** A piece of rich text; Slack refuses empty ones. With `url` it opens a page. */
export function run(text: string, style?: RunStyle, url?: string): Run {
  const common = { text: text === '' ? '-' : text, ...(style === undefined ? {} : { style }) };
  return url === undefined ? { type: 'text', ...common } : { type: 'link', url, ...common };
}

/** Text with its times, as `timeText` writes them, in the reader's own zone. */
export function dated(text: string, style?: RunStyle): readonly Run[] {
  if (text === '') return [run(text, style)];
  const parts = text.split(TIMES).filter((part) => part !== '');
  return parts.map((part) => {
    const ms = TIME.test(part) ? Date.parse(part.replace(' UTC', 'Z').replace(' ', 'T')) : Number.NaN;
    if (Number.isNaN(ms)) return run(part, style);
    const date = { type: 'date', timestamp: ms / 1000, format: DATE_FORMAT, fallback: part } as const;
    return style === undefined ? date : { ...date, style };
  });
}

/** The mention of a person (`U…`, `W…`) or a user group (`S…`). */
export function mention(id: string): Run {
  return id.startsWith('S') ? { type: 'usergroup', usergroup_id: id } : { type: 'user', user_id: id };
}

/** Lines of rich text in as few paragraphs as the limit of a section allows. */
export function paragraphs(lines: readonly (readonly Run[])[]): readonly RichElement[] {
  const groups: Run[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const own = charactersOf(paragraph(...line)) + 1;
    if (length + own > MAX_RICH_CHARACTERS) {
      groups.push([]);
      length = 0;
    }
    const group = groups.at(-1);
    if (length > 0) group?.push(run('\n'));
    group?.push(...line);
    length += own;
  }
  return groups.map((runs) => paragraph(...runs));
}

/** Rich text as blocks that are each below the limit of a section. */
export function richBlocks(elements: readonly RichElement[]): readonly Block[] {
  const blocks: RichElement[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const element of elements) {
    const own = charactersOf(element);
    if (length + own > MAX_RICH_CHARACTERS) {
      blocks.push([]);
      length = 0;
    }
    blocks.at(-1)?.push(element);
    length += own;
  }
  return blocks.map((of) => ({ type: 'rich_text', elements: of }));
}

/**
 * The blocks of a message within Slack's limits: `head` and `foot` always, of `body` what fits,
 * with a notice when something did not.
 */
export function fitBlocks(head: readonly Block[], body: readonly Block[], foot: readonly Block[]): readonly Block[] {
  const whole = [...head, ...body, ...foot];
  if (fits(whole)) return whole;
  const [notice] = richBlocks([paragraph(run('Shortened: the rest is in the console.', { italic: true }))]);
  for (let count = body.length - 1; count > 0; count -= 1) {
    const shorter = [...head, ...body.slice(0, count), ...(notice === undefined ? [] : [notice]), ...foot];
    if (fits(shorter)) return shorter;
  }
  return [...head, ...(notice === undefined ? [] : [notice]), ...foot];
}

function fits(blocks: readonly Block[]): boolean {
  return blocks.length <= MAX_BLOCKS && JSON.stringify(blocks).length <= MAX_CHARACTERS;
}

function charactersOf(element: RichElement): number {
  const groups = element.type === 'rich_text_list' ? element.elements : [element];
  return groups
    .flatMap(({ elements }) => elements)
    .reduce((sum, each) => sum + ('text' in each ? each.text.length : MENTION_CHARACTERS), 0);
}
