/** The files of the dashboard, read once at the start. They hold no data, so anybody may have them. */
import { readFileSync } from 'node:fs';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const NAMES = [
  'index.html',
  'dashboard.css',
  'main.js',
  'connection.js',
  'charts.js',
  'views.js',
  'icon.svg',
];

export interface Asset {
  readonly url: string;
  readonly type: string;
  readonly text: string;
}

/** The build puts them beside the code, in `dashboard/`. */
export function dashboardAssets(): Asset[] {
  return NAMES.map((name) => ({
    url: name === 'index.html' ? '/' : `/dashboard/${name}`,
    type: TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    text: readFileSync(new URL(`./dashboard/${name}`, import.meta.url), 'utf8'),
  }));
}
