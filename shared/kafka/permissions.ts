// Grants permissions (ACLs) in Kafka.
import type { AclOperationTypes as Operation } from 'kafkajs';
import { kafkajs } from './kafkajs.ts';
import type { KafkaOperation, KafkaPermission } from '../contracts/access.ts';
import { ConfigError } from '../runtime/errors.ts';
import { type KafkaClient, KafkaJSProtocolError, withAdmin } from './client.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const OPERATIONS: Readonly<Record<KafkaOperation, Operation>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Delete: AclOperationTypes.DELETE,
};

/**
 * Grants them from every host. What is granted already stays as it is; nothing is taken away.
 * Throws ConfigError when the cluster has no authorizer or the credentials may not, and
 * Unavailable.
 */
export async function grantPermissions(kafka: KafkaClient, permissions: readonly KafkaPermission[]): Promise<void> {
  const acl = permissions.flatMap(({ principal, resource, name, pattern, operations }) =>
    operations.map((operation) => ({
      resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
      resourceName: name,
      resourcePatternType: pattern === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
      principal,
      host: '*',
      operation: OPERATIONS[operation],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
  try {
    await withAdmin(kafka, (admin) => admin.createAcls({ acl }));
  } catch (error) {
    const { type, message } = protocolError(error) ?? {};
    if (type === 'SECURITY_DISABLED')
      throw new ConfigError(
        'The Kafka cluster has no authorizer (authorizer.class.name), so that whoever reaches it may do everything. Set one up, then grant the permissions.',
      );
    if (type === 'CLUSTER_AUTHORIZATION_FAILED')
      throw new ConfigError(
        `kafka.saslUsername may not grant permissions (${message}). Use an administrator’s credentials, who has Alter on the cluster.`,
      );
    throw error;
  }
}

function protocolError(error: unknown): KafkaJSProtocolErrorLike | undefined {
  const found = error instanceof Error && error.cause instanceof KafkaJSProtocolError ? error.cause : error;
  return found instanceof KafkaJSProtocolError ? found : undefined;
}

type KafkaJSProtocolErrorLike = InstanceType<typeof KafkaJSProtocolError>;
