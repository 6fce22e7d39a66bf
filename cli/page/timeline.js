// The timeline of a report: registers as lanes, owners as colours, hits as triangles. Wheel or + and - zoom, dragging
// or the arrow keys move, 0 shows everything; what is pointed at is said below. Without this script there is a picture.
(() => {
  const LEFT = 130;
  const LANE = 20;
  const BAR = 15;
  const GAP = 10;
  const AXIS = 26;
  const LEAST_SPAN = 4;
  const MOST_LEGEND = 40;

  const data = JSON.parse(document.getElementById('history').textContent);
  const place = document.getElementById('timeline');
  const text = (number) => (number < 0 ? undefined : data.texts[number]);
  const grouped = (number) => number.toLocaleString('en-US');

  // --- lanes, each with what is in it, by where it begins ---

  const lanes = [];
  const firsts = [];
  let below = GAP;
  for (const { name: cpu, registers } of data.cpus) {
    firsts.push(lanes.length);
    for (const [n, name] of ['happened', 'task', ...registers].entries()) {
      lanes.push({ cpu, name, y: below + n * LANE, bars: [], marks: [], first: n === 0 });
    }
    below += (registers.length + 2) * LANE + GAP;
  }
  const laneOf = (cpu, register) => lanes[firsts[cpu] + 2 + register];
  for (const [cpu, register, owner, from, to, what, task, end, by, key] of data.stays) {
    const whose = task < 0 ? '' : ` for ${text(task)}`;
    const why = `${text(end)}${by < 0 ? '' : ` by ${text(by)}`}`;
    laneOf(cpu, register)?.bars.push({
      from,
      to,
      colour: data.legend[key][0],
      label: () => `${text(owner)}: ${text(what)}${whose}, ${grouped(from)} to ${grouped(to)}, ${why}`,
    });
  }
  for (const [cpu, task, from, to] of data.runs) {
    const label = () => `${text(task)}, ${grouped(from)} to ${grouped(to)}`;
    lanes[firsts[cpu] + 1]?.bars.push({ from, to, colour: '#9a9a9a', label });
  }
  for (const [count, cpu, register, what] of data.marks) {
    const lane = register < 0 ? lanes[firsts[cpu]] : laneOf(cpu, register);
    lane?.marks.push({ count, label: () => `${grouped(count)}: ${text(what)}` });
  }

  // --- what is shown ---

  const whole = { from: data.from, to: Math.max(data.to, data.from + LEAST_SPAN) };
  let view = { ...whole };
  const canvas = document.createElement('canvas');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute(
    'aria-label',
    'Timeline of debug registers: arrow keys move, plus and minus zoom, 0 shows everything; tables below say the same',
  );
  const height = below + GAP + AXIS;
  const legend = document.createElement('ul');
  legend.className = 'legend';
  const status = document.createElement('p');
  status.className = 'status';
  status.setAttribute('aria-live', 'polite');
  const hint =
    'Wheel or + and - zoom, drag or arrow keys move, 0 shows everything. Point at something to see what it is.';
  status.textContent = hint;

  function swatch(colour, words) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    for (const element of [svg, rect]) for (const side of ['width', 'height']) element.setAttribute(side, '11');
    rect.setAttribute('fill', colour);
    svg.append(rect);
    const item = document.createElement('li');
    item.append(svg, words);
    legend.append(item);
  }

  for (const [colour, words] of data.legend.slice(0, MOST_LEGEND)) swatch(colour, words);
  swatch('#9a9a9a', 'task');
  place.replaceChildren(canvas, legend, status);

  const width = () => Math.max(canvas.clientWidth, LEFT + 50);
  const xOf = (count) => LEFT + ((count - view.from) / (view.to - view.from)) * (width() - LEFT);
  const countAt = (x) => view.from + ((x - LEFT) / (width() - LEFT)) * (view.to - view.from);

  // --- drawing ---

  let wanted = false;
  function redraw() {
    if (wanted) return;
    wanted = true;
    requestAnimationFrame(() => {
      wanted = false;
      draw();
    });
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const wide = width();
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d');
    context.scale(ratio, ratio);
    context.font = '11px sans-serif';
    context.textBaseline = 'middle';
    const ink = getComputedStyle(document.body).color;
    for (const lane of lanes) drawLane(context, lane, wide, ink);
    drawAxis(context, wide, ink);
  }

  function drawLane(context, { cpu, name, y, bars, marks, first }, wide, ink) {
    context.fillStyle = ink;
    context.textAlign = 'right';
    context.fillText(name, LEFT - 8, y + BAR / 2, 70);
    context.textAlign = 'left';
    if (first) context.fillText(cpu, 4, y + BAR / 2, 66);
    context.fillStyle = '#88888822';
    context.fillRect(LEFT, y, wide - LEFT, BAR);
    let drawnTo = Number.NEGATIVE_INFINITY;
    for (const bar of bars) {
      if (bar.to < view.from || bar.from > view.to) continue;
      const from = Math.max(xOf(bar.from), LEFT);
      const to = Math.min(xOf(bar.to), wide);
      // Of those that have no pixel of their own one is drawn.
      if (to <= drawnTo) continue;
      drawnTo = Math.max(to, from + 1);
      context.fillStyle = bar.colour;
      context.fillRect(from, y, Math.max(to - from - (to - from > 3 ? 0.5 : 0), 1), BAR);
      if (to - from > 60) {
        context.fillStyle = '#ffffff';
        context.save();
        context.beginPath();
        context.rect(from, y, to - from - 3, BAR);
        context.clip();
        context.fillText(bar.label(), from + 4, y + BAR / 2);
        context.restore();
      }
    }
    context.fillStyle = ink;
    let marked = Number.NEGATIVE_INFINITY;
    for (const { count } of marks) {
      const x = xOf(count);
      if (x < LEFT || x > wide || Math.abs(x - marked) < 1) continue;
      marked = x;
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + 3, y - 4);
      context.lineTo(x - 3, y - 4);
      context.fill();
    }
  }

  function drawAxis(context, wide, ink) {
    const rough = Math.max((view.to - view.from) / Math.max(2, Math.floor((wide - LEFT) / 110)), 1);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough);
    const y = height - AXIS;
    context.fillStyle = ink;
    context.strokeStyle = ink;
    context.textAlign = 'center';
    context.beginPath();
    context.moveTo(LEFT, y + 0.5);
    context.lineTo(wide, y + 0.5);
    for (let count = Math.ceil(view.from / step) * step; count <= view.to; count += step) {
      const x = xOf(count);
      context.moveTo(x, y);
      context.lineTo(x, y + 4);
      context.fillText(grouped(count), Math.min(x, wide - 20), y + 14);
    }
    context.stroke();
  }

  // --- moving ---

  function show(from, to) {
    const most = whole.to - whole.from;
    const span = Math.min(Math.max(to - from, LEAST_SPAN), most);
    const begin = Math.min(Math.max(from, whole.from), whole.to - span);
    view = { from: begin, to: begin + span };
    redraw();
  }

  function zoom(factor, around) {
    show(around - (around - view.from) * factor, around + (view.to - around) * factor);
  }

  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, countAt(event.offsetX));
    },
    { passive: false },
  );
  let dragged;
  canvas.addEventListener('pointerdown', (event) => {
    dragged = { x: event.offsetX, view };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointerup', () => {
    dragged = undefined;
  });
  canvas.addEventListener('pointermove', (event) => {
    if (dragged === undefined) {
      status.textContent = at(event.offsetX, event.offsetY) ?? hint;
      return;
    }
    const span = dragged.view.to - dragged.view.from;
    const moved = ((event.offsetX - dragged.x) / (width() - LEFT)) * span;
    show(dragged.view.from - moved, dragged.view.to - moved);
  });

  const KEYS = {
    ArrowLeft: () => show(view.from - (view.to - view.from) / 10, view.to - (view.to - view.from) / 10),
    ArrowRight: () => show(view.from + (view.to - view.from) / 10, view.to + (view.to - view.from) / 10),
    '+': () => zoom(0.8, (view.from + view.to) / 2),
    '-': () => zoom(1.25, (view.from + view.to) / 2),
    0: () => show(whole.from, whole.to),
  };
  canvas.addEventListener('keydown', (event) => {
    const act = KEYS[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });

  /** What is at a point of the canvas: the marks there, and the bar under them. */
  function at(x, y) {
    const lane = lanes.find((one) => y >= one.y - 4 && y < one.y + BAR);
    if (lane === undefined || x < LEFT) return undefined;
    const count = countAt(x);
    const marks = lane.marks.filter((mark) => Math.abs(xOf(mark.count) - x) <= 3);
    const bar = lane.bars.find(({ from, to }) => from <= count && count <= to);
    const lines = marks.slice(0, 5).map(({ label }) => label());
    if (marks.length > 5) lines.push(`and ${marks.length - 5} more`);
    if (bar !== undefined) lines.push(bar.label());
    return lines.length === 0 ? undefined : lines.join('\n');
  }

  window.addEventListener('resize', redraw);
  draw();
})();
