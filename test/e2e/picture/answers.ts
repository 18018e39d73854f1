/** What Prometheus answers to a dashboard's queries. */
import type { Prometheus, Sample } from '../prometheus.js';
import type { Model, Target } from './model.js';

/** Seconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export interface Series {
  readonly labels: Sample['labels'];
  readonly values: readonly (readonly [time: number, value: number])[];
}

export type Answer =
  | { readonly target: Target; readonly samples: readonly Sample[] }
  | { readonly target: Target; readonly series: readonly Series[] };

/** Of each panel, by its id, an answer to each query. */
export interface Answers {
  readonly span: Span;
  readonly panels: Readonly<Record<number, readonly Answer[]>>;
}

/** Asks everything, with nothing chosen in the dashboard's variables. Instant queries are of now. */
export async function ask(model: Model, prometheus: Prometheus, span: Span): Promise<Answers> {
  const panels: Record<number, readonly Answer[]> = {};
  for (const { id, targets = [] } of model.panels) {
    panels[id] = await Promise.all(
      targets.map(async (target): Promise<Answer> => {
        const expr = replaced(target.expr, model, span);
        return target.instant === true
          ? { target, samples: await prometheus.query(expr) }
          : { target, series: await prometheus.queryRange(expr, span) };
      }),
    );
  }
  return { span, panels };
}

function replaced(expr: string, { templating }: Model, { from, to }: Span): string {
  const known = expr.replaceAll('$__range', `${Math.round(to - from)}s`);
  return templating.list
    .filter(({ type }) => type === 'query')
    .reduce((text, { name }) => text.replace(new RegExp(`\\$${name}\\b`, 'g'), '.*'), known);
}
