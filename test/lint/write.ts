// `npm run lint:rules`: writes the linter's rules about rooms, which `.oxlintrc.json` extends.
import { writeFileSync } from 'node:fs';
import { packagePath } from '../../shared/runtime/package-root.ts';
import { roomRules } from './rooms.ts';

writeFileSync(packagePath('test', 'lint', 'rooms.json'), roomRules());
