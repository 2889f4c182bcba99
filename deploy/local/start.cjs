// The entry of npm's scripts: refuses a Node that is too old. In the oldest syntax, so that such a
// Node can run it.
'use strict';

var MINIMUM = [20, 19];
var version = process.versions.node;
var parts = version.split('.').map(Number);

if (parts[0] > MINIMUM[0] || (parts[0] === MINIMUM[0] && parts[1] >= MINIMUM[1])) {
  require('./enter.cjs');
} else {
  console.error('foghorn  Node ' + MINIMUM.join('.') + ' or newer is needed; this is Node ' + version + '.');
  process.exitCode = 1;
}
