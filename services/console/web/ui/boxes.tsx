// What a page shows instead of what it is about, and what can be copied.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiError } from '../api/client.ts';

/** Nothing to show, and why. */
export function EmptyBox({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Something could not be read; what was read before stays below it. */
export function ErrorBox({ error, onRetry }: { readonly error: ApiError; readonly onRetry: () => void }): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>{messageOf(error)}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

function messageOf({ status, message }: ApiError): string {
  if (status === 503)
    return `${message} What needs Elasticsearch cannot be shown now; changes are still taken, because they go by Kafka.`;
  return message;
}

/** While something is read for the first time. */
export function Loading({ what }: { readonly what: string }): JSX.Element {
  return (
    <p class="loading" role="status">
      Reading {what} …
    </p>
  );
}

const SHOWN_MS = 1500;

/** Copies a text. */
export function Copy({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <button type="button" class="copy" onClick={() => void copy()} aria-label={`${label}: ${text.slice(0, 80)}`}>
      {isCopied ? 'copied' : label}
    </button>
  );
}

/** Browsers give the clipboard to pages from TLS or loopback; elsewhere a text field has to do. */
export async function copyText(text: string): Promise<void> {
  if (isSecureContext) return await navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
  return undefined;
}

/** A command to paste, with the button that copies it. */
export function Command({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="command">
      <code>{text}</code>
      <Copy text={text} />
    </div>
  );
}

/** Only addresses of the web become links. */
export function OutLink({ url, title }: { readonly url: string | undefined; readonly title: string }): JSX.Element {
  if (url === undefined || !/^https?:\/\//iu.test(url)) return <>{title}</>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener">
      {title}
    </a>
  );
}
