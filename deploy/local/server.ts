// One local server: its options, and its address when it runs.
import type { Child, Children } from './process.ts';

/** The options of a server. */
export interface ServerContext {
  readonly jarFolder: string;
  readonly dataFolder: string;
  readonly logFolder: string;
  readonly javaHome: string | undefined;
  readonly ports: 'fixed' | 'free';
  /** The very port to take, for a server that is started again; before `ports`. */
  readonly port?: number;
  /**
   * Kafka and Elasticsearch: settings on top of the usual ones. In one of Kafka's `{port}` and
   * `{port2}` become the broker's port and a second one.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** Kafka and Elasticsearch: options of the JVM behind the usual ones, before which they count. */
  readonly jvmOptions?: readonly string[];
  /** Kafka: the cluster that a broker is formatted for; without it one of its own. */
  readonly clusterId?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly children: Children;
  readonly signal: AbortSignal;
  findMaven(): { readonly program?: string; readonly missing?: string };
  progress(line: string): void;
}

/** A server that runs here. */
export interface LocalServer {
  readonly name: string;
  readonly address: string;
  readonly child: Child;
}

/** An address as it may be shown. */
export function withoutPassword(address: string): string {
  return address.replaceAll(/\/\/[^/@]*@/gu, '//***@');
}
