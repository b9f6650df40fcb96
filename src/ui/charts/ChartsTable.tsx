// Everything that the charts show, as a table: made from the same numbers, written once a second at most while the lab runs.
import { useState } from 'react';
import { count } from '../format';
import { usePage, useStore } from '../store';
import { chartsWords as say } from './charts_words';
import { now, shown } from './follow';
import { type ChartId, twinOf, unitOf } from './plots';
import { short } from './series';

const said = (n: number | undefined): string => (n === undefined ? '–' : short(n));

function Rows() {
  useStore(shown, (s) => s.text);
  const whole = (n: number | undefined) => (n === undefined ? '–' : count(n));
  return now.shown.map((p) => {
    // as the port is now, also where the stretch ends before
    const port = now.look?.ports.find((x) => x.id === p.id) ?? p,
      { rows } = twinOf(port, now.seen, now.by, now.cursor);
    const first = (i: number, chart: ChartId) => rows[i - 1]?.chart !== chart;
    return (
      <table key={p.id} className="plain charts-table" data-port={p.id}>
        <caption>
          {say.table.caption}: <code>{p.name || p.backend}</code> <code>{p.name && p.backend}</code>
        </caption>
        <thead>
          <tr>
            <th scope="col">{say.table.what}</th>
            {(['total', 'least', 'most'] as const).map((c) => (
              <th key={c} scope="col" className="right">
                {say.table[c]}
              </th>
            ))}
            <th scope="col" className="right">
              {now.cursor >= 0 ? say.table.at : now.axis === 'steps' ? say.table.stretch : say.table.last}
            </th>
          </tr>
        </thead>
        {rows.map((r, i) => (
          <tbody key={`${r.chart} ${r.line.key}`}>
            {first(i, r.chart) && (
              <tr className="charts-of">
                <th scope="rowgroup" colSpan={5}>
                  {say.charts[r.chart]} <small>{unitOf(r.chart, now.by)}</small>
                </th>
              </tr>
            )}
            <tr data-line={r.line.key} data-owner={r.line.owner}>
              <th scope="row">{r.line.name}</th>
              <td className="num right">{whole(r.total)}</td>
              <td className="num right">{said(r.least)}</td>
              <td className="num right">{said(r.most)}</td>
              <td className="num right">{said(r.at)}</td>
            </tr>
          </tbody>
        ))}
      </table>
    );
  });
}

export function ChartsTable() {
  const twin = usePage((v) => v.twin);
  const [open, setOpen] = useState(false);
  return (
    <details className="charts-twin" open={open || twin} onToggle={(e) => !twin && setOpen(e.currentTarget.open)}>
      <summary>{say.table.title}</summary>
      {(open || twin) && (
        <div className="scroll-x" role="group" aria-label={say.table.caption} tabIndex={0}>
          <Rows />
        </div>
      )}
    </details>
  );
}
