// The door to kafkajs: our encoder is in place before kafkajs loads the modules that it replaces.
import './encoding/install.ts';
import './request-queue.ts';

export { CompressionTypes, default as kafkajs, Kafka, logLevel, Partitioners } from 'kafkajs';
