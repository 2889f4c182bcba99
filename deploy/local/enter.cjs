// Goes on with modules. A file of its own, because a Node that is too old cannot read `import()` either.
void import('./bootstrap.mjs');
