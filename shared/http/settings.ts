// The settings of every server that may listen beyond this machine.
import { z } from 'zod';
import { setting, wholeNumber } from '../runtime/settings.ts';

/** A listener of `what` on `port` by default, where clients log in by `logIn`. */
interface ListenerDefaults {
  readonly what: string;
  readonly port: number;
  readonly logIn: string;
}

/** What the setting `tlsCert` of every listener means. */
const TLS_CERT =
  'The file with the certificate chain (PEM). Empty: no TLS. A changed file is used within seconds, without a restart.';

/** The settings of a listener. */
export function listenerSettings({ what, port, logIn }: ListenerDefaults) {
  return {
    host: setting(z.string().min(1).default('127.0.0.1'), {
      description: `The address that ${what} listens on. Beyond loopback it takes ${logIn} and TLS.`,
    }),
    port: wholeNumber(
      port,
      { min: 0, max: 65_535 },
      { description: `The port that ${what} listens on; 0 takes a free one.` },
    ),
    tlsCert: setting(z.string().default(''), { description: TLS_CERT, readable: 'file' }),
    tlsKey: setting(z.string().default(''), {
      description: 'The file with its private key (PEM).',
      readable: 'file',
    }),
    allowInsecure: setting(z.boolean().default(false), {
      description: `Listen beyond loopback without ${logIn} or without TLS.`,
    }),
  };
}

/** The settings of `name`, which serves `what` by HTTP on `port` by default. */
export function httpSettings({ name, ...defaults }: ListenerDefaults & { readonly name: string }) {
  return {
    ...listenerSettings(defaults),
    allowedHosts: setting(z.array(z.string().regex(/^(?:\*|[\w.-]{1,253}|[\da-f:]{2,39})$/iu)).default([]), {
      description: `Host names by which ${name} may be asked beside loopback names and IP addresses, e.g. those of a reverse proxy or a container; * allows all. Without a token only a known name is served, so that no web page reaches it by a name of its own.`,
    }),
  };
}

/** Addresses that stand for every address of a machine. */
const EVERY_ADDRESS = ['0.0.0.0', '::'];

/** The address of a listener for clients on its machine, e.g. `https://127.0.0.1:3090`. */
export function listenerUrl({ host, port, tlsCert }: ListenerPlace): string {
  const name = EVERY_ADDRESS.includes(host) ? '127.0.0.1' : host;
  return `${tlsCert === '' ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Where a listener is. */
interface ListenerPlace {
  readonly host: string;
  readonly port: number;
  readonly tlsCert: string;
}

/**
 * The same settings for a program that only has to find the listener, maybe on another machine: the
 * certificate need not be there.
 */
export function listenerPlaceSettings(listener: ReturnType<typeof listenerSettings>) {
  const { host, port } = listener;
  return { host, port, tlsCert: setting(z.string().default(''), { description: TLS_CERT }) };
}
