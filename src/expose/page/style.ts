/** The page's one style sheet, known to the Content-Security-Policy by its hash: nothing is loaded from anywhere. */
import { createHash } from 'node:crypto';
import { APP_CSS } from './appstyle.js';
import { Html } from './html.js';

const CSS = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --sheet: #ffffff; --ink: #1f2227; --soft: #5d626b; --line: #e4e1d9; --link: #1f5a8a;
  --alarm: #a8221a; --alarm-bg: #fdeeec; --audited: #8a5200; --audited-bg: #fbf1df;
  --denied: #2f567f; --denied-bg: #e9f0f7; --expected: #3c6747; --expected-bg: #eaf2eb;
  --self: #f1efe9; --edge: #8b8f96; --chart-inside: #8fa79a; --chart-other: #c9c5b8;
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #15171a; --sheet: #1c1f23; --ink: #e6e4df; --soft: #a0a5ad; --line: #32363c; --link: #8fbfe8;
  --alarm: #ff8f85; --alarm-bg: #3a1d1b; --audited: #efb866; --audited-bg: #35290f;
  --denied: #9cc3ea; --denied-bg: #1d2b3a; --expected: #9ccca8; --expected-bg: #1c2c20;
  --self: #22252a; --edge: #6d737c; --chart-inside: #5f7d6b; --chart-other: #4b5058;
} }
* { box-sizing: border-box; margin: 0; }
html { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { max-width: 80rem; margin: 0 auto; padding: 1.25rem clamp(1rem, 4vw, 2.5rem) 3rem; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
h2 { font: 600 1.0625rem/1.3 inherit; font-size: 1.0625rem; letter-spacing: .005em; margin-bottom: .35rem; }
section { margin-top: 2.5rem; }
ul, ol { list-style: none; padding: 0; }
time, .number, .matrix td, .port { font-variant-numeric: tabular-nums; }
.soft { color: var(--soft); font-size: .875rem; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.shapes { position: absolute; width: 0; height: 0; }
.shape { width: 1em; height: 1em; flex: none; }
.solid { fill: currentColor; }
.line { fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.dashed { stroke-dasharray: 2.6 2.6; }
.cut { fill: none; stroke: var(--sheet); stroke-width: 1.6; stroke-linecap: round; }

header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .25rem 1rem; }
.brand { font-weight: 650; letter-spacing: .01em; }
.button { margin-left: .5rem; }

.top { margin-top: 1.25rem; display: grid; grid-template-columns: auto 1fr; gap: 1rem 1.25rem; padding: 1.5rem clamp(1rem, 3vw, 2rem); border-radius: .75rem; background: var(--tint); }
.top > .shape { width: 2rem; height: 2rem; margin-top: .15rem; color: var(--tone); }
.top .cut { stroke: var(--tint); }
.top h1 { font: 500 clamp(1.25rem, 1rem + 1.4vw, 1.75rem)/1.3 ui-serif, Charter, "Bitstream Charter", Georgia, serif; text-wrap: pretty; }
.top ul { margin-top: .75rem; display: grid; gap: .25rem; }
.top li { padding-left: 1.1em; text-indent: -1.1em; }
.top li::before { content: "–"; display: inline-block; width: 1.1em; text-indent: 0; color: var(--tone); }
.top.alarm { --tone: var(--alarm); --tint: var(--alarm-bg); }
.top.blind { --tone: var(--paper); --tint: var(--ink); }
.top.blind, .top.blind h1 { color: var(--paper); }
.top.partial { --tone: var(--audited); --tint: var(--audited-bg); }
.top.quiet { --tone: var(--expected); --tint: var(--expected-bg); }

.mark { display: inline-flex; align-items: center; gap: .4em; white-space: nowrap; font-weight: 550; }
.mark.allowed { color: var(--alarm); } .mark.audited { color: var(--audited); }
.mark.denied { color: var(--denied); } .mark.expected { color: var(--expected); }

.scroll { margin-top: .75rem; overflow: auto; max-height: 85vh; border: 1px solid var(--line); border-radius: .6rem; background: var(--sheet); }
table { border-collapse: separate; border-spacing: 0; font-size: .875rem; }
th { font-weight: 550; text-align: left; }
.scroll:has(.matrix) { width: fit-content; max-width: 100%; }
.matrix th, .matrix td { border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); padding: .5rem .7rem; }
.matrix tr > :last-child { border-right: 0; } .matrix tbody tr:last-child > * { border-bottom: 0; }
.matrix th { max-width: 15rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; background: var(--sheet); }
.matrix tbody th, .corner { position: sticky; left: 0; z-index: 1; }
.matrix thead th, .corner { position: sticky; top: 0; z-index: 1; vertical-align: bottom; }
.corner { z-index: 2; background: var(--sheet); color: var(--soft); font-size: .75rem; white-space: nowrap; }
.corner .from::after { content: " ↓"; } .corner .to::after { content: " →"; }
.matrix td { min-width: 4.5rem; text-align: right; vertical-align: top; }
.matrix td .mark { display: flex; justify-content: flex-end; }
.matrix .self { background: var(--self); }
.matrix td.allowed { background: var(--alarm-bg); } .matrix td.audited { background: var(--audited-bg); }
.matrix td.denied { background: var(--denied-bg); } .matrix td.expected { background: var(--expected-bg); }
.matrix .cut { stroke: var(--alarm-bg); }
.narrow thead th { writing-mode: vertical-rl; transform: rotate(180deg); max-width: none; max-height: 11rem; padding: .6rem .35rem; text-align: left; vertical-align: bottom; border-right: 0; border-left: 1px solid var(--line); border-bottom: 0; border-top: 1px solid var(--line); }
.narrow tr > :last-child { border-left: 0; }
.narrow td { min-width: 3rem; padding: .3rem .45rem; font-size: .8125rem; }
.dense td { min-width: 2rem; padding: .2rem .15rem; font-size: .6875rem; text-align: center; }
.dense td .mark { flex-direction: column; gap: 0; }
.dense tbody th { font-size: .8125rem; max-width: 10rem; padding: .2rem .6rem; }
.dense thead th { font-size: .8125rem; padding: .5rem .1rem; }
.narrow .corner { vertical-align: bottom; text-align: left; }
.narrow tbody th { padding: .3rem .7rem; }
.legend { margin-top: .75rem; display: flex; flex-wrap: wrap; gap: .35rem 1.5rem; font-size: .8125rem; color: var(--soft); }
.legend div { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .5rem; }

.list { width: 100%; }
.list th, .list td { padding: .5rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left; }
.list :is(th, td) { overflow-wrap: normal; }
.list bdi { display: inline-block; max-width: 18rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; }
.list thead th { color: var(--soft); font-size: .8125rem; }
.list tbody tr:last-child > * { border-bottom: 0; }
.list .number { text-align: right; }
.list .marks { display: flex; flex-wrap: wrap; gap: .1rem 1rem; }
.list .bad > * { background: var(--audited-bg); }

.crossings { margin-top: .75rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--sheet); }
.crossings li { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr) minmax(0, 17rem); grid-template-areas: "what who why" "when who why" "more more more"; grid-template-rows: auto 1fr auto; gap: 0 1.5rem; padding: .9rem 1.1rem; border-top: 1px solid var(--line); border-left: 4px solid transparent; }
.crossings li:first-child { border-top: 0; }
.crossings li:first-child { border-top-left-radius: .6rem; } .crossings li:last-child { border-bottom-left-radius: .6rem; }
.crossings li.allowed { border-left-color: var(--alarm); } .crossings li.audited { border-left-color: var(--audited); }
.what { grid-area: what; display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; }
.when { grid-area: when; font-size: .875rem; }
.when .soft, .what .soft { display: block; font-size: .8125rem; }
.who { grid-area: who; display: grid; grid-template-columns: minmax(0, 1fr) auto minmax(0, 1fr) 6.5rem; gap: 0 1rem; }
.tenant { font-weight: 600; }
.pod, .port { font-size: .9375rem; }
.host { font-size: .8125rem; color: var(--soft); }
.tenant, .pod, .host, .why dd { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }
.arrow { color: var(--soft); }
.port { text-align: right; font-weight: 550; }
.why { grid-area: why; font-size: .8125rem; display: grid; gap: .1rem; align-content: start; }
.why div { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: .5rem; }
.why dt, .facts dt { color: var(--soft); }
.crossings details { grid-area: more; font-size: .8125rem; margin-top: .25rem; }
summary { color: var(--link); cursor: pointer; width: max-content; }
pre { margin: .35rem 0; padding: .6rem .8rem; border-radius: .4rem; background: var(--self); white-space: pre-wrap; font: .8125rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }

.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 3rem; }
.facts { margin-top: .5rem; font-size: .875rem; }
.facts div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: .75rem; padding: .25rem 0; }
.facts .bad dd { color: var(--audited); font-weight: 550; }
.facts .bad dd::before { content: "! "; }

footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 2rem; font-size: .875rem; }
footer ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }

@media (max-width: 60rem) {
  .crossings li { grid-template-columns: auto 1fr; grid-template-areas: "what when" "who who" "why why" "more more"; grid-template-rows: none; gap: .4rem 1rem; }
  .when { justify-self: end; text-align: right; }
  .what .soft { display: inline; }
}
@media (max-width: 36rem) {
  .top { grid-template-columns: 1fr; gap: .5rem; }
  .who { grid-template-columns: 1fr auto; gap: 0 .75rem; }
  .who .party { grid-column: 1; }
  .arrow { grid-column: 1; line-height: 1.2; } .arrow span:first-child { display: inline-block; transform: rotate(90deg); }
  .port { grid-column: 2; grid-row: 1 / span 3; align-self: center; }
  .facts div { grid-template-columns: 6.5rem minmax(0, 1fr); }
  .matrix th { max-width: 9rem; }
}
@media print {
  :root { --paper: #fff; --sheet: #fff; }
  body { max-width: none; padding: 0; }
  .button, footer nav, summary { display: none; }
  .scroll { max-height: none; overflow: visible; border: 0; }
  .crossings { border: 0; } .crossings li, .top, .list tr { break-inside: avoid; }
  .top { border: 2px solid var(--ink); }
  * { print-color-adjust: exact; }
}
`;

const ALL = CSS + APP_CSS;

/** As Content-Security-Policy's `style-src` names it. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(ALL).digest('base64')}`;

export const STYLE = new Html(`<style>${ALL}</style>`);
