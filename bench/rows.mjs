const [file, ...names] = process.argv.slice(2);
const m = await import(file);
for (const n of names) for (const r of await m[n]()) console.log(r.what, '|', r.missing ?? `${r.figure.median.toFixed(2)} (${r.figure.min.toFixed(2)}..${r.figure.max.toFixed(2)}) ${r.unit} target ${r.target} ${r.note ?? ''}`);
