// The console's settings, and those of the command line that talks to it.
import { z } from 'zod';
import { elasticsearchSettings } from '../../shared/elasticsearch/client.ts';
import { kafkaSettings } from '../../shared/kafka/client.ts';
import { adminSettings } from '../../shared/http/admin-server.ts';
import { consoleListener, consoleUrlSetting, linkKeysSetting } from '../../shared/http/console-address.ts';
import { addressRangesSetting } from '../../shared/matchers/address-range.ts';
import { secret, setting, wholeNumber } from '../../shared/runtime/settings.ts';

/** What a token may do: look, or also change. */
export const SCOPES = ['read', 'operate'] as const;
/** See `SCOPES`. */
export type Scope = (typeof SCOPES)[number];

/** A name that may stand in the log of what people did. */
export const ACTOR = /^[\w.@+-]{1,100}$/u;

const tokenSettings = z.strictObject({
  token: secret(z.string().min(16)),
  scopes: z.array(z.enum(SCOPES)).min(1).default(['read']),
});

/** A reverse proxy that logs people in. */
const proxySettings = z
  .strictObject({
    addresses: setting(addressRangesSetting, {
      description:
        'Address ranges of a reverse proxy that logs people in, e.g. ["10.0.0.7/32"]; requests from there are those of the user whom its header names. Name addresses that only the proxy has, and let it overwrite the header. Empty: nobody is taken at such a word.',
    }),
    userHeader: setting(
      z
        .string()
        .regex(/^[\w-]{1,100}$/u)
        .default('X-Forwarded-User'),
      {
        description: 'The header in which the proxy names the user.',
      },
    ),
    scopes: setting(z.array(z.enum(SCOPES)).min(1).default(['read']), {
      description:
        'What users of the proxy may do who have no token of their name in console.http.tokens; the others may do what their token may.',
    }),
  })
  .prefault({});

const apiSettings = z
  .strictObject({
    ...consoleListener,
    tokens: setting(z.record(z.string().regex(ACTOR), tokenSettings).default({}), {
      description:
        'Who may use the API: name → token (a bearer token of at least 16 characters) and scopes (read, operate). The name is the actor of its commands. None: everybody on this machine, as local.',
      secret: true,
    }),
    sessionHours: wholeNumber(
      12,
      { min: 1, max: 720 },
      { description: 'How long a log-in on a page of the console lasts.', unit: 'h' },
    ),
    proxy: proxySettings,
    maxBodyBytes: wholeNumber(
      1_048_576,
      { min: 1024, max: 16_777_216 },
      { description: 'The largest request body.', unit: 'bytes' },
    ),
    maxConnections: wholeNumber(500, { min: 1, max: 65_535 }, { description: 'The most concurrent connections.' }),
  })
  .prefault({});

/** The section `console`. */
export const consoleSettings = z
  .strictObject({
    url: consoleUrlSetting,
    linkKeys: linkKeysSetting,
    token: setting(z.string().default(''), {
      description: 'The token that these commands send to the console.',
      secret: true,
    }),
    allowInsecure: setting(z.boolean().default(false), {
      description:
        'Let foghorn incidents, silences and deliveries send the token over plain http to another machine; independent of console.http.allowInsecure.',
    }),
    admin: adminSettings(9313),
    http: apiSettings,
    catalogFolders: setting(z.array(z.string().min(1)).default([]), {
      description:
        'Folders with catalogue entries of your own, as in enricher.catalogFolders, for the page of the catalogue.',
      readable: 'folder',
    }),
    kibanaUrl: setting(z.union([z.literal(''), z.url({ protocol: /^https?$/u })]).default(''), {
      description:
        'The address of the Kibana that foghorn setup kibana has set up, with its space, e.g. https://kibana.example.org:5601/s/soc: incidents link to the events of their host there. Empty: no links.',
    }),
    maxBulk: wholeNumber(
      10_000,
      { min: 1, max: 100_000 },
      { description: 'The most incidents that one bulk request changes.' },
    ),
    maxStreams: wholeNumber(100, { min: 1, max: 10_000 }, { description: 'The most concurrent live streams.' }),
    maxStreamsOfOne: wholeNumber(
      20,
      { min: 1, max: 10_000 },
      { description: 'The most concurrent live streams of one token; without tokens, of one address.' },
    ),
    slackSigningSecret: setting(z.string().default(''), {
      description: "The Slack app's signing secret. Empty: buttons in Slack are not served.",
      secret: true,
    }),
    slackTeamId: setting(
      z
        .string()
        .regex(/^(?:[TE][\dA-Z]+)?$/u, 'the id of a workspace, T…')
        .default(''),
      {
        description:
          'The id (T…) of the Slack workspace whose people may press buttons; empty: of every workspace in which the conversation is shared.',
      },
    ),
  })
  .prefault({});

/** The sections the console reads. */
export const consoleSchema = z.strictObject({
  kafka: kafkaSettings,
  elasticsearch: elasticsearchSettings,
  console: consoleSettings,
});

/** The console's settings, validated. */
export type ConsoleConfig = z.infer<typeof consoleSchema>;

/** The settings of its HTTP server. */
export type ConsoleHttpConfig = ConsoleConfig['console']['http'];
