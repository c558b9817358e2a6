/**
 * A chart of a few lines as SVG: axes with units, a legend in the order of the lines, colours for light and for dark
 * pages. Pure: the same chart gives the same bytes.
 */

export interface ChartLine {
  readonly name: string;
  /** Colour and dashes, 0..4: the same thing looks the same in every chart. */
  readonly look: number;
  /** [x, y] in the units of the axes, x ascending. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axis {
  /** What it shows, with its unit. */
  readonly title: string;
  readonly max: number;
}

export interface LineChart {
  readonly title: string;
  /** Both axes begin at 0. */
  readonly x: Axis;
  readonly y: Axis;
  /** The first is the one that matters: it is thick, and drawn above the others. */
  readonly lines: readonly ChartLine[];
  /** A level to compare with, drawn across. */
  readonly level?: { readonly name: string; readonly y: number };
}

/**
 * Colours on a light and on a dark page, told apart by people with colour blindness too (after Okabe and Ito); dashes
 * tell the lines apart without any colour.
 */
const palette = [
  { light: '#0060a0', dark: '#5cb3f2', dash: '' },
  { light: '#c04a00', dark: '#ff9a4d', dash: '' },
  { light: '#007a58', dark: '#3ccfa4', dash: '9 4' },
  { light: '#a3377a', dark: '#ec92c7', dash: '2 4' },
  { light: '#7a6400', dark: '#e3c84a', dash: '10 4 2 4' },
] as const;

const size = { width: 760, height: 420 };
const plot = { left: 64, top: 52, right: 520, bottom: 362 };
const legend = { left: 544, row: 24, sample: 30 };

/** The chart as an SVG document. Throws RangeError for a look that there is not, and for values beyond an axis. */
export function lineChart(chart: LineChart): string {
  checkChart(chart);
  const { title, x, y, lines, level } = chart;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escapeXml(title)}">`,
    `<title>${escapeXml(title)}</title>`,
    style(),
    `<rect class="page" width="${size.width}" height="${size.height}"/>`,
    `<text class="title" x="${plot.left}" y="30"${titleSize(title)}>${escapeXml(title)}</text>`,
    ...xTicks(x),
    ...yTicks(y),
    `<path class="axis" d="M${plot.left} ${plot.top}V${plot.bottom}H${plot.right}"/>`,
    ...(level === undefined ? [] : [levelLine(level.y, y)]),
    ...lines.map((line, i) => path(line.points, kind(line, i), chart)).reverse(),
    ...lines.map((line, i) => legendRow(line.name, i, kind(line, i))),
    ...(level === undefined ? [] : [legendRow(level.name, lines.length, 'level')]),
    '</svg>',
  ].join('\n')}\n`;
}

/** Round values from 0 up to `max`, at most six steps of 1, 2 or 5 times a power of ten. */
export function ticks(max: number): number[] {
  const power = 10 ** Math.floor(Math.log10(max / 6));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((wide) => max / wide <= 6 + 1e-9)!;
  // Divided where the step is a fraction, so that 3 steps of 0.1 are 0.3.
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, i) =>
    Number((i * step).toPrecision(12)),
  );
}

/** Classes of a line. */
function kind({ look }: ChartLine, index: number): string {
  return `line look${look}${index === 0 ? ' main' : ''}`;
}

/** Characters of a title that fit at its usual size of 16 px; longer ones are drawn smaller. */
const titleLength = 66;

function titleSize(title: string): string {
  const { length } = [...title];
  return length <= titleLength ? '' : ` style="font-size:${px((16 * titleLength) / length)}px"`;
}

function style(): string {
  const colours = (page: 'light' | 'dark'): string =>
    palette.map((colour, i) => `.look${i}{stroke:${colour[page]}}`).join('');
  const dashes = palette
    .map(({ dash }, i) => (dash === '' ? '' : `.look${i}{stroke-dasharray:${dash}}`))
    .join('');
  return [
    '<style>',
    'text{font:13px system-ui,"Segoe UI","DejaVu Sans",sans-serif;fill:#24292f}',
    '.title{font-size:16px;font-weight:600}',
    '.page{fill:#ffffff}.axis{fill:none;stroke:#57606a}.grid{stroke:#e1e5ea}',
    '.level{fill:none;stroke:#6e7781;stroke-width:1.5;stroke-dasharray:5 5}',
    `.line{fill:none;stroke-width:2.2;stroke-linejoin:round}.main{stroke-width:3}${dashes}`,
    colours('light'),
    '@media (prefers-color-scheme:dark){',
    'text{fill:#d8dee6}.page{fill:#14171c}.axis{stroke:#9aa4b0}.grid{stroke:#2b3138}.level{stroke:#9aa4b0}',
    colours('dark'),
    '}',
    '</style>',
  ].join('\n');
}

function xTicks(axis: Axis): string[] {
  const labels = ticks(axis.max).map((value) => {
    const at = px(toX(value, axis));
    return `<path class="axis" d="M${at} ${plot.bottom}v5"/><text x="${at}" y="${plot.bottom + 20}" text-anchor="middle">${value}</text>`;
  });
  const middle = (plot.left + plot.right) / 2;
  return [
    ...labels,
    `<text x="${middle}" y="${plot.bottom + 44}" text-anchor="middle">${escapeXml(axis.title)}</text>`,
  ];
}

function yTicks(axis: Axis): string[] {
  const labels = ticks(axis.max).map((value) => {
    const at = toY(value, axis);
    return `<path class="grid" d="M${plot.left} ${px(at)}H${plot.right}"/><text x="${plot.left - 8}" y="${px(at + 4.5)}" text-anchor="end">${value}</text>`;
  });
  const middle = (plot.top + plot.bottom) / 2;
  return [
    ...labels,
    `<text transform="translate(20 ${middle}) rotate(-90)" text-anchor="middle">${escapeXml(axis.title)}</text>`,
  ];
}

function levelLine(value: number, axis: Axis): string {
  return `<path class="level" d="M${plot.left} ${px(toY(value, axis))}H${plot.right}"/>`;
}

function path(points: ChartLine['points'], kind: string, { x, y }: LineChart): string {
  const corners = points.map((point) => `${px(toX(point[0], x))} ${px(toY(point[1], y))}`);
  return `<path class="${kind}" d="M${corners.join('L')}"/>`;
}

function legendRow(name: string, row: number, kind: string): string {
  const at = plot.top + 10 + row * legend.row;
  const end = legend.left + legend.sample;
  return `<path class="${kind}" d="M${legend.left} ${at}H${end}"/><text x="${end + 8}" y="${at + 4.5}">${escapeXml(name)}</text>`;
}

function toX(value: number, { max }: Axis): number {
  return plot.left + (value / max) * (plot.right - plot.left);
}

function toY(value: number, { max }: Axis): number {
  return plot.bottom - (value / max) * (plot.bottom - plot.top);
}

/** A coordinate with at most two decimals. */
function px(value: number): string {
  return String(Number(value.toFixed(2)));
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in XML; characters that XML cannot hold are left out. */
function escapeXml(text: string): string {
  return text.replace(/\p{Cc}/gu, '').replace(/[&<>"]/g, (character) => entities[character]!);
}

function checkChart({ x, y, lines, level }: LineChart): void {
  const within = (value: number, { max }: Axis): boolean => value >= 0 && value <= max;
  for (const { title, max } of [x, y])
    if (!(max > 0 && Number.isFinite(max))) throw new RangeError(`axis "${title}": ${max} is no end above 0`);
  for (const { name, look } of lines)
    if (palette[look] === undefined)
      throw new RangeError(`line "${name}": look ${look} is not within 0..${palette.length - 1}`);
  for (const { name, points } of [
    ...lines,
    ...(level === undefined ? [] : [{ name: level.name, points: [[0, level.y] as const] }]),
  ])
    for (const point of points)
      if (!(within(point[0], x) && within(point[1], y)))
        throw new RangeError(`line "${name}": the point [${point}] lies outside the chart`);
}
