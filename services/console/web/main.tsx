// The way in: draws the console into the page.
import { render } from 'preact';
import { App } from './app.tsx';
import { followLinks } from './router.ts';
import { listenToKeys } from './ui/keys.ts';

const place = document.querySelector('#app');
if (place === null) throw new Error('The page has no place for the console.');
followLinks();
listenToKeys();
render(<App />, place);
