// A client that its own makers publish: how it is found, configured and called. It ships the lines
// of a file that grows.

/** What an agent is configured with. */
export interface Files {
  /** A folder of its own, which is empty. */
  readonly folder: string;
  /** The file whose lines it ships, those that are added later included. */
  readonly file: string;
  /** A configuration of the pages with the addresses, certificates and the token of this run. */
  readonly fill: (configuration: string) => string;
}

/** A configured agent. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** The arguments with which it only checks its configuration; absent for what has none. */
  readonly checkArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The file into which it writes what it gives up, so that people can send it again. */
  readonly givenUp?: string;
}

/**
 * What may be lost: `nothing`, but for what it writes into its file of what it gives up;
 * `in-flight`: what is on the way when the collector is killed; `unread`: also what is on the way
 * when the collector stops reading; `datagrams`: whatever comes while nobody listens.
 */
export type Loses = 'nothing' | 'in-flight' | 'unread' | 'datagrams';

/** Its version, or why it cannot be run here. */
export type Found = { readonly version: string } | { readonly missing: string };

/** An agent with one way of sending. */
export interface Agent {
  /** In small letters, digits and hyphens. */
  readonly name: string;
  readonly loses: Loses;
  find(): Found;
  /** Fetches or builds it; absent for what tests build themselves. */
  readonly build?: () => void;
  /** Writes its configuration. */
  configure(files: Files): Command;
}
