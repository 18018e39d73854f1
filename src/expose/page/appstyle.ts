/** What the page looks like where its script runs; the rest is in style.ts. */
import { masks } from './marks.js';

export const APP_CSS = `
${masks()}
.drawn::before { content: ""; width: 1em; height: 1em; flex: none; background: currentColor; forced-color-adjust: none; -webkit-mask: var(--drawn) center / contain no-repeat; mask: var(--drawn) center / contain no-repeat; }
[hidden] { display: none !important; }
.skip { position: absolute; left: -100vw; } .skip:focus { position: static; }
.views ul { display: flex; flex-wrap: wrap; gap: .25rem .5rem; }
.views a { display: block; padding: .3rem .7rem; border-radius: .4rem; text-decoration: none; color: var(--ink); }
.views a:hover { background: var(--self); }
.views a[aria-current] { background: var(--ink); color: var(--paper); }
h2:focus { outline: none; } h2.large { font-size: 1.5rem; font-weight: 600; }
h3 { font-size: .875rem; font-weight: 600; margin-top: .75rem; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.title { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .25rem 1rem; }
button, input, select { font: inherit; color: inherit; }
button { padding: .3rem .8rem; border: 1px solid var(--edge); border-radius: .4rem; background: var(--sheet); cursor: pointer; min-height: 1.75rem; }
button:hover { border-color: var(--ink); } button[aria-pressed="true"] { background: var(--ink); color: var(--paper); }
button:disabled { color: var(--soft); cursor: progress; }
.show-more { margin-top: .75rem; } .newer { margin-top: .5rem; border-color: var(--link); color: var(--link); }
.unfold, .copy { padding: .1rem .6rem; font-size: .8125rem; }
.filters { display: flex; flex-wrap: wrap; align-items: end; gap: .5rem .75rem; margin: .75rem 0 .5rem; }
.filters label { display: grid; gap: .1rem; font-size: .8125rem; color: var(--soft); min-width: 0; }
.filters :is(input, select) { color: var(--ink); background: var(--sheet); border: 1px solid var(--edge); border-radius: .4rem; padding: .3rem .5rem; font-size: .9375rem; width: 10.5rem; max-width: 100%; min-height: 2.125rem; }
.filters .of-text input { width: 15rem; } .filters .of-port input { width: 5rem; } .filters .of-verdict select { width: 8.5rem; }
.filters .clear { font-size: .875rem; padding: .4rem .25rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr)); gap: 0; margin-top: .75rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--sheet); overflow: hidden; }
.tiles div { padding: .7rem 1rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; box-shadow: 1px 1px 0 var(--line); }
.tiles dt { font-size: .8125rem; color: var(--soft); } .tiles dd { font-size: 1.25rem; font-weight: 550; font-variant-numeric: tabular-nums; }
.tiles .bad { background: var(--audited-bg); } .tiles .bad dd { color: var(--audited); } .tiles .bad dd::before { content: "! "; }
.matrix a { color: inherit; text-decoration: none; } .matrix th a { display: block; overflow: hidden; text-overflow: ellipsis; }
.matrix a:hover { text-decoration: underline; } .matrix td:has(a) { padding: 0; }
.matrix td a { display: block; position: relative; padding: .5rem .7rem; } .narrow td a { padding: .3rem .45rem; } .dense td a { padding: .2rem .15rem; }
.scroll:has(.matrix) { margin-bottom: .25rem; }
.list { table-layout: fixed; min-width: 40rem; } .list :is(th, td) { overflow: hidden; text-overflow: ellipsis; } .list bdi { max-width: 100%; }
.scroll .marks, .tallies { text-decoration: none; } .tallies { white-space: normal; } .tallies .mark { margin-right: .75rem; font-weight: 450; }
.list .marks { display: inline-flex; color: inherit; } 
.crossings li { content-visibility: auto; contain-intrinsic-size: auto 6.5rem; grid-template-areas: "what who why" "when who why" "fold fold fold" "more more more"; grid-template-rows: auto 1fr auto auto; }
.crossings .tenant a { color: inherit; } .whys { grid-area: why; display: grid; gap: .1rem; align-content: start; }
.whys .why { grid-area: auto; display: block; font-size: .8125rem; } .unfold { grid-area: fold; justify-self: start; margin-top: .35rem; }
.crossings .more { grid-area: more; min-width: 0; font-size: .8125rem; margin-top: .35rem; }
.crossings .facts div { grid-template-columns: 6.5rem minmax(0, 1fr); padding: .1rem 0; }
.crossings .json { margin-top: .5rem; } .json pre { max-height: 24rem; overflow: auto; }
.line { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .5rem; align-items: center; }
.none { margin-top: .75rem; }
.chart { margin-top: .75rem; padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--sheet); }
.strip + .strip { margin-top: .75rem; } .bars svg { display: block; width: 100%; height: 6rem; } .strip:first-child .bars svg { height: 3.5rem; }
.inside { fill: var(--chart-inside); } .chart .other { fill: var(--chart-other); } .gotThrough { fill: var(--alarm); } .chart rect.denied { fill: var(--denied); }
.ground { stroke: var(--edge); stroke-width: 1; vector-effect: non-scaling-stroke; } .axis { display: flex; justify-content: space-between; }
.chart .legend dt { display: inline-flex; align-items: center; gap: .3rem; color: var(--ink); font-weight: 550; }
.policy button { margin-top: .5rem; } .yaml { max-height: 36rem; overflow: auto; white-space: pre; }
.outcomes { margin-top: .75rem; display: flex; flex-wrap: wrap; gap: .25rem 2rem; } .outcome strong { font-size: 1.25rem; }
.bad { color: var(--audited); } .printed { display: none; }
@media (max-width: 60rem) {
  .crossings li { grid-template-columns: auto minmax(0, 1fr); grid-template-areas: "what when" "who who" "why why" "fold fold" "more more"; grid-template-rows: none; contain-intrinsic-size: auto 13rem; }
}
@media (max-width: 36rem) {
  .filters label { flex: 1 1 8rem; } .filters :is(input, select), .filters .of-text input, .filters .of-verdict select { width: 100%; }
  .filters .of-port { flex: 0 1 5rem; } .filters .of-text { flex-basis: 100%; }
  .views { width: 100%; order: 3; } .views ul { gap: .125rem; justify-content: space-between; } .views a { padding: .3rem .4rem; font-size: .9375rem; }
}
@media (min-width: 110rem) { body { max-width: 110rem; } html { font-size: 18px; } }
@media (min-width: 150rem) { body { max-width: 140rem; } html { font-size: 20px; } }
@media print {
  .views, .skip, .filters, .copy, .unfold, .show-more, .newer, .policy button, .quiet-button, header > .soft { display: none !important; }
  .printed { display: block; margin-top: .75rem; font-size: .875rem; }
  .crossings li { content-visibility: visible; } .yaml, .json pre { max-height: none; }
  a { color: inherit; text-decoration: none; } .scroll { max-width: 100%; }
}
`;
