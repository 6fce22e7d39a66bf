// The timeline of a report: registers as lanes, owners as colours, hits as triangles. Ctrl and the wheel, two fingers,
// or + and - zoom, dragging or the arrow keys move, 0 shows everything; what is pointed at is said below. Without this
// script there is a picture.
(() => {
  const LEFT = 130;
  const LANE = 22;
  const BAR = 14;
  const GAP = 10;
  const AXIS = 26;
  const LEAST_SPAN = 4;
  const MOST_LEGEND = 40;
  const TASK = '#d9d9d9';
  const TASK_INK = '#000000';

  const data = JSON.parse(document.getElementById('history').textContent);
  const place = document.getElementById('timeline');
  const text = (number) => (number < 0 ? undefined : data.texts[number]);
  const grouped = (number) => number.toLocaleString('en-US');

  // --- lanes, each with what is in it, in its order: so the ends of bars are in order too ---

  const lanes = [];
  const firsts = [];
  let below = GAP;
  // What happened beside hits has a lane where there is any.
  const marked = data.marks.some(([, , register]) => register < 0);
  const before = marked ? ['events', 'task'] : ['task'];
  for (const { name: cpu, registers } of data.cpus) {
    firsts.push(lanes.length);
    for (const [n, name] of [...before, ...registers].entries()) {
      lanes.push({ cpu, name, y: below + n * LANE + LANE - BAR, bars: [], marks: [], first: n === 0 });
    }
    below += (registers.length + before.length) * LANE + GAP;
  }
  const laneOf = (cpu, register) => lanes[firsts[cpu] + before.length + register];
  for (const [cpu, register, owner, from, to, what, task, end, by, key, name] of data.stays) {
    const whose = task < 0 ? '' : ` for ${text(task)}`;
    const why = `${text(end)}${by < 0 ? '' : ` by ${text(by)}`}`;
    laneOf(cpu, register)?.bars.push({
      from,
      to,
      colour: data.legend[key][0],
      ink: data.legend[key][2],
      name: text(name),
      label: () => `${text(owner)}: ${text(what)}${whose}, ${grouped(from)} to ${grouped(to)}, ${why}`,
    });
  }
  for (const [cpu, task, from, to] of data.runs) {
    const label = () => `${text(task)}, ${grouped(from)} to ${grouped(to)}`;
    lanes[firsts[cpu] + before.length - 1]?.bars.push({
      from,
      to,
      colour: TASK,
      ink: TASK_INK,
      name: text(task),
      label,
    });
  }
  for (const [count, cpu, register, what, kind] of data.marks) {
    const lane = register < 0 ? lanes[firsts[cpu]] : laneOf(cpu, register);
    lane?.marks.push({ to: count, colour: data.kinds[kind]?.[0], label: () => `${grouped(count)}: ${text(what)}` });
  }
  for (const { bars, marks } of lanes) {
    bars.sort((a, b) => a.from - b.from || a.to - b.to);
    marks.sort((a, b) => a.to - b.to);
  }

  /** The first of `items`, from `begin` on, that ends at or behind a count. */
  function firstFrom(items, count, begin = 0) {
    let low = begin;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (items[middle].to >= count) high = middle;
      else low = middle + 1;
    }
    return low;
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
  const range = document.createElement('p');
  range.className = 'range';
  const status = document.createElement('p');
  status.className = 'status';
  status.setAttribute('aria-live', 'polite');
  const hint =
    'Ctrl and the wheel, two fingers, or + and - zoom; drag or arrow keys move; 0 shows everything. Point at something to see what it is.';
  status.textContent = hint;

  function swatch(colour, words, shape) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    for (const side of ['width', 'height']) svg.setAttribute(side, '11');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', { box: 'M0 0h11v11h-11z', tick: 'M4 0h3v11h-3z', hit: 'M1 2h9l-4.5 8z' }[shape]);
    path.setAttribute('fill', colour);
    svg.append(path);
    const item = document.createElement('li');
    item.append(svg, words);
    legend.append(item);
  }

  for (const [colour, words] of data.legend.slice(0, MOST_LEGEND)) swatch(colour, words, 'box');
  if (data.legend.length > MOST_LEGEND) swatch('none', `and ${data.legend.length - MOST_LEGEND} more`, 'box');
  swatch(TASK, 'task', 'box');
  swatch('currentColor', 'hit', 'hit');
  for (const [colour, words] of data.kinds) swatch(colour, words, 'tick');
  place.replaceChildren(canvas, range, legend, status);

  let wide = 0;
  const measure = () => {
    wide = Math.max(canvas.clientWidth, LEFT + 50);
  };
  const xOf = (count) => LEFT + ((count - view.from) / (view.to - view.from)) * (wide - LEFT);
  const countAt = (x) => view.from + ((x - LEFT) / (wide - LEFT)) * (view.to - view.from);

  // --- drawing: of what has no pixel of its own one is drawn ---

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
    measure();
    const ratio = window.devicePixelRatio || 1;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d');
    context.scale(ratio, ratio);
    context.font = '11px sans-serif';
    context.textBaseline = 'middle';
    const ink = getComputedStyle(document.body).color;
    for (const lane of lanes) drawLane(context, lane, ink);
    drawAxis(context, ink);
    range.textContent = `${grouped(Math.round(view.from))} to ${grouped(Math.round(view.to))}: instructions, over all CPUs`;
  }

  function drawLane(context, { cpu, name, y, bars, marks, first }, ink) {
    context.fillStyle = ink;
    context.textAlign = 'right';
    context.fillText(name, LEFT - 8, y + BAR / 2, 64);
    context.textAlign = 'left';
    if (first) context.fillText(cpu, 4, y + BAR / 2, 66);
    context.fillStyle = '#88888822';
    context.fillRect(LEFT, y, wide - LEFT, BAR);
    for (let n = firstFrom(bars, view.from); n < bars.length && bars[n].from <= view.to; ) {
      const { from: begin, to: end, colour } = bars[n];
      const from = Math.max(xOf(begin), LEFT);
      const to = Math.min(xOf(end), wide);
      context.fillStyle = colour;
      context.fillRect(from, y, Math.max(to - from - (to - from > 3 ? 0.5 : 0), 1), BAR);
      if (to - from > 60) drawName(context, bars[n], from, to, y);
      n = next(bars, n, to);
    }
    for (let n = firstFrom(marks, view.from); n < marks.length && marks[n].to <= view.to; ) {
      const { to, colour } = marks[n];
      drawMark(context, xOf(to), y, colour, ink);
      n = next(marks, n, xOf(to));
    }
  }

  /** The first behind `n` that ends in another pixel than `x`. */
  function next(items, n, x) {
    const pixel = Math.floor(x) + 1;
    const following = items[n + 1];
    return following !== undefined && xOf(following.to) < pixel ? firstFrom(items, countAt(pixel), n + 2) : n + 1;
  }

  function drawName(context, { ink, name }, from, to, y) {
    context.fillStyle = ink;
    context.save();
    context.beginPath();
    context.rect(from, y, to - from - 3, BAR);
    context.clip();
    context.fillText(name, from + 4, y + BAR / 2);
    context.restore();
  }

  /** A hit points at its bar from above; what else happened is a tick. */
  function drawMark(context, x, y, colour, ink) {
    context.fillStyle = colour ?? ink;
    if (colour !== undefined) {
      context.fillRect(x - 1, y, 3, BAR);
      return;
    }
    context.beginPath();
    context.moveTo(x, y + 1);
    context.lineTo(x + 3.5, y - 6);
    context.lineTo(x - 3.5, y - 6);
    context.fill();
  }

  function drawAxis(context, ink) {
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

  function pan(pixels) {
    const counts = (pixels / (wide - LEFT)) * (view.to - view.from);
    show(view.from + counts, view.to + counts);
  }

  canvas.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey || event.metaKey) zoom(1.25 ** Math.sign(event.deltaY), countAt(event.offsetX));
      else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX || event.deltaY);
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
  // One pointer drags, two pinch.
  const held = new Map();
  canvas.addEventListener('pointerdown', (event) => {
    held.set(event.pointerId, event.offsetX);
    canvas.setPointerCapture(event.pointerId);
  });
  for (const name of ['pointerup', 'pointercancel'])
    canvas.addEventListener(name, (event) => held.delete(event.pointerId));
  canvas.addEventListener('pointermove', ({ pointerId, offsetX: x, offsetY }) => {
    const before = held.get(pointerId);
    if (before === undefined) {
      status.textContent = at(x, offsetY) ?? hint;
      return;
    }
    held.set(pointerId, x);
    const other = [...held].find(([id]) => id !== pointerId)?.[1];
    if (other !== undefined) {
      const apart = (one) => Math.max(Math.abs(one - other), 8);
      zoom(apart(before) / apart(x), countAt((before + other) / 2));
    }
    pan((before - x) / (other === undefined ? 1 : 2));
  });

  const KEYS = {
    ArrowLeft: () => pan(-(wide - LEFT) / 10),
    ArrowRight: () => pan((wide - LEFT) / 10),
    '+': () => zoom(0.8, (view.from + view.to) / 2),
    '-': () => zoom(1.25, (view.from + view.to) / 2),
    0: () => show(whole.from, whole.to),
  };
  canvas.addEventListener('keydown', (event) => {
    const act = KEYS[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });

  /** What is at a point of the canvas: the marks there, and the bar under them. */
  function at(x, y) {
    const lane = lanes.find((one) => y >= one.y - (LANE - BAR) && y < one.y + BAR);
    if (lane === undefined || x < LEFT) return undefined;
    const marks = [];
    let more = 0;
    const end = countAt(x + 3);
    for (let n = firstFrom(lane.marks, countAt(x - 3)); n < lane.marks.length && lane.marks[n].to <= end; n++) {
      if (marks.length < 5) marks.push(lane.marks[n].label());
      else more++;
    }
    if (more > 0) marks.push(`and ${more} more`);
    const count = countAt(x);
    const bar = lane.bars[firstFrom(lane.bars, count)];
    if (bar !== undefined && bar.from <= count) marks.push(bar.label());
    return marks.length === 0 ? undefined : marks.join('\n');
  }

  window.addEventListener('resize', redraw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  draw();
})();
