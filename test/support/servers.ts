// The addresses of the real servers, which test/run.ts starts and passes by environment.

/** The address in an environment variable; throws when the test was not started by the runner. */
export function requiredEnv(name: 'KAFKA_BROKERS' | 'ELASTICSEARCH_URL' | 'REDIS_URL'): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: run integration tests with npm test, which starts the servers.`);
  return value;
}
