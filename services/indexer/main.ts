// Starts the indexer.
import { runService } from '../../shared/runtime/service.ts';
import { indexerService } from './indexer.ts';

await runService(indexerService);
