// The address of the page as state: every view is one, and links change it without loading anew.
import { useEffect, useState } from 'preact/hooks';

/** The path and the query of the page. */
export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}

const CHANGED = 'foghorn:address';

function addressNow(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Goes to an address of this console; with `replace` Back leads past the one before. */
export function navigate(href: string, { replace = false } = {}): void {
  if (href === location.pathname + location.search) return;
  if (replace) history.replaceState(history.state, '', href);
  else history.pushState(null, '', href);
  dispatchEvent(new Event(CHANGED));
}

/** The address; the component is drawn again when it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(addressNow);
  useEffect(() => {
    const update = (): void => setAddress(addressNow());
    addEventListener('popstate', update);
    addEventListener(CHANGED, update);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener(CHANGED, update);
    };
  }, []);
  return address;
}

/** Lets plain clicks on links to pages change the address; everything else is the browser's. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || !isPlainClick(event)) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || !leadsToPage(link)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
    scrollTo(0, 0);
  });
}

/** Whether a click asks for nothing but to follow the link here. */
export function isPlainClick({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
}

function leadsToPage({ origin, pathname, target, hash, download }: HTMLAnchorElement): boolean {
  if (target !== '' || download !== '' || origin !== location.origin) return false;
  if (pathname.startsWith('/api/') || pathname.startsWith('/assets/')) return false;
  return hash === '' || pathname !== location.pathname;
}
