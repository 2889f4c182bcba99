// Continues as a module. A file of its own, because a Node that is too old cannot parse `import()`.
void import('./bootstrap.mjs');
