// Starts the console.
import { runService } from '../../shared/runtime/service.ts';
import { consoleService } from './console.ts';

await runService(consoleService);
