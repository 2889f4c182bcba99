// The manifests of deploy/kubernetes, put together as kustomize would: resources of a folder, and
// Deployments with the patches of the base and of components merged in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { packagePath } from '../../shared/runtime/package-root.ts';

/** Any object of Kubernetes, as far as the tests look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  readonly spec: Spec;
}

/** What the tests look into, of all kinds together. */
interface Spec {
  readonly replicas: number;
  readonly selector: Labels & { readonly matchLabels: Labels };
  readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: Pod };
  /** Of a Service. */
  readonly ports: readonly { readonly port: number; readonly targetPort: string; readonly protocol?: string }[];
  /** Of a NetworkPolicy. */
  readonly podSelector: Selector;
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
  readonly policyTypes: readonly string[];
  /** Of what scales. */
  readonly scaleTargetRef: { readonly name: string };
  readonly minReplicaCount: number;
  readonly maxReplicaCount: number;
  readonly triggers: readonly {
    readonly metadata: Labels;
    readonly authenticationRef: { readonly name: string };
  }[];
  readonly env: readonly { readonly parameter: string; readonly name: string; readonly containerName: string }[];
  readonly secretTargetRef: readonly { readonly parameter: string; readonly name: string; readonly key: string }[];
  /** Of Strimzi's kinds. */
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
  readonly authentication: { readonly type: string };
  readonly authorization: { readonly acls: readonly Acl[] };
  readonly kafka: {
    readonly listeners: readonly {
      readonly port: number;
      readonly tls: boolean;
      readonly authentication: { readonly type: string };
    }[];
    readonly config: Readonly<Record<string, unknown>>;
  };
  /** Of Elasticsearch. */
  readonly version: string;
  readonly auth: { readonly fileRealm: readonly { readonly secretName: string }[] };
}

interface Selector {
  readonly matchLabels: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
}

interface Rule {
  readonly ports: readonly { readonly port: number | string; readonly protocol?: string }[];
}

interface Acl {
  readonly resource: { readonly type: string; readonly name: string; readonly patternType: string };
  readonly operations: readonly string[];
}

/** Whether a selector takes a pod with these labels; of expressions it knows `In`. */
export function selects({ matchLabels, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}

/** Labels, or a selector's. */
export type Labels = Readonly<Record<string, string>>;

/** A pod, as far as the tests look into it. */
export interface Pod {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly topologySpreadConstraints?: readonly { readonly topologyKey: string }[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

/** Its only container. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

/** What is mounted. */
export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly emptyDir?: object;
  readonly secret?: { readonly secretName: string; readonly items: readonly SecretItem[] };
  readonly projected?: {
    readonly defaultMode: number;
    readonly sources: readonly { readonly secret: { readonly name: string; readonly items: readonly SecretItem[] } }[];
  };
}

interface SecretItem {
  readonly key: string;
  readonly path: string;
}

/** A kustomization.yaml. */
export interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newTag: string }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly patches?: readonly {
    readonly path?: string;
    readonly patch?: string;
    readonly target?: { readonly kind: string; readonly name?: string };
  }[];
}

const ROOT = packagePath('deploy', 'kubernetes');

/** NODE_OPTIONS of the image, for whatever container sets none itself. */
export function imageOptions(): string {
  return (
    /^ENV NODE_OPTIONS=(?<options>.+)$/mu.exec(readFileSync(packagePath('deploy', 'Dockerfile'), 'utf8'))?.[1] ?? ''
  );
}

/** The names of the components. */
export const COMPONENTS: readonly string[] = readdirSync(join(ROOT, 'components')).sort();

/** The folders with a kustomization.yaml, below deploy/kubernetes. */
export const FOLDERS: readonly string[] = ['base', ...COMPONENTS.map((name) => `components/${name}`), 'example'];

/** A file below deploy/kubernetes. */
export function textOf(...parts: readonly string[]): string {
  return readFileSync(join(ROOT, ...parts), 'utf8');
}

/** A folder's kustomization.yaml. */
export function kustomizationOf(folder: string): Kustomization {
  return parse(textOf(folder, 'kustomization.yaml')) as Kustomization;
}

/** The objects that a folder adds, those of other folders not included. */
export function resourcesOf(folder: string): readonly Manifest[] {
  const files = (kustomizationOf(folder).resources ?? []).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((name) => documentsOf(folder, name));
}

/** The objects in a file. */
export function documentsOf(folder: string, name: string): readonly Manifest[] {
  return parseAllDocuments(textOf(folder, name), { merge: true }).map((document) => document.toJS() as Manifest);
}

/** The pods' specs of the base, with what all have in common, by the service's name. */
export function basePods(): ReadonlyMap<string, Pod> {
  const [common] = documentsOf('base', 'every-service.yaml');
  const deployments = resourcesOf('base').filter(({ kind }) => kind === 'Deployment');
  return new Map(
    deployments.map(({ metadata: { name }, spec }) => {
      const merged = mergeStrategically(spec, common?.spec) as { readonly template: { readonly spec: Pod } };
      return [name.replace(/^foghorn-/u, ''), merged.template.spec];
    }),
  );
}

/** A pod with a component's patch merged in. */
export function patchedPod(pod: Pod, component: string): Pod {
  const [patch] = documentsOf(`components/${component}`, 'deployment.yaml');
  return mergeStrategically(pod, patch?.spec.template.spec) as Pod;
}

/** What identifies an element of a list of objects: Kubernetes' patchMergeKey. */
const MERGE_KEYS = ['mountPath', 'name'] as const;

/** Kubernetes' strategic merge, as far as these manifests need it. */
function mergeStrategically(base: unknown, patch: unknown): unknown {
  if (patch === undefined) return base;
  if (base === undefined) return patch;
  if (Array.isArray(base) && Array.isArray(patch)) {
    const key = MERGE_KEYS.find((name) => (patch as readonly object[]).every((item) => Object.hasOwn(item, name)));
    if (key === undefined) return patch;
    const keyOf = (item: unknown): unknown => (item as Record<string, unknown>)[key];
    const patches = new Map((patch as readonly unknown[]).map((item) => [keyOf(item), item]));
    const merged = (base as readonly unknown[]).map((item) => mergeStrategically(item, patches.get(keyOf(item))));
    const known = new Set(base.map(keyOf));
    return [...merged, ...(patch as readonly unknown[]).filter((item) => !known.has(keyOf(item)))];
  }
  if (typeof base !== 'object' || typeof patch !== 'object' || base === null || patch === null) return patch;
  const left = base as Record<string, unknown>;
  const right = patch as Record<string, unknown>;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...keys].map((key) => [key, mergeStrategically(left[key], right[key])]));
}

/** The only container of a pod. */
export function containerOf(pod: Pod): Container {
  const [container] = pod.containers;
  if (container === undefined || pod.containers.length !== 1) throw new Error('A pod has exactly one container here.');
  return container;
}

/** The keys of Secrets that a volume shows as files. */
export function secretFilesOf(volume: Volume): readonly { readonly secret: string; readonly item: SecretItem }[] {
  const { secret, projected } = volume;
  return [
    ...(secret?.items ?? []).map((item) => ({ secret: secret?.secretName ?? '', item })),
    ...(projected?.sources ?? []).flatMap((source) =>
      source.secret.items.map((item) => ({ secret: source.secret.name, item })),
    ),
  ];
}
