// Where people reach the console: for the command line, and for links in messages and dashboards.
import { z } from 'zod';
import { setting } from '../runtime/settings.ts';
import { httpSettings, listenerPlaceSettings, listenerUrl } from './settings.ts';

/** The settings of the console's listener. */
export const consoleListener = httpSettings({ name: 'the console', what: 'the console', port: 3090, logIn: 'tokens' });

/** The setting `console.url`. */
export const consoleUrlSetting = setting(z.union([z.literal(''), z.url({ protocol: /^https?$/u })]).default(''), {
  description:
    'The address at which people and foghorn reach the console: for foghorn incidents, silences and deliveries, and for the links in messages and dashboards. Empty: that of console.http on this machine, which nobody else can open.',
});

/** The setting `console.linkKeys`. */
export const linkKeysSetting = setting(z.array(z.string().min(32)).max(10).default([]), {
  description:
    'Keys, at least 32 characters each, for the links in messages that acknowledge without a log-in. The first signs; a link signed with any of them is valid. Empty: messages have no such link. The notifier and the console need the same.',
  secret: true,
});

const address = z.object({
  url: consoleUrlSetting,
  http: z.object(listenerPlaceSettings(consoleListener)).prefault({}),
});

/** Where the console is: a part of its section, whose other keys are its own. */
export const consoleAddressSettings = address.prefault({});

/** The same, and what signs links to it. */
export const consoleLinkSettings = address.extend({ linkKeys: linkKeysSetting }).prefault({});

/** The settings that `consoleUrlOf` takes. */
export const CONSOLE_ADDRESS = ['url', 'http.host', 'http.port', 'http.tlsCert'].map((name) => `console.${name}`);

/** The console's address, without a slash at its end. */
export function consoleUrlOf({ url, http }: z.infer<typeof consoleAddressSettings>): string {
  return url === '' ? listenerUrl(http) : url.replace(/\/+$/u, '');
}
