/*
 * A QR code (ISO/IEC 18004) as SVG that stands in the page: no picture to fetch, no script. The code
 * is the library's work, which is loaded when the first one is shown. Dark on light in the dark, too,
 * for not every camera reads the other way round.
 */
import { Html } from '../light/html.ts';

/** Light modules around it (§6.3.8). */
const margin = 4;

/** `label`: what it is, for those who do not see it. */
export async function qrCode(text: string, label: string): Promise<Html> {
  const { default: make } = await import('qrcode-generator');
  const code = make(0, 'M');
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const rows = Array.from({ length: count }, (_, row) => {
    const dark = Array.from({ length: count }, (_, column) =>
      code.isDark(row, column) ? '1' : '0',
    );
    return runsOf(dark.join('')).map(([at, length]) => `M${at} ${row}h${length}v1h-${length}z`);
  });
  const side = count + 2 * margin;
  const safe = label.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return new Html(
    `<svg class="qr" viewBox="${-margin} ${-margin} ${side} ${side}" role="img" ` +
      `aria-label="${safe}" shape-rendering="crispEdges">` +
      `<rect x="${-margin}" y="${-margin}" width="${side}" height="${side}" fill="#fff"/>` +
      `<path fill="#000" d="${rows.flat().join('')}"/></svg>`,
  );
}

/** Where ones begin in a row, and how many there are. */
function runsOf(row: string): [number, number][] {
  return [...row.matchAll(/1+/g)].map(({ 0: run, index }) => [index, run.length]);
}
