// Starts the collector.
import { runService } from '../../shared/runtime/service.ts';
import { collectorService } from './collector.ts';

await runService(collectorService);
