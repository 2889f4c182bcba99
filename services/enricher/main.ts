// Starts the enricher.
import { runService } from '../../shared/runtime/service.ts';
import { enricherService } from './enricher.ts';

await runService(enricherService);
