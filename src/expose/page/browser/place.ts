/** Where in the page one is: a view and its filters, as a link says it and as the page makes links. */
import { VERDICTS } from '../../../model.js';
import { VIEWS } from '../places.js';

export type View = (typeof VIEWS)[number];
export const KINDS = ['unexpected', ...VERDICTS, 'expected'] as const;
export type Kind = (typeof KINDS)[number];

/** '' where nothing is asked for. */
export interface Place {
  readonly view: View;
  readonly tenant: string;
  readonly source: string;
  readonly destination: string;
  readonly verdict: Kind | '';
  readonly port: string;
  readonly text: string;
  readonly group: string;
}

const NOWHERE: Place = {
  view: 'overview',
  tenant: '',
  source: '',
  destination: '',
  verdict: '',
  port: '',
  text: '',
  group: '',
};

/** @param search of a URL; what it says wrongly is left out */
export function placeOf(search: string): Place {
  const said = new URLSearchParams(search);
  const port = said.get('port') ?? '';
  return {
    view: VIEWS.find((view) => view === said.get('view')) ?? 'overview',
    tenant: said.get('tenant') ?? '',
    source: said.get('source') ?? '',
    destination: said.get('destination') ?? '',
    verdict: KINDS.find((kind) => kind === said.get('verdict')) ?? '',
    port: fitPort(port),
    text: said.get('text') ?? '',
    group: said.get('group') ?? '',
  };
}

/** The analyzer refuses a link with another one. */
export function fitPort(said: string): string {
  return /^\d{1,5}$/.test(said) && Number(said) <= 65_535 ? String(Number(said)) : '';
}

/** Relative, since a proxy may serve the page under a path. */
export function linkTo(place: Partial<Place>): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...NOWHERE, ...place }))
    if (value !== '') said.set(name, value);
  return `?${said.toString()}`;
}
