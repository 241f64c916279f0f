/*
 * QR codes (ISO/IEC 18004) as the path of an SVG, so that a page shows one without script, picture
 * or request: `<svg viewBox="{{box}}"><path d="{{path}}"/></svg>`. The code is the library's work.
 */
import qrcode from 'qrcode-generator';

/** Light modules around the code, which readers need (ISO/IEC 18004 §6.3.8). */
const quiet = 4;

export interface Qr {
  readonly box: string;
  readonly path: string;
}

export function qrOf(text: string): Qr {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const lines: string[] = [];
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (!code.isDark(row, column)) continue;
      let run = 1;
      while (column + run < count && code.isDark(row, column + run)) run += 1;
      lines.push(`M${column} ${row}h${run}v1h-${run}z`);
      column += run;
    }
  }
  const side = count + 2 * quiet;
  return { box: `${-quiet} ${-quiet} ${side} ${side}`, path: lines.join('') };
}
