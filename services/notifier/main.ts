// Starts the notifier.
import { runService } from '../../shared/runtime/service.ts';
import { notifierService } from './notifier.ts';

await runService(notifierService);
